import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifest } from "../../stacks/commands/manifest";
import { RULES } from "@edge-anomaly-detection/edge-manifest-tools";
import { contentOf, moduleOf } from "../../packages/edge-manifest-tools/__tests__/manifests";
import { listenToConsole } from "../support/console";

const { printed, complained } = listenToConsole();
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "manifest-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, content: unknown): string => {
  const file = join(folder, name);
  writeFileSync(
    file,
    typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content, undefined, 2),
  );
  return file;
};
const text = (): string => printed.join("\n");
const faulty = { modulesContent: contentOf({ routes: { r: "FROM /* WHERE a == 'b' INTO $upstream" } }) };

test("prints the place in the file, what is wrong, where in the route, and what to do", () => {
  const file = write("a.json", faulty);
  expect(manifest(["check", file])).toBe(1);
  expect(text()).toBe(
    [
      `${file}:60:16: error at /modulesContent/$edgeHub/properties.desired/routes/r`,
      `  the route "FROM /* WHERE a == 'b' INTO $upstream" cannot be parsed: expected a value, found = at character 18; the edge hub refuses all routes`,
      "    FROM /* WHERE a == 'b' INTO $upstream",
      `    ${" ".repeat(17)}^`,
      "  do: write = once: a == b is a = b here [route-text]",
      "1 file: 1 error, 0 warnings",
    ].join("\n"),
  );
});

test("a folder is every manifest in it, and in its folders", () => {
  write("base.json", { modulesContent: contentOf() });
  write("package.json", { name: "x" });
  write("broken.json", '{"modulesContent": {');
  write("readme.md", "modulesContent");
  mkdirSync(join(folder, "layers"));
  write(
    "layers/layer.json",
    Buffer.from(JSON.stringify({ modulesContent: { m: { "properties.desired.a": 1 } } }), "utf16le"),
  );
  mkdirSync(join(folder, "node_modules"));
  write("node_modules/other.json", faulty);
  expect(manifest(["check", folder])).toBe(1);
  expect(text()).toBe(
    [
      `${join(folder, "broken.json")}: error: the file is no JSON: a } is missing, line 1 column 21`,
      "3 files: 1 unreadable, 0 errors, 0 warnings",
    ].join("\n"),
  );
});

test("a folder without manifests, and a file that is not there, are told", () => {
  write("package.json", { name: "x" });
  expect(manifest(["check", folder, join(folder, "nothing.json")])).toBe(1);
  expect(text()).toContain(`${folder}: error: there is no manifest in this folder`);
  expect(text()).toContain("nothing.json: error: there is no such file");
});

test("a template is known by its file's name", () => {
  const template = { modulesContent: contentOf({ createOptions: {} }) };
  expect(manifest(["check", write("deployment.debug.template.json", template)])).toBe(0);
  expect(manifest(["check", write("deployment.json", template)])).toBe(1);
});

test("--json has the findings with their places", () => {
  expect(manifest(["check", "--json", write("a.json", faulty)])).toBe(1);
  expect(JSON.parse(text())).toMatchObject([
    {
      file: join(folder, "a.json"),
      findings: [{ severity: "error", rule: "route-text", region: { startLine: 60, startColumn: 16 } }],
    },
  ]);
});

describe("--sarif", () => {
  interface Result {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly message: { readonly text: string };
    readonly locations: readonly {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: Readonly<Record<string, number>>;
      };
    }[];
  }
  interface Sarif {
    readonly version: string;
    readonly $schema: string;
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly Result[];
    }[];
  }
  const sarif = (...args: string[]): Sarif => {
    manifest(["check", "--sarif", ...args]);
    return JSON.parse(text()) as Sarif;
  };

  test("has what SARIF 2.1.0 requires, and rules with help", () => {
    const { version, $schema, runs } = sarif(write("a.json", faulty), write("b.json", "{"));
    expect([version, $schema.includes("2.1.0"), runs.length]).toEqual(["2.1.0", true, 1]);
    const [run] = runs;
    expect(run?.tool.driver.name).toBe("manifest");
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(Object.keys(RULES));
    expect(run?.tool.driver.rules[0]).toEqual({
      id: "agent-missing",
      shortDescription: { text: RULES["agent-missing"] },
      help: { text: RULES["agent-missing"] },
    });
    expect(run?.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ["route-text", "error"],
      ["unreadable", "error"],
    ]);
    for (const { ruleId, ruleIndex, locations } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      const region = locations[0]?.physicalLocation.region ?? {};
      expect(Object.values(region).every((number) => Number.isInteger(number) && number >= 1)).toBe(true);
    }
    expect(run?.results[0]?.locations[0]?.physicalLocation.region).toEqual({
      startLine: 60,
      startColumn: 16,
      endLine: 60,
      endColumn: 55,
    });
  });

  test("names files by URIs", () => {
    const { runs } = sarif("./no such ünit.json", write("a.json", faulty));
    const uris = runs[0]?.results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri);
    expect(uris).toEqual(["no%20such%20%C3%BCnit.json", `file://${join(folder, "a.json")}`]);
  });

  test("and --json are one too many", () => {
    expect(manifest(["check", "--sarif", "--json", "x"])).toBe(2);
    expect(complained.join("\n")).toMatch(/^use --json or --sarif\n/);
  });
});

test("neither names nor files can forge lines of a log", () => {
  const forged = "\n::error::x\u001b[31m\u202e ##[error]x ##vso[task.complete]\n1 file: 0 errors, 0 warnings";
  const content = { modulesContent: contentOf({ modules: { [forged]: moduleOf(forged, { [forged]: 1 }) } }) };
  const file = write("a.json", content);
  for (const args of [[], ["--json"], ["--sarif"]]) {
    printed.length = 0;
    manifest(["check", ...args, file, "::error::no\n::warning::file"]);
    const lines = text().split("\n");
    expect(lines.filter((line) => /^\s*::|\u001b|\u202e|^1 file: 0 errors/.test(line))).toEqual([]);
    if (args.length === 0) {
      expect(lines.filter((line) => /##\[|##vso/.test(line))).toEqual([]);
      expect(lines.at(-1)).toMatch(/^2 files: 1 unreadable, \d+ errors, \d+ warnings$/);
    }
  }
});

test.each([["--help"], ["-h"]])("%s prints how to use it", (flag) => {
  expect(manifest([flag])).toBe(0);
  expect(text()).toContain("check PATH... [--json | --sarif]");
});

test.each([
  [[], "missing subcommand: check or print"],
  [["check"], "name at least one file or folder"],
  [["mend"], "unknown subcommand mend"],
  [["check", "--all"], "unknown argument --all"],
])("%j is refused", (args, reason) => {
  expect(manifest(args)).toBe(2);
  expect(complained.join("\n").split("\n")[0]).toBe(reason);
});
