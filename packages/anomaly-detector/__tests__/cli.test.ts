import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { normalRandom, seededRandom } from "../bench/random";
import { describe as inWords, detect, type DetectOptions, type Summary } from "../src/cli/detect";
import { plot } from "../src/cli/plot";
import { timeTicks, valueTicks } from "../src/cli/svg";
import { checkConfiguration, type Configuration } from "../src/configuration";
import { buildPrograms, type Programs } from "./helpers/build";
import { sumOfMagnitudes } from "./helpers/onnx";

type Line = Record<string, unknown>;

function configuration(desired: unknown = {}): Configuration {
  const checked = checkConfiguration(desired);
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return checked.configuration;
}

async function run(
  text: string,
  options: DetectOptions = {},
): Promise<{ lines: Line[]; summary: Summary; notes: string[] }> {
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  const notes: string[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  const summary = await detect(Readable.from([Buffer.from(text)]), output, {
    ...options,
    onNote: (note) => notes.push(note),
  });
  const lines = Buffer.concat(chunks)
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  return { lines: lines.map((line) => JSON.parse(line) as Line), summary, notes };
}

const LIMITED = configuration({ limits: { temperature: { high: 80 } } });
const START = Date.parse("2026-01-05T08:00:00Z");
const normal = normalRandom(seededRandom(9));
const MESSAGES = Array.from({ length: 400 }, (_, i) =>
  JSON.stringify({ machine: { temperature: i === 399 ? 90 : 21 + normal() }, timeCreated: START + i * 5000 }),
);

describe("JSON lines", () => {
  test("become verdicts, each with its output, and a summary", async () => {
    const { lines, summary } = await run(["not JSON", "", ...MESSAGES].join("\n"), { configuration: LIMITED });
    expect(lines[0]).toEqual({ output: "deadLetter", line: 1, reason: "message is no JSON" });
    expect(lines.filter(({ output }) => output === "scoredOutput")).toHaveLength(400);
    expect(lines).toContainEqual(expect.objectContaining({ output: "anomalyOutput", phase: "opened", value: 90 }));
    // The recording ends while the episode is open.
    expect(lines.at(-1)).toMatchObject({ phase: "closed", reason: "ended" });
    expect(summary).toMatchObject({ messages: 401, scored: 400, rejected: 1, machines: 1 });
    expect(inWords(summary)).toMatch(
      /^401 messages: 400 scored of 1 machine, 2026-01-05T08:00:00.000Z to 2026-01-05T08:33:15.000Z\n/,
    );
    expect(inWords(summary)).toContain("1 rejected:\n  1 × message is no JSON");
  });

  test("may begin with a byte order mark and end with carriage returns", async () => {
    const { summary } = await run(`\uFEFF${MESSAGES.slice(0, 3).join("\r\n")}\r\n`, { configuration: LIMITED });
    expect(summary).toMatchObject({ messages: 3, scored: 3 });
  });

  test("of any length are read; those that are too long are dead letters", async () => {
    const { lines } = await run(`${"x".repeat(1_000_000)}\n${MESSAGES[0] ?? ""}\n`, { format: "ndjson" });
    expect(lines[0]).toMatchObject({ output: "deadLetter", reason: "line has 1000000 bytes; at most 65536 are taken" });
    expect(lines[1]).toMatchObject({ output: "scoredOutput" });
  });

  test("of the past and the future have their own times", async () => {
    const far = JSON.stringify({ machine: { temperature: 1 }, timeCreated: "2199-01-01T00:00:00Z" });
    const { lines } = await run(far);
    expect(lines[0]).toMatchObject({ eventTime: "2199-01-01T00:00:00.000Z" });
  });
});

describe("CSV", () => {
  const CSV = "timestamp,value,note\n2014-04-01 00:00:00,20.5,a\n2014-04-01 00:05:00,,b\n2014-04-01 00:10:00,21,c\n";

  test("says by its header what is measured", async () => {
    const { lines, summary, notes } = await run(`\uFEFF${CSV}`);
    expect(notes[0]).toBe("signals: value; time: timestamp (from the header; --config decides otherwise)");
    expect(lines[0]).toMatchObject({
      output: "scoredOutput",
      eventTime: "2014-04-01T00:00:00.000Z",
      signals: { value: { value: 20.5 } },
    });
    expect(lines[1]).toMatchObject({
      output: "deadLetter",
      line: 3,
      reason: "message has none of the configured signals",
    });
    expect(summary).toMatchObject({ scored: 2, rejected: 1 });
  });

  test("takes paths in its header where a configuration names them", async () => {
    const csv = "machine.temperature;machine.id;timeCreated\n400;press-1;2026-01-05T08:00:00Z\n";
    const { lines } = await run(csv, {
      configuration: configuration({ machineIdPath: "machine.id", limits: { temperature: { high: 80 } } }),
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ output: "anomalyOutput", machineId: "press-1", value: 400 }),
    );
  });

  test("with times in seconds is understood", async () => {
    const { lines } = await run("time\tflow\n1700000000\t1\n1700000001\t2\n");
    expect(lines[1]).toMatchObject({ eventTime: "2023-11-14T22:13:21.000Z", signals: { flow: { value: 2 } } });
  });

  test("with a row of more than 64 KB ends with a reason", async () => {
    await expect(run(`time,a\n1700000000,${"9".repeat(100_000)}\n`)).rejects.toThrow(/^the CSV file cannot be read: /);
  });
});

