import { PassThrough, Readable } from "node:stream";
import { normalRandom, seededRandom } from "../bench/random";
import { detect } from "../src/cli/detect";
import { plot } from "../src/cli/plot";
import { checkConfiguration } from "../src/configuration";

async function run(lines: readonly string[]): Promise<string[]> {
  const checked = checkConfiguration({});
  if (!checked.ok) throw new Error("defaults");
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  await detect(Readable.from(lines.map((line) => `${line}\n`)), output, checked.configuration);
  return Buffer.concat(chunks).toString().trim().split("\n");
}

const normal = normalRandom(seededRandom(9));
const MESSAGES = Array.from({ length: 400 }, (_, i) =>
  JSON.stringify({
    machine: { temperature: i === 399 ? 90 : 21 + normal() },
    timeCreated: Date.parse("2026-01-05T08:00:00Z") + i * 5000,
  }),
);

test("lines of messages become lines of verdicts, each with its output", async () => {
  const lines = (await run(["not JSON", "", ...MESSAGES])).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toEqual({ output: "deadLetter", line: 1, reason: "message is no JSON" });
  expect(lines.filter(({ output }) => output === "scoredOutput")).toHaveLength(400);
  expect(lines).toContainEqual(expect.objectContaining({ output: "anomalyOutput", phase: "opened", value: 90 }));
  // The recording ends while the episode is open.
  expect(lines.at(-1)).toMatchObject({ phase: "closed", explanation: "over: the recording ended" });
});

test("the chart has a line, a band and an upright for the alert", async () => {
  const { svg, skipped } = plot(await run(MESSAGES));
  expect(skipped).toBe(0);
  expect(svg).toMatch(/^<svg /);
  expect(svg).toMatch(/<polyline class="value" points="[\d., ]+"\/>/);
  expect(svg).toMatch(/<polygon class="expected" points="[\d., ]+"\/>/);
  expect(svg).toMatch(/<line class="alert".*expected/);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test("a chart of nothing says so", () => {
  const { svg, skipped } = plot(["> npm's banner", "", "{}", '{"output":"deadLetter"}']);
  expect(skipped).toBe(2);
  expect(svg).toContain("no scored messages");
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test("names from messages are text in the chart, never markup", () => {
  const machineId = "<script>alert(1)</script>";
  const scored = { output: "scoredOutput", machineId, eventTime: "2026-01-05T08:00:00Z", signals: { a: { value: 1 } } };
  const { svg } = plot([JSON.stringify(scored)]);
  expect(svg).not.toContain("<script>");
  expect(svg).toContain("&#60;script&#62;");
});

test("a long series is thinned and keeps its extremes", () => {
  const lines = Array.from({ length: 50_000 }, (_, i) =>
    JSON.stringify({
      output: "scoredOutput",
      machineId: "m",
      eventTime: new Date(i * 1000).toISOString(),
      signals: { a: { value: i === 31_415 ? 777 : i % 10 } },
    }),
  );
  const { svg } = plot(lines);
  expect(svg).toContain(">777.0<");
  expect((/class="value" points="([^"]*)"/.exec(svg)?.[1] ?? "").split(" ").length).toBeLessThanOrEqual(2002);
});
