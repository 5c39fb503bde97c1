import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { renderHtml } from "../src/render/html/html";
import { renderJson } from "../src/render/json";
import { renderMarkdown } from "../src/render/markdown/markdown";
import type { Report } from "../src/report/report";
import { reviewPlans } from "../src/review-plans";

const folder = mkdtempSync(join(tmpdir(), "sensitive-"));
const file = join(folder, "plan.json");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A report in every form. */
const all = (report: Report): string =>
  [renderMarkdown(report, { limit: 1_000_000 }), renderJson(report), renderHtml(report)].join("\n");

/** Everything that a review of the plan writes. */
async function outputs(plan: object): Promise<string> {
  writeFileSync(file, JSON.stringify({ format_version: "1.2", terraform_version: "1.11.4", ...plan }));
  const report = await reviewPlans([file]);
  return all(report);
}

const update = (type: string, change: object, actions: readonly string[] = ["update"]): object => ({
  resource_changes: [{ address: `${type}.X`, mode: "managed", type, name: "X", change: { actions, ...change } }],
});

const SECRET = "hunter22+correct/horse";

describe("a sensitive value does not appear", () => {
  test.each([
    ["marked", { before: { a: "x" }, after: { a: SECRET }, after_sensitive: { a: true } }],
    ["marked before and no longer after", { before: { a: SECRET }, before_sensitive: { a: true }, after: { a: "x" } }],
    ["marked as a whole", { before: { a: { b: ["x"] } }, after: { a: { b: [SECRET] } }, after_sensitive: { a: true } }],
    [
      "marked in a block",
      { before: { a: [{ b: "x" }] }, after: { a: [{ b: SECRET }] }, after_sensitive: { a: [{ b: true }] } },
    ],
    ["marked in a list", { before: { a: ["x"] }, after: { a: ["x", SECRET] }, after_sensitive: { a: [false, true] } }],
    [
      "marked in an object that is new",
      { before: { a: [] }, after: { a: [{ b: SECRET, c: 1 }] }, after_sensitive: { a: [{ b: true }] } },
    ],
    ["in an object that is sensitive as a whole", { before: { a: "x" }, after: { a: SECRET }, after_sensitive: true }],
    ["with marks that do not fit", { before: { a: "x" }, after: { a: SECRET }, after_sensitive: { a: { b: true } } }],
    [
      "with fewer values than marks",
      { before: { a: ["x"] }, after: { a: [SECRET] }, after_sensitive: { a: [false, true] } },
    ],
    [
      "in another argument of the object",
      { before: { a: SECRET, b: "x" }, before_sensitive: { a: true }, after: { a: SECRET, b: `p=${SECRET};` } },
    ],
    [
      "in a map's key",
      { before: { a: SECRET, b: {} }, before_sensitive: { a: true }, after: { a: SECRET, b: { [SECRET]: 1 } } },
    ],
    [
      "in JSON in another argument",
      {
        before: { a: SECRET, b: "{}" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: JSON.stringify({ c: SECRET }) },
      },
    ],
    [
      "in a query of another argument",
      { before: { a: SECRET, b: "x\ny" }, before_sensitive: { a: true }, after: { a: SECRET, b: `x\n${SECRET}` } },
    ],
    [
      "indented and with other line ends in another argument",
      {
        before: { a: `first line of it\n${SECRET}`, b: "x\ny" },
        before_sensitive: { a: true },
        after: { a: `first line of it\n${SECRET}`, b: `x\r\n  first line of it\r\n  ${SECRET}` },
        after_sensitive: { a: true },
      },
    ],
    [
      "in base64 in another argument",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: Buffer.from(SECRET).toString("base64") },
        after_sensitive: { a: true },
      },
    ],
    [
      "in hex in another argument",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: Buffer.from(SECRET).toString("hex") },
      },
    ],
    [
      "in base64url in another argument",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: Buffer.from(`${SECRET}??>`).toString("base64url") },
      },
    ],
    [
      "inside of a longer text in base64",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: Buffer.from(`#cloud-config\nkey: ${SECRET}\n`).toString("base64") },
      },
    ],
    [
      "in UTF-16 in base64, as PowerShell encodes commands",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: Buffer.from(`x ${SECRET}`, "utf16le").toString("base64") },
      },
    ],
    [
      "in base64 in base64",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: btoa(btoa(`x ${SECRET}`)) },
      },
    ],
    [
      "packed, as cloud-init takes it",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: gzipSync(`x ${SECRET}`).toString("base64") },
      },
    ],
    [
      "in a part of a link in lower case",
      {
        before: { a: SECRET, b: "x" },
        before_sensitive: { a: true },
        after: { a: SECRET, b: encodeURIComponent(SECRET).toLowerCase().replace("hunter22", "hunter22") },
      },
    ],
    [
      "that is a leaf of JSON that is marked, in another argument",
      {
        before: { a: "{}", b: "x" },
        after: { a: JSON.stringify({ k: [SECRET] }), b: `y ${SECRET}` },
        after_sensitive: { a: true },
      },
    ],
    [
      "that is a part of a connection string that is marked",
      {
        before: { a: "x", b: "x" },
        after: { a: `HostName=h;SharedAccessKey=${SECRET}`, b: `y ${SECRET}` },
        after_sensitive: { a: true },
      },
    ],
    [
      "that is marked with something else than true",
      { before: { a: "x" }, after: { a: SECRET }, after_sensitive: { a: "true" } },
    ],
    [
      "in the key of a device in user_data",
      {
        before: { user_data: btoa("#cloud-config\n") },
        after: { user_data: btoa(`#cloud-config\ndevice_id_pk = { value = "${SECRET}" }\n`) },
      },
    ],
    [
      "that an action of ARM answers",
      {
        before: { output: {} },
        after: { output: { keys: [{ keyName: "key1", permissions: "FULL", value: SECRET }] } },
      },
    ],
    ["by its name", { before: { admin_password: "x" }, after: { admin_password: SECRET } }],
    [
      "by its name in JSON",
      { before: { body: "{}" }, after: { body: JSON.stringify({ properties: { adminPassword: SECRET } }) } },
    ],
    ["by the name beside it", { before: { env: [] }, after: { env: [{ name: "DB_PASSWORD", value: SECRET }] } }],
    ["in a connection string", { before: { a: "x" }, after: { a: `Endpoint=sb://x/;SharedAccessKey=${SECRET}` } }],
    [
      "in a signed link",
      { before: { a: "x" }, after: { a: `https://x.blob.example/p?sig=${encodeURIComponent(SECRET)}` } },
    ],
    [
      "in an id that forces a replacement",
      {
        before: { a: SECRET, b: { x: 1 } },
        before_sensitive: { a: true },
        after: { a: SECRET },
        replace_paths: [["b", SECRET]],
      },
    ],
    [
      "in an imported id",
      {
        before: { a: SECRET },
        before_sensitive: { a: true },
        after: { a: SECRET, b: 1 },
        importing: { id: `/x/${SECRET}` },
      },
    ],
  ])("%s", async (_name, change) => {
    for (const actions of [["update"], ["delete", "create"], ["create"], ["delete"]]) {
      const text = await outputs(update("some_type", change, actions));
      expect(text).toContain("some_type.X");
      for (const form of [SECRET, encodeURIComponent(SECRET), btoa(SECRET), "hunter22", "horse"]) {
        expect(text).not.toContain(form);
      }
    }
  });

  test("in the name of a property of a new block", async () => {
    const after = { a: SECRET, b: [{ [SECRET]: 1 }] };
    const change = { before: { a: SECRET, b: [] }, before_sensitive: { a: true }, after, after_sensitive: { a: true } };
    expect(await outputs(update("some_type", change))).not.toContain("hunter22");
  });

  test.each([
    ["in a list", { a: ["x"] }, { a: ["x", "Zq7"] }, { a: [false, true] }],
    ["in a list of blocks", { a: [{ b: "x" }] }, { a: [{ b: "Zq7" }] }, { a: [{ b: true }] }],
    ["in a new block", { a: [] }, { a: [{ b: "Zq7", c: 1 }] }, { a: [{ b: true }] }],
    ["that is what a block is known by", { a: [{ name: "x" }] }, { a: [{ name: "Zq7" }] }, { a: [{ name: true }] }],
    ["in JSON by its name", { a: "{}" }, { a: '{"password":"Zq7"}' }, {}],
    ["as a number", { a: 1 }, { a: 98765 }, { a: true }],
  ])("that is too short to look for elsewhere, %s", async (_name, before, after, after_sensitive) => {
    for (const actions of [["update"], ["delete", "create"], ["create"]]) {
      const text = await outputs(update("some_type", { before, after, after_sensitive }, actions));
      expect(text).not.toMatch(/Zq7|98765/);
    }
  });

  test("in an output, marked or by its name", async () => {
    const text = await outputs({
      output_changes: {
        a: { actions: ["update"], before: "x", after: { deep: [SECRET] }, after_sensitive: true },
        b: { actions: ["create"], before: null, after: { deep: SECRET, open: "y" }, after_sensitive: { deep: true } },
        admin_password: { actions: ["update"], before: "x", after: SECRET, after_sensitive: false },
      },
    });
    expect(text).not.toContain("hunter22");
    expect(text).toContain("output.admin_password");
    expect(text).toContain("output.b");
  });

  test("in what changed outside of Terraform", async () => {
    const change = { before: { a: "x" }, after: { a: SECRET }, after_sensitive: { a: true }, actions: ["update"] };
    const drift = [{ address: "some_type.X", mode: "managed", type: "some_type", change }];
    const text = await outputs({ resource_changes: [], resource_drift: drift });
    expect(text).toContain("some_type.X");
    expect(text).not.toContain("hunter22");
  });

  test("in a deployment's manifest that is sensitive, and it is said that it changes", async () => {
    const manifest = (key: string): string =>
      JSON.stringify({ $edgeAgent: {}, $edgeHub: {}, m: { "properties.desired": { key } } });
    const text = await outputs(
      update("iothub_edge_deployment", {
        before: { modules_content: manifest("x") },
        after: { modules_content: manifest(SECRET) },
        after_sensitive: { modules_content: true },
      }),
    );
    expect(text).toContain("sensitive, changes");
    expect(text).not.toContain("hunter22");
  });
});