async function verdicts(
  text = MESSAGES.join("\n"),
  options: DetectOptions = { configuration: LIMITED },
): Promise<string[]> {
  return (await run(text, options)).lines.map((line) => JSON.stringify(line));
}

function svgOf(lines: readonly string[], machine?: string): string {
  const chart = plot(lines, machine);
  if (!chart.ok) throw new Error(chart.reason);
  return chart.svg;
}

describe("the chart", () => {
  test("has readings, the expected range, axes with ticks, shaded episodes and alerts", async () => {
    const svg = svgOf(await verdicts());
    expect(svg).toMatch(/^<svg /);
    expect(svg).toMatch(/<polyline class="value" points="[\d., ]+"\/>/);
    expect(svg).toMatch(/<polygon class="expected" points="[\d., ]+"\/>/);
    expect(svg).toMatch(/<rect class="episode" .*<title>2026-01-05T08:33:15.000Z/);
    expect(svg).toMatch(/<line class="alert"/);
    expect([...svg.matchAll(/class="time" [^>]*>([^<]*)</g)].map(([, label]) => label)).toEqual(
      ["08:00", "08:05", "08:10", "08:15", "08:20", "08:25", "08:30"].map((time) => `01-05 ${time}`),
    );
    expect([...svg.matchAll(/class="value-tick" [^>]*>([^<]*)</g)].map(([, label]) => label)).toEqual([
      "20",
      "40",
      "60",
      "80",
    ]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("of an episode that has not ended goes on to the end", () => {
    const at = (i: number): string => new Date(START + i * 60_000).toISOString();
    const scored = Array.from({ length: 11 }, (_, i) =>
      JSON.stringify({ output: "scoredOutput", machineId: "m", eventTime: at(i), signals: { a: { value: i } } }),
    );
    const alert = {
      output: "anomalyOutput",
      machineId: "m",
      eventTime: at(5),
      startedAt: at(5),
      signals: ["a"],
      signal: "a",
      phase: "opened",
      episodeId: "e",
      detector: "plant",
      explanation: "x",
      severity: "warning",
    };
    const bar = (lines: readonly string[]): number =>
      Number(/class="episode" x="[\d.]+" y="\d+" width="([\d.]+)"/.exec(svgOf(lines))?.[1]);
    expect(bar([...scored, JSON.stringify(alert)])).toBe(550);
    const closed = { ...alert, phase: "closed", eventTime: at(6) };
    expect(bar([...scored, JSON.stringify(alert), JSON.stringify(closed)])).toBe(110);
  });

  test.each([
    ["no verdicts", ["> npm's banner", "", "{}", '{"machine":{"temperature":1}}'], /no verdicts/],
    ["an empty file", [], /no verdicts/],
    ["dead letters only", ['{"output":"deadLetter","reason":"x"}'], /dead letters only/],
  ])("is refused for %s", (_name, lines, reason) => {
    expect(plot(lines)).toEqual({ ok: false, reason: expect.stringMatching(reason) as string });
  });

  test("of a machine that is not in the file is refused with those that are", async () => {
    expect(plot(await verdicts(), "press-9")).toMatchObject({
      reason: "it has no scored message of machine press-9; machines: device",
    });
  });

  test("counts lines that are none", async () => {
    expect(plot(["> banner", ...(await verdicts())])).toMatchObject({ ok: true, skipped: 1 });
  });

  test("takes names from messages as text, never as markup", () => {
    const machineId = "<script>alert(1)</script>";
    const scored = {
      output: "scoredOutput",
      machineId,
      eventTime: "2026-01-05T08:00:00Z",
      signals: { a: { value: 1 } },
    };
    const svg = svgOf([JSON.stringify(scored)]);
    expect(svg).not.toContain("<script>");
    expect(svg).toContain("&#60;script&#62;");
  });

  test("of a long series keeps its extremes", () => {
    const lines = Array.from({ length: 50_000 }, (_, i) =>
      JSON.stringify({
        output: "scoredOutput",
        machineId: "m",
        eventTime: new Date(i * 1000).toISOString(),
        signals: { a: { value: i === 31_415 ? 777 : i % 10 } },
      }),
    );
    const points = (/class="value" points="([^"]*)"/.exec(svgOf(lines))?.[1] ?? "").split(" ");
    expect(points.length).toBeLessThanOrEqual(2002);
    const heights = points.map((point) => Number(point.split(",")[1]));
    // Higher on the page is a smaller y: one point is far above the others.
    expect(heights.filter((height) => height < 100)).toHaveLength(1);
  });
});

test("ticks are at whole steps", () => {
  expect(valueTicks(0.2, 9.7, 5)).toEqual([2, 4, 6, 8]);
  expect(valueTicks(-0.03, 0.021, 5)).toEqual([-0.02, 0, 0.02]);
  expect(valueTicks(5, 5, 5)).toEqual([5]);
  expect(
    timeTicks(Date.UTC(2026, 0, 5, 7, 59), Date.UTC(2026, 0, 5, 9, 1), 5).ticks.map((tick) =>
      new Date(tick).toISOString().slice(11, 16),
    ),
  ).toEqual(["08:00", "08:15", "08:30", "08:45", "09:00"]);
});

describe("the command", () => {
  let programs: Programs;
  let folder: string;
  beforeAll(() => {
    programs = buildPrograms();
    folder = mkdtempSync(join(tmpdir(), "cli-"));
  });
  afterAll(() => {
    programs.remove();
    rmSync(folder, { recursive: true });
  });
  const detector = (args: readonly string[], input = ""): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [programs.cli, ...args], { input, encoding: "utf8" });
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test("reads standard input or a file, and sums up on standard error", () => {
    const config = file("config.json", '\uFEFF{"limits":{"temperature":{"high":80}}}');
    const piped = detector(["--config", config], MESSAGES.join("\n"));
    expect(piped).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^400 messages: 400 scored of 1 machine/) as string,
    });
    const named = detector(["--config", config, "--quiet", file("messages.ndjson", MESSAGES.join("\n"))]);
    expect(named).toMatchObject({ status: 0, stderr: "", stdout: piped.stdout });
    const chart = join(folder, "chart.svg");
    expect(detector(["plot", file("verdicts.ndjson", piped.stdout), "--out", chart])).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  test.each([
    ["an unknown option", ["--no-such"], /Unknown option '--no-such'/],
    ["an option without its value", ["--config"], /--config/],
    ["a file that is not there", ["nowhere.csv"], /nowhere.csv/],
    ["two files", ["a", "b"], /one file at most/],
    ["two configurations", ["--config", "a", "--env", "dev"], /either --config or --env/],
    ["an environment that is no name", ["--env", "../x"], /no name of an environment/],
    ["an unknown format", ["--format", "xml"], /ndjson or csv/],
    ["a chart without its name", ["plot", "a"], /--out CHART.svg/],
  ])("refuses %s in one message", (_name, args, reason) => {
    const { status, stderr } = detector(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("refuses a configuration with all its errors, and a chart of what is no verdict", () => {
    const config = file("wrong.json", '{"cooldownMessages": -1, "extra": 1}');
    expect(detector(["--config", config]).stderr).toMatch(/wrong.json:\n.*extra is 1.*\n.*cooldownMessages is -1/);
    const chart = detector(["plot", file("messages.ndjson", MESSAGES.join("\n")), "--out", join(folder, "x.svg")]);
    expect(chart).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/messages.ndjson: it has no verdicts/) as string,
    });
  });

  test("asks the model that the configuration names, from the folder that keeps models", () => {
    const bytes = sumOfMagnitudes(2, 1);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(folder, `${sha256}.onnx`), bytes);
    const desired = {
      signals: { temperature: "machine.temperature" },
      detectors: { plant: { enabled: false }, onnx: { enabled: true, confidence: 99 } },
      model: { uri: "https://localhost:1/x.onnx", sha256, version: "7", window: 2 },
    };
    const config = file("model.json", JSON.stringify(desired));
    const { status, stdout, stderr } = detector(["--config", config, "--models", folder], MESSAGES.join("\n"));
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^400 messages: 400 scored/)]);
    const last = JSON.parse(
      stdout
        .trim()
        .split("\n")
        .filter((line) => line.includes("scoredOutput"))
        .at(-1) ?? "",
    ) as Line;
    expect(last).toMatchObject({ modelVersion: "7", detectors: { onnx: { isAnomaly: true } } });
    const gone = file("gone.json", JSON.stringify({ ...desired, model: { ...desired.model, sha256: "0".repeat(64) } }));
    expect(detector(["--config", gone, "--models", folder])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^model 7: connect ECONNREFUSED/) as string,
    });
  });

  test("has help", () => {
    expect(detector(["--help"])).toMatchObject({ status: 0, stdout: expect.stringMatching(/--env ENV/) as string });
  });
});
