import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Ended, RepositoryCopy } from "../support/repository-copy";

// Each test compiles the application and checks its types.
jest.setTimeout(180_000);

const ENVIRONMENTS = join(__dirname, "../../environments");
const ERRORS =
  /^(configuration|policy): \d+ validation errors?\n( {2}\S[^\n]* is [^\n]*\n {4}allowed: [^\n]+\n {4}do: {6}[^\n]+\n)+$/;

let copy: RepositoryCopy;

beforeAll(() => {
  copy = new RepositoryCopy();
});

afterAll(() => {
  copy.remove();
});

afterEach(() => {
  rmSync(join(copy.root, "environments"), { recursive: true });
  cpSync(ENVIRONMENTS, join(copy.root, "environments"), { recursive: true });
});

const read = (name: string): string => readFileSync(join(copy.root, "environments", name), "utf8");
const write = (name: string, text: string): void => {
  writeFileSync(join(copy.root, "environments", name), text);
};
const synth = (): Ended => copy.run("npm", "run", "synth", "--silent");
const list = (...names: readonly string[]): void => {
  const imports = names.map((name) => `import { ${name} } from "./${name}";\n`).join("");
  write("index.ts", imports + read("index.ts").replace("[dev,", `[${names.join(", ")}, dev,`));
};

/** Another environment: what docs/environments.md says to do, which is to copy one and to change it. */
const copyOf = (file: string, name: string): string =>
  read(`${file}.ts`)
    .replaceAll(new RegExp(`\\b${file}\\b`, "g"), name)
    .replace(/code: "[^"]*"/, `code: "${name.replace("lant", "l")}"`);
const plant7 = (change: (text: string) => string): void => {
  write("plant7.ts", change(copyOf("dev", "plant7")));
};

test("the validation errors in docs/environments.md are what synth prints", () => {
  const page = readFileSync(join(__dirname, "../../docs/environments.md"), "utf8");
  const [, shown] = /```\n(configuration: [^]*?)```/.exec(page) ?? [];
  plant7((text) =>
    text.replace('"westeurope"', '"West Europe"').replace("  keyVault:", '  hub: { sku: "B1" },\n  keyVault:'),
  );
  list("plant7");
  const { status, stdout, stderr } = synth();
  expect(stderr).toBe(shown);
  expect(stdout).toBe("");
  expect(status).toBe(1);
});

test("the compiler's validation errors and ours come together, each once, from every file", () => {
  plant7((text) =>
    text
      .replace("monthlyAmount: 150", 'monthlyAmount: "150"')
      .replace('backend: { kind: "local" },', 'backend: { kind: "local" }, hub: { unit: 2, units: lots },')
      .replace("simulatedSensorSeconds: 5", "simulatedSensorSeconds: 5, timeToLiveSeconds: -1"),
  );
  list("plant7");
  write("staging.ts", read("staging.ts").replace('location: "westeurope",', 'location: "westeurop" backend'));
  write("prod.ts", read("prod.ts").replace("softDeleteDays: 30", "softDeleteDays: 3000"));
  const { status, stderr } = synth();
  expect(status).toBe(1);
  expect(stderr).toMatch(ERRORS);
  const places = [...stderr.matchAll(/^ {2}environments\/(\S+:\d+): (\S+) is/gm)].map(([, file, path]) => [file, path]);
  expect(places).toEqual(
    expect.arrayContaining([
      [expect.stringMatching(/^plant7\.ts:/), "plant7.hub.units"],
      [expect.stringMatching(/^staging\.ts:/), expect.any(String)],
      [expect.stringMatching(/^prod\.ts:/), "prod.lake.softDeleteDays"],
    ]),
  );
  expect(new Set(places.map(String)).size).toBe(places.length);
});

test("an environment that is in no index is a warning, whatever is wrong with it", () => {
  plant7((text) => text);
  const { status, stdout } = copy.run("npm", "run", "-s", "policy");
  expect(stdout).toMatch(/^warning: configuration: environments\/plant7\.ts .*\[unlisted-environment\]$/m);
  expect(status).toBe(0);
});

/** What happens to text in an editor. */
const slip = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("literal", "literal", "literal", "line", "character", "name", "insert", "top"),
  by: fc.constantFrom(
    ..."undefined null 150 -1 true NaN 10n Symbol() /x/ westeurope [] {} [,] () (x) => new Date() process.env.HOME".split(
      " ",
    ),
    "(() => { throw new Error('at load'); })()",
    "(() => { const a: any = {}; a.a = a; return a; })()",
    "{ get x(): never { throw new TypeError('x'); } }",
    'JSON.parse(\'{"__proto__":1,"constructor":2}\')',
    '"https://x.blob.core.windows.net/?sv=1&sig=Aa0%2Bsecret"',
  ),
  top: fc.constantFrom(
    'import { nothing } from "./nowhere";',
    'import "./prod";',
    "throw undefined;",
    "const loop: unknown = loop;",
    "export default 1;",
    "}",
  ),
});

function slipped(text: string, { at, how, by, top }: { at: number; how: string; by: string; top: string }): string {
  const pick = (pattern: RegExp, to: (found: string) => string): string => {
    const found = [...text.matchAll(pattern)];
    const one = found[at % Math.max(1, found.length)];
    return one === undefined ? text : text.slice(0, one.index) + to(one[0]) + text.slice(one.index + one[0].length);
  };
  switch (how) {
    case "literal":
      return pick(/(?<=: )("[^"\n]*"|\d[\d_]*|true|false)/g, () => by);
    case "line":
      return pick(/^ .*\n/gm, () => "");
    case "character":
      return pick(/[{}[\](),:"]/g, () => "");
    case "name":
      return pick(/\b\w+(?=: )/g, (name) => `${name}s`);
    case "insert":
      return pick(/^ {2}\w+: /gm, (name) => `  ${["toString", "__proto__", "nothing"][at % 3] ?? ""}: ${by},\n${name}`);
    default:
      return at % 2 === 0 ? `${top}\n${text}` : `${text}\n${top}\n`;
  }
}

// One compilation for all of them: each file is reported beside the others, whatever is wrong with those.
test("damaged files end in validation errors, without a stack trace", () => {
  const files = ["dev", "staging", "prod"].flatMap((file, index) => [
    { file, name: file },
    { file, name: `plant${index}` },
    { file, name: `plant${index + 3}` },
  ]);
  fc.assert(
    fc.property(fc.array(slip, { minLength: files.length, maxLength: files.length }), (slips) => {
      cpSync(ENVIRONMENTS, join(copy.root, "environments"), { recursive: true });
      const texts = files.map(({ file, name }) => (file === name ? read(`${file}.ts`) : copyOf(file, name)));
      slips.forEach((one, index) => {
        write(`${files[index]?.name ?? ""}.ts`, slipped(texts[index] ?? "", one));
      });
      list(...files.filter(({ file, name }) => file !== name).map(({ name }) => name));
      const { status, stdout, stderr } = copy.run(process.execPath, ".config/run.mjs", "main");
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(ERRORS);
      expect(stderr).not.toMatch(/\n +at |secret/);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});
