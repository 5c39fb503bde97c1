import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { renderHtml } from "../src/render/html/html";
import { renderJson } from "../src/render/json";
import { renderMarkdown } from "../src/render/markdown/markdown";
import { PlanFileError } from "../src/plan/read-plan";
import { reviewPlans } from "../src/review-plans";

// Each case is a whole review, and with PROPERTY_RUNS there are many.
jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "damaged-"));
const file = join(folder, "plan.json");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What must never be written, whatever is broken around it. */
const SECRET = "pl4nted+/=.*[(s3cret$(x";
/** Longer than what a regular expression takes. */
const LONG = Array.from({ length: 700 }, (_none, line) => `${SECRET} ${line} ${"*".repeat(line % 90)}(`).join("\n");

const encoded = (secret: string): readonly string[] => [
  Buffer.from(secret).toString("base64"),
  Buffer.from(secret).toString("hex"),
  encodeURIComponent(secret),
  Buffer.from(`#cloud-config\ndevice: ${secret}\n`).toString("base64"),
];

/** A change whose secret stands at two marked places on both sides, so that no single damage takes it out of reach. */
const change = (type: string, secret: string, actions: readonly string[]): object => {
  const side = (title: string): object => ({
    name: title,
    admin_password: secret,
    custom_data: Buffer.from(`x ${secret} ${title}`).toString("base64"),
    body: JSON.stringify({ properties: { note: `a ${secret} b`, list: [secret, title] } }),
    tags: { a: encoded(secret)[(title.length + type.length) % 4], b: secret },
    rule: [{ name: "r", text: `line ${title}\n${secret}` }],
  });
  return {
    address: `${type}.X["${name(type)}"]`,
    mode: "managed",
    type,
    name: "X",
    change: {
      actions,
      before: side("old"),
      after: side("newer"),
      after_unknown: { id: true },
      before_sensitive: { admin_password: true, tags: { b: true } },
      after_sensitive: { admin_password: true, tags: { b: true } },
      replace_paths: [["name"]],
    },
  };
};

const name = (type: string): string => type.slice(-3);

const plan = (secret: string): object => ({
  format_version: "1.2",
  terraform_version: "1.14.0",
  resource_changes: [
    change("azurerm_linux_virtual_machine", secret, ["update"]),
    change("azurerm_role_assignment", secret, ["delete", "create"]),
    change("azapi_resource", secret, ["update"]),
  ],
  resource_drift: [change("azurerm_key_vault", secret, ["update"])],
  output_changes: {
    out: { actions: ["update"], before: secret, after: `${secret}2`, before_sensitive: true, after_sensitive: true },
  },
  action_invocations: [
    {
      address: "action.a.b",
      type: "a",
      config_values: { p: secret, q: `x${secret}`, r: secret, s: [secret] },
      config_sensitive: { p: true, r: true, s: [true] },
    },
  ],
  checks: [{ address: { to_display: "check.a" }, status: "fail", instances: [] }],
  deferred_changes: [{ reason: "unknown", resource_change: change("azurerm_iothub", secret, ["update"]) }],
  complete: true,
});

/** A report in every format, or the one line that says why there is none. */
async function written(content: string | Buffer): Promise<string> {
  writeFileSync(file, content);
  try {
    const report = await reviewPlans([file]);
    const formats = [renderMarkdown(report), renderJson(report), renderHtml(report)];
    expect(formats.join("")).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u);
    return formats.join("\n");
  } catch (error) {
    expect(error).toBeInstanceOf(PlanFileError);
    const { message } = error as Error;
    expect(message).toMatch(/^[^\n]+; [^\n]+$/);
    return message;
  }
}

const FORMS = encoded(SECRET).slice(0, 3);

/** Nothing planted, in no encoding, and nothing of a stack trace. */
async function expectNothingWritten(content: string | Buffer): Promise<void> {
  const text = await written(content);
  const plain = text.replaceAll("\\", "");
  for (const form of [SECRET, ...FORMS]) {
    expect(plain.includes(form)).toBe(false);
  }
  expect(text).not.toMatch(/^\s+at .*:\d+:\d+/m);
}

const HOSTILE = [
  "__proto__",
  "constructor",
  "</script><script>alert(1)</script>",
  "```\n# x",
  "\u202Egnp.exe\u2066\u200B\0\u001b[31m",
  "\uD800",
  "(((((((((((((((((((((((((((((((((((((((a*)*)*)*)*)*)*)*",
  "%E0%A4%A",
  "eyJ".repeat(3_000),
  "::error::x",
  `${"[".repeat(200)}${"]".repeat(200)}`,
  '{"a":'.repeat(100),
  "",
];
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, [], {}, [[]], [null], { a: { b: [] } }),
  fc.constantFrom<unknown>(...HOSTILE),
);

