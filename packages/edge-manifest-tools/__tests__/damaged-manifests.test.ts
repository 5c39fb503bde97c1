import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type ReadDocument, readManifestBytes } from "../src/check/read";
import { sarifOf } from "../src/check/sarif";
import { checkDeployments, describeFinding } from "../src/manifest-checker";
import { contentOf, moduleOf } from "./manifests";

const documents = [
  readFileSync(join(__dirname, "fixtures", "recipe-deployment.json"), "utf8"),
  ...[
    {
      id: "base-1",
      priority: 1,
      targetCondition: "tags.environment = 'dev'",
      content: {
        modulesContent: contentOf({
          modules: { m: moduleOf("cr.example/m:1.0.0", { env: { A: { value: "x" } }, startupOrder: 1 }) },
          routes: {
            up: {
              route: "FROM /messages/modules/m/outputs/* WHERE $body.a[0].b > 1 AND (c = 'd') INTO $upstream",
              priority: 1,
            },
            down: 'FROM /messages/* WHERE NOT is_defined($x) INTO BrokeredEndpoint("/modules/m/inputs/i")',
          },
          twins: { m: { "properties.desired": { list: [1, { deep: { deeper: true } }], text: "€ 🏭" } } },
        }),
      },
    },
    {
      modulesContent: {
        $edgeAgent: {
          "properties.desired.modules.a": moduleOf("${MODULES.a}"),
          "properties.desired.runtime.settings.registryCredentials.r": { address: "a", username: "u", password: "p" },
        },
        $edgeHub: { "properties.desired.routes.r": "FROM /messages/modules/a/* INTO $upstream" },
      },
    },
  ].map((document) => JSON.stringify(document, undefined, 2)),
];

type Damage = (text: string, place: number, size: number) => string;
/** Values that do not belong where they are put. */
const STRANGE = ["null", "[]", "{}", "-1", "1e400", '""', '"\\u0000\\n::error::x"', "true", '{"a":{"b":[[]]}}', "${X}", "[".repeat(99)]; // prettier-ignore

const DAMAGES: readonly Damage[] = [
  (text, place) => text.slice(0, place),
  (text, place, size) => text.slice(0, place) + text.slice(place + size),
  (text, place, size) => text.slice(0, place) + text.slice(place, place + size) + text.slice(place),
  (text, place, size) => text.slice(0, place) + String.fromCharCode((size * 37) % 0x3000) + text.slice(place + 1),
  // A value becomes another, a name becomes another's.
  (text, place, size) =>
    changeMatch(text, place, /: ("[^"\n]*"|\d+|\{|\[)/g, `: ${STRANGE[size % STRANGE.length] ?? ""}`),
  (text, place) => changeMatch(text, place, /"[\w$.]+":/g, '"properties.desired":'),
  (text, place) => changeMatch(text, place, /"[\w$.]+": "[^"]*",?\n/g, ""),
  (text, place) => changeMatch(text, place, /[/"'()=]/g, ""),
];

function changeMatch(text: string, place: number, pattern: RegExp, replacement: string): string {
  const matches = [...text.matchAll(pattern)];
  const match = matches[place % Math.max(1, matches.length)];
  return match === undefined
    ? text
    : text.slice(0, match.index) + replacement + text.slice(match.index + match[0].length);
}

const step = fc.tuple(fc.constantFrom(...DAMAGES), fc.nat(4_000), fc.integer({ min: 1, max: 80 }));
const damaged = fc
  .tuple(fc.constantFrom(...documents), fc.array(step, { minLength: 1, maxLength: 3 }))
  .map(([document, steps]) =>
    steps.reduce((text, [damage, place, size]) => damage(text, place % (text.length + 1), size), document),
  );
const encoding = fc.constantFrom<BufferEncoding>("utf8", "utf8", "utf8", "utf16le", "latin1");

const LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/;

test("damaged manifests get a report or one line", () => {
  let unreadable = 0;
  let read = 0;
  fc.assert(
    fc.property(damaged, encoding, (text, how) => {
      const result = readManifestBytes(Buffer.from(text, how));
      if ("unreadable" in result) {
        unreadable += 1;
        expect(result.unreadable).toMatch(LINE);
        return;
      }
      read += 1;
      expectReport(result);
    }),
    { numRuns: 500 },
  );
  // Neither of the two is all there is.
  expect(unreadable).toBeGreaterThan(50);
  expect(read).toBeGreaterThan(50);
});

function expectReport({ document, remarks, regionOf }: ReadDocument): void {
  const findings = [...remarks, ...(checkDeployments([document])[0] ?? [])];
  const bad = findings.map(describeFinding).filter((line) => !LINE.test(line));
  const regions = findings.slice(-1).map(({ pointer }) => regionOf(pointer));
  expect([bad, regions.filter(({ startLine, endLine }) => !(startLine >= 1 && endLine >= startLine))]).toEqual([
    [],
    [],
  ]);
  expect(() => sarifOf([{ file: "a.json", findings }])).not.toThrow();
}