test("a sensitive text that is longer than a regular expression takes is hidden, and the review does not fail", async () => {
  const long = `${SECRET}${"(*".repeat(20_000)}`;
  const text = await outputs(
    update("some_type", {
      before: { a: "x", b: "x" },
      after: { a: long, b: `y ${long} z` },
      after_sensitive: { a: true },
    }),
  );
  expect(text).toContain('"y (sensitive) z"');
  expect(text).not.toContain("hunter22");
});

test("more sensitive texts than are looked for hide everything of the object", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 12_000 }, (_none, index) => [`k${index}`, `secret-number-${index}`]),
  );
  const text = await outputs(
    update("some_type", {
      before: { a: {}, b: "x" },
      after: { a: many, b: "y secret-number-11999" },
      after_sensitive: { a: true },
    }),
  );
  expect(text).not.toContain("secret-number");
});

test("unseen characters are written the same in every format", async () => {
  const evil = "a\u202Eb\u200B\u001b[31m\uFE0F\u2066\u00A0c";
  writeFileSync(
    file,
    JSON.stringify({
      format_version: "1.2",
      resource_changes: [
        {
          address: `some_type.X["${evil}"]`,
          type: "some_type",
          change: { actions: ["update"], before: { [evil]: "x" }, after: { [evil]: evil } },
        },
      ],
    }),
  );
  const report = await reviewPlans([file]);
  const written = "a⟨U+202E⟩b⟨U+200B⟩⟨U+001B⟩[31m⟨U+FE0F⟩⟨U+2066⟩⟨U+00A0⟩c";
  for (const text of [renderMarkdown(report), renderJson(report), renderHtml(report)]) {
    expect(text.split(written).length).toBeGreaterThan(3);
    expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u00A0]/u);
  }
});

