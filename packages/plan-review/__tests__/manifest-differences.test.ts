import * as fc from "fast-check";
import { type EdgeModule, type Layer, renderBase, renderLayer } from "@edge-anomaly-detection/edge-manifest-tools";
import { manifestDetails } from "../src/diff/manifest-differences";
import { linesInWords } from "../src/report/wording";

const asIs = (text: string): string => text;

/** Differences of manifests as a reader sees them, a line each. */
function lines(before: unknown, after: unknown): string[] | undefined {
  const details = manifestDetails(before, after, asIs);
  return details && linesInWords({ kind: "document", path: "", details, forcesReplacement: false });
}

interface Settings {
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly memory?: number;
  readonly where?: string;
  readonly desired?: string;
  readonly order?: number;
}

const moduleOf = ({ image = "acr.example/detector:1", env, memory = 100, order }: Settings): EdgeModule => ({
  image,
  createOptions: { HostConfig: { Memory: memory, Note: "x".repeat(600) } },
  ...(env !== undefined && { env }),
  ...(order !== undefined && { startupOrder: order }),
});

const parts = (settings: Settings): Layer => ({
  modules: { detector: { ...moduleOf(settings), desired: { time: settings.desired ?? "a" } } },
  routes: {
    up: {
      from: { module: "detector", output: "o" },
      to: "upstream",
      ...(settings.where !== undefined && { where: settings.where }),
    },
  },
});
const layer = (settings: Settings): unknown => renderLayer(parts(settings));
const base = (settings: Settings, timeToLiveSeconds = 7200): unknown =>
  renderBase({
    ...parts(settings),
    edgeAgent: { image: "mcr.example/agent:1.6" },
    edgeHub: { image: "mcr.example/hub:1.6" },
    timeToLiveSeconds,
  });

describe.each([
  ["a deployment that stands alone", base],
  ["a layered deployment", layer],
])("%s", (_name, render) => {
  test.each([
    [
      "image",
      { image: "acr.example/detector:2" },
      'module detector: image "acr.example/detector:1" → "acr.example/detector:2"',
    ],
    ["variable", { env: { LEVEL: "debug" } }, 'module detector: env.LEVEL added "debug"'],
    [
      "option, in the pieces that a twin takes",
      { memory: 200 },
      "module detector: createOptions.HostConfig.Memory 100 → 200",
    ],
    ["start order", { order: 3 }, "module detector: startupOrder added 3"],
    [
      "route",
      { where: "a = 1" },
      'route up: route "FROM /messages/modules/detector/outputs/o INTO $upstream" → "FROM /messages/modules/detector/outputs/o WHERE a = 1 INTO $upstream"',
    ],
    ["desired property", { desired: "b" }, 'desired properties of detector: time "a" → "b"'],
  ])("a changed %s is one line", (_what, settings, line) => {
    expect(lines(render({}), render(settings))).toEqual([line]);
  });

  test("the same manifest has no difference", () => {
    expect(lines(render({}), render({}))).toEqual([]);
  });

  test("all of a new one is named", () => {
    const all = lines(undefined, render({})) ?? [];
    expect(all).toContain('module detector added, image "acr.example/detector:1"');
    expect(all).toContain('route up added: "FROM /messages/modules/detector/outputs/o INTO $upstream"');
  });
});

test("how long messages are kept is said in seconds", () => {
  expect(lines(base({}, 7200), base({}, 3600))).toEqual([
    "messages are kept for 3600 seconds, before for 7200 seconds",
  ]);
});

test("modules and routes that come and go are named with what they are", () => {
  const other = renderLayer({ modules: { sensor: { image: "sensor:1" } }, routes: {} });
  expect(lines(layer({}), other)).toEqual([
    'module detector removed, image "acr.example/detector:1"',
    'module sensor added, image "sensor:1"',
    'route up removed: "FROM /messages/modules/detector/outputs/o INTO $upstream"',
    'desired properties of detector: time removed "a"',
  ]);
});

test("a deployment that stands alone and the same as a layer differ in the runtime only", () => {
  const all = lines(base({}), layer({})) ?? [];
  expect(all.filter((line) => !/^(system module|edge agent|edge hub|messages)/.test(line))).toEqual([]);
  expect(all).toContain('system module edgeAgent removed, image "mcr.example/agent:1.6"');
});

test("a file of the Azure CLI is read through its modulesContent", () => {
  const line = ['module detector: image "acr.example/detector:1" → "2"'];
  expect(lines({ modulesContent: layer({}) }, { modulesContent: layer({ image: "2" }) })).toEqual(line);
  expect(lines({ content: { modulesContent: layer({}) } }, layer({ image: "2" }))).toEqual(line);
});

test("passwords of registries and in variables do not appear", () => {
  const secret = (password: string): unknown =>
    renderLayer({
      ...parts({ env: { DB_PASSWORD: password } }),
      registryCredentials: { acr: { address: "acr.example", username: "u", password } },
    });
  expect(lines(secret("x1"), secret("x2"))).toEqual([
    "module detector: env.DB_PASSWORD sensitive, changes",
    "edge agent: runtime.settings.registryCredentials.acr.password sensitive, changes",
  ]);
});

test("other documents are none of ours", () => {
  expect(lines({ a: 1 }, { a: 2 })).toBeUndefined();
  expect(lines(layer({}), { a: 2 })).toBeUndefined();
});

test("whatever stands in a manifest, it is compared without a failure", () => {
  const twin = fc.dictionary(
    fc.constantFrom(
      "properties.desired",
      "properties.desired.modules.a",
      "properties.desired.routes.b",
      "properties.desired.__proto__.x",
      "properties.desired.",
      "other",
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const manifest = fc.record({ $edgeAgent: twin, $edgeHub: twin, m: twin });
  fc.assert(
    fc.property(manifest, manifest, (before, after) => {
      expect(lines(before, structuredClone(before))).toEqual([]);
      expect(lines(before, after)).toEqual(expect.any(Array));
    }),
  );
});
