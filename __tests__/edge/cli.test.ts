import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { device } from "../../stacks/commands/device";
import { manifest } from "../../stacks/commands/manifest";
import { configToml, setupCommands } from "../../edge-manifests/device-config";
import { LAYERS } from "../../edge-manifests/layers";
import { environments } from "../../environments";

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as the terminal would, and keeps what it says. */
function run(command: (args: readonly string[]) => number, ...args: readonly string[]): Run {
  const lines: Record<"log" | "error", string[]> = { log: [], error: [] };
  const spies = (["log", "error"] as const).map((kind) =>
    jest.spyOn(console, kind).mockImplementation((...[line]: unknown[]) => {
      lines[kind].push(String(line));
    }),
  );
  try {
    return { status: command(args), out: lines.log.join("\n"), err: lines.error.join("\n") };
  } finally {
    spies.forEach((spy) => {
      spy.mockRestore();
    });
  }
}

const folder = mkdtempSync(join(tmpdir(), "manifests-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const printed = (layer: string, ...more: readonly string[]): string =>
  run(manifest, "print", "dev", layer, ...more).out;
const recipe = join(
  __dirname,
  "..",
  "..",
  "packages",
  "edge-manifest-tools",
  "__tests__",
  "fixtures",
  "recipe-deployment.json",
);

describe("manifest check", () => {
  test("accepts what manifest print prints, alone and together", () => {
    // A device has one base: dev's devices are no gateways.
    const files = LAYERS.filter((layer) => layer !== "gateway").map((layer) => file(`${layer}.json`, printed(layer)));
    expect(run(manifest, "check", files[0] ?? "")).toEqual({ status: 0, out: "1 file: 0 errors, 0 warnings", err: "" });
    expect(run(manifest, "check", ...files)).toEqual({ status: 0, out: "5 files: 0 errors, 0 warnings", err: "" });
  });

  test("warns of what a layer alone cannot show", () => {
    const { status, out } = run(manifest, "check", file("layer.json", printed("detector")));
    expect(status).toBe(0);
    expect(out).toContain("a layer without a base");
    expect(out).toMatch(/1 file: 0 errors, 3 warnings$/);
  });

  test("names the recipe's validation errors and ends with 1", () => {
    const { status, out } = run(manifest, "check", recipe);
    expect(status).toBe(1);
    expect(out).toContain("leads to the module asa-edge-anomaly-job, which is not deployed");
    expect(out).toContain("nobody reads the input temperature of asa-edge-anomaly-job");
    expect(out).toContain("createOptions that are an object");
    expect(out).toContain("latest is whatever was pushed last");
  });

  test("has the findings as JSON", () => {
    const { status, out } = run(manifest, "check", "--json", recipe);
    const [report] = JSON.parse(out) as { file: string; findings: { rule: string; pointer: string }[] }[];
    expect(status).toBe(1);
    expect(report?.findings.map(({ rule }) => rule)).toContain("route-sink-input");
  });

  test("two bases are two devices", () => {
    const one = file("one.json", printed("base"));
    expect(run(manifest, "check", one, one).status).toBe(0);
  });

  test.each([
    ["missing.json", undefined, "there is no such file"],
    ["empty.json", "", "the file is empty"],
    ["broken.json", "{", "the file is no JSON"],
    ["deep.json", "[".repeat(100_000), "nested more than 64 deep"],
  ])("%s gets one line, and the status 1", (name, text, expected) => {
    const path = text === undefined ? join(folder, name) : file(name, text);
    const { status, out } = run(manifest, "check", path);
    expect(status).toBe(1);
    expect(out.split("\n")).toEqual([expect.stringContaining(expected), "1 file: 1 unreadable, 0 errors, 0 warnings"]);
  });
});

describe("manifest print", () => {
  test("prints each ring's own", () => {
    const content = (ring: string): string => run(manifest, "print", "prod", "base", "--ring", ring).out;
    expect(content("canary")).toContain("azureiotedge-agent:1.6.1");
    expect(content("fleet")).toContain("azureiotedge-agent:1.6.0");
  });

  test("prints rank and condition where the whole is wanted", () => {
    expect(JSON.parse(printed("detector", "--whole"))).toMatchObject({
      priority: 40,
      targetCondition: "tags.environment = 'dev'",
    });
  });

  test("knows layers by the names that deployments' ids have", () => {
    expect(printed("stream-analytics")).toBe(printed("streamAnalytics"));
  });

  test("has no link for Stream Analytics, and says why", () => {
    expect(printed("streamAnalytics")).toContain("filled in when the job is published");
  });
});

describe("device config", () => {
  test("has no secret in it, and says where it is", () => {
    const { status, out } = run(device, "config", "dev", "factory-sim-01");
    expect(status).toBe(0);
    expect(out).not.toContain("SharedAccessKey");
    expect(out).toMatch(/https:\/\/kv-anomaly-dev-\w{6}\.vault\.azure\.net\/secrets\/device-factory-sim-01/);
    expect(out).toContain('connection_string = "CONNECTION_STRING"');
    expect(out).toContain("ubuntu/24.04");
  });

  test("of a nested device names the one above it", () => {
    const { configToml: text } = JSON.parse(run(device, "config", "prod", "essen-mill-01", "--json").out) as Record<
      string,
      string
    >;
    expect(text).toContain('parent_hostname = "gateway.essen.example.com"');
  });

  test("of a gateway names itself", () => {
    expect(run(device, "config", "prod", "essen-gateway").out).toContain('hostname = "gateway.essen.example.com"');
  });

  test("of a device with a certificate has hub, id and files", () => {
    const { out } = run(device, "config", "staging", "rehearsal-press-02");
    expect(out).toMatch(
      /iothub_hostname = "iot-anomaly-stg-\w{6}\.azure-devices\.net"\ndevice_id = "rehearsal-press-02"/,
    );
    expect(out).toContain('method = "x509"');
    expect(out).not.toContain("keyvault");
  });

  test("starts with the runtime of the device's ring", () => {
    expect(run(device, "config", "prod", "aachen-press-01").out).toContain("azureiotedge-agent:1.6.1");
    expect(run(device, "config", "prod", "aachen-press-02").out).toContain("azureiotedge-agent:1.6.0");
  });

  test("never puts the secret on a command line", () => {
    const identity = {
      id: "d",
      hubHostname: "h",
      runtime: "1.6.1",
      storageFolder: "/srv/edge",
      signIn: { kind: "symmetricKeys", vaultUri: "https://v/", secretName: "s" },
    } as const;
    expect(configToml(identity).match(/CONNECTION_STRING/g)).toHaveLength(1);
    expect(setupCommands(identity, { timeToLiveSeconds: 60, messagesPerSecond: 1 }).join("\n")).not.toMatch(
      /\$\(az|--value/,
    );
  });

  test("device list names every device", () => {
    const { out } = run(device, "list");
    expect(out.split("\n")).toEqual(
      environments.flatMap(({ name, edge }) => (edge?.devices ?? []).map(({ id }) => `${name} ${id}`)),
    );
    expect(run(device, "list", "dev").out).toBe("dev factory-sim-01");
  });
});

test.each([
  ["manifest", manifest],
  ["device", device],
])("%s --help says what there is and how it ends", (_name, command) => {
  const { status, out } = run(command, "--help");
  expect(status).toBe(0);
  expect(out).toContain("Exit status:");
});

test.each([
  [manifest, [], 2],
  [manifest, ["chek"], 2],
  [manifest, ["check"], 2],
  [manifest, ["check", "--yaml", "x"], 2],
  [manifest, ["print", "nowhere", "base"], 2],
  [manifest, ["print", "dev", "bottom"], 2],
  [manifest, ["print", "dev", "base", "--ring", "none"], 2],
  [manifest, ["print", "prod", "simulatedSensor"], 1],
  [device, [], 2],
  [device, ["config", "dev"], 2],
  [device, ["config", "nowhere", "x"], 2],
  [device, ["config", "dev", "nobody"], 1],
  [device, ["config", "dev", "factory-sim-01", "more"], 2],
] as const)("%p %j ends with %d and says why", (command, args, status) => {
  const result = run(command, ...args);
  expect(result.status).toBe(status);
  expect(result.err).not.toBe("");
  expect(result.out).toBe("");
});