/** Parts of a plan that say what is sensitive: damage there never takes a mark away, because nobody could know then. */
const isMark = (path: readonly string[]): boolean => path.some((step) => step.includes("sensitive"));

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([step, inner]) => [[...path, step], ...pathsOf(inner, [...path, step])])
    : [];
}

type Damage = (value: unknown, other: unknown) => unknown;

const STRUCTURES: readonly Damage[] = [
  () => undefined,
  (_value, other) => other,
  (value) => [value],
  (value) => ({ value }),
  (value) => (Array.isArray(value) ? [...(value as unknown[]), ...(value as unknown[])] : value),
  (value) => (typeof value === "object" && value !== null ? Object.entries(value) : String(value)),
  (value) => JSON.stringify(value),
];
/** Damage of marks that leaves something marked. */
const MARKS: readonly Damage[] = [() => true, () => "true", () => 1, (value) => value];

function damaged(root: unknown, path: readonly string[], damage: Damage, other: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) {
    return damage(root, other);
  }
  const copy = (Array.isArray(root) ? [...(root as unknown[])] : { ...(root as object) }) as Record<string, unknown>;
  copy[step] = damaged(copy[step], rest, damage, other);
  return copy;
}

const whole = plan(SECRET);
const paths = pathsOf(whole);
const runs = { numRuns: 80 };

test("plans whose structure is damaged are reviewed or refused in one line, and never let a secret through", async () => {
  const place = fc.constantFrom(...paths);
  const hits = fc.array(fc.tuple(place, fc.nat(), junk), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(hits, async (all) => {
      const result = all.reduce<unknown>((value, [path, index, other]) => {
        const kinds = isMark(path) ? MARKS : STRUCTURES;
        const isThere = path.slice(0, -1).every((_step, depth) => {
          const inner = path
            .slice(0, depth + 1)
            .reduce<unknown>((outer, step) => (outer as Record<string, unknown> | undefined)?.[step], value);
          return typeof inner === "object" && inner !== null;
        });
        return isThere ? damaged(value, path, kinds[index % kinds.length] ?? ((same) => same), other) : value;
      }, whole);
      await expectNothingWritten(JSON.stringify(result));
    }),
    runs,
  );
});

test("plans whose bytes are damaged are reviewed or refused in one line, and never let a secret through", async () => {
  const bytes = Buffer.from(JSON.stringify(whole));
  // Where the marks do not stand: without its mark a secret is a text like any other.
  const marks = [...bytes.toString("latin1").matchAll(/"(before|after|config)_sensitive":(\{[^}]*\}+|true)/g)];
  const isIn = (at: number): boolean =>
    marks.some(({ index, 0: text }) => at >= index - 1 && at <= index + text.length);
  const hit = fc.record({
    at: fc.nat(bytes.length - 1),
    byte: fc.nat(255),
    kind: fc.constantFrom("cut", "change", "insert", "drop"),
  });
  await fc.assert(
    fc.asyncProperty(hit, async ({ at, byte, kind }) => {
      const rest = bytes.subarray(at + (kind === "insert" ? 0 : 1));
      const content =
        kind === "cut"
          ? bytes.subarray(0, at)
          : Buffer.concat([bytes.subarray(0, at), kind === "drop" ? Buffer.alloc(0) : Buffer.from([byte]), rest]);
      await expectNothingWritten(isIn(at) && kind !== "cut" ? bytes : content);
    }),
    runs,
  );
});

test("plans with hostile values are reviewed or refused in one line, and never let a secret through", async () => {
  const leaves = paths.filter((path) => {
    const value = path.reduce<unknown>((outer, step) => (outer as Record<string, unknown>)[step], whole);
    return typeof value === "string" && !isMark(path);
  });
  // The long one takes its time.
  const isLong = fc.constantFrom(true, ...Array.from({ length: 60 }, () => false));
  const long = plan(LONG);
  const hits = fc.array(fc.tuple(fc.constantFrom(...leaves), fc.constantFrom(...HOSTILE)), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(hits, isLong, async (all, withLong) => {
      const base = withLong ? long : whole;
      await expectNothingWritten(
        JSON.stringify(
          all.reduce<unknown>((value, [path, hostile]) => damaged(value, path, () => hostile, undefined), base),
        ),
      );
    }),
    runs,
  );
});

test("the plans that are damaged would be reviewed if they were not, and show what is not secret", async () => {
  const text = await written(JSON.stringify(whole));
  expect(text).toContain("azurerm_linux_virtual_machine.X");
  expect(text).toContain("newer");
  expect(LONG.length).toBeGreaterThan(32_768);
  await expectNothingWritten(JSON.stringify(plan(LONG)));
});