test("how long a sensitive value is does not appear either", async () => {
  const of = (secret: string): Promise<string> =>
    outputs(
      update("some_type", {
        before: { a: "x", b: "y" },
        after: { a: secret, b: `b ${secret}` },
        after_sensitive: { a: true },
      }),
    );
  expect(await of("s".repeat(10))).toBe(await of("t".repeat(5_000)));
});

test("no plan with sensitive values anywhere in it lets one through", async () => {
  const secret = fc.uuid().map((uuid) => `s3cr3t-${uuid}`);
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), secret);
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom("a", "b", "name", "body", "value", "__proto__"), tie("tree"), { maxKeys: 4 }),
      tie("tree").map((inner) => JSON.stringify(inner)),
    ),
  }));
  const actions = fc.constantFrom(["create"], ["update"], ["delete"], ["delete", "create"]);
  await fc.assert(
    fc.asyncProperty(tree, tree, actions, fc.boolean(), async (before, after, what, isWhole) => {
      const change = {
        before: { x: before, y: after },
        after: { x: after, y: before },
        before_sensitive: isWhole ? true : { x: marks(before), y: marks(after) },
        after_sensitive: isWhole ? true : { x: marks(after), y: marks(before) },
      };
      expect(await outputs(update("some_type", change, what))).not.toContain("s3cr3t");
    }),
    { numRuns: 50 },
  );
});

/** Marks as Terraform would write them: a value that holds a secret, as text or in it, is sensitive. */
function marks(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(marks);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, marks(inner)]));
  }
  return typeof value === "string" && value.includes("s3cr3t");
}

test("recorded plans hold sensitive values, and their reviews do not", async () => {
  const plan = join(__dirname, "plans", "changed-query.json");
  const link = "sig=not-a-signature";
  expect(readFileSync(plan, "utf8")).toContain(link);
  const report = await reviewPlans([plan]);
  expect(all(report)).not.toContain("not-a-signature");
});
