import fc from "fast-check";
import { PUBLISHED_RUNTIMES, runtimeImage } from "../../edge-manifests/images";
import { type DeviceSoftware, layersOf } from "../../edge-manifests/layers";
import { at } from "../support/synth";
import { detector, plain, software, streamAnalytics } from "./layers.arbitrary";

/** What Docker gets for every container of the layers, by module. */
function hostConfigs(layers: ReturnType<typeof layersOf>): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const [layer, { $edgeAgent = {} }] of Object.entries(layers)) {
    const desired = $edgeAgent["properties.desired"] as { systemModules: Record<string, unknown> } | undefined;
    const modules = desired?.systemModules ?? $edgeAgent;
    for (const [path, module] of Object.entries(modules)) {
      const settings = at(module, "settings") as Record<string, string> | undefined;
      const pieces = Object.entries(settings ?? {}).filter(([name]) => name.startsWith("createOptions"));
      if (pieces.length > 0) {
        const text = pieces
          .sort()
          .map(([, piece]) => piece)
          .join("");
        found[`${layer} ${path.split(".").at(-1) ?? ""}`] = at(JSON.parse(text), "HostConfig") as Record<
          string,
          unknown
        >;
      }
    }
  }
  return found;
}

describe("containers", () => {
  const everything = { ...plain, simulatedSensorSeconds: 5, gateways: true, detector, streamAnalytics };
  const hosts = hostConfigs(layersOf(everything));

  test("are all looked at", () => {
    expect(Object.keys(hosts)).toEqual([
      "base edgeAgent",
      "base edgeHub",
      "gateway edgeAgent",
      "gateway edgeHub",
      "simulatedSensor simulatedSensor",
      "detector anomalyDetector",
      "streamAnalytics job",
    ]);
  });

  test("have no capability that they do not need, and no way to gain one", () => {
    fc.assert(
      fc.property(software, (any) => {
        for (const host of Object.values(hostConfigs(layersOf(any)))) {
          expect(host).toMatchObject({ CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] });
          expect(host.Privileged).toBeUndefined();
          expect(host.NetworkMode).toBeUndefined();
        }
      }),
      { numRuns: 50 },
    );
    const added = Object.entries(hosts).flatMap(([name, { CapAdd }]) => (CapAdd === undefined ? [] : [[name, CapAdd]]));
    const starting = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];
    expect(Object.fromEntries(added)).toEqual({
      "base edgeAgent": starting,
      "base edgeHub": [...starting, "NET_BIND_SERVICE"],
      "gateway edgeAgent": starting,
      "gateway edgeHub": [...starting, "NET_BIND_SERVICE"],
      "streamAnalytics job": starting,
    });
  });

  test("cannot write to their root where they need not", () => {
    const readOnly = Object.entries(hosts).filter(([, { ReadonlyRootfs }]) => ReadonlyRootfs === true);
    expect(readOnly.map(([name]) => name)).toEqual(["simulatedSensor simulatedSensor", "detector anomalyDetector"]);
  });

  test("open ports of the host on gateways alone", () => {
    const open = Object.entries(hosts).filter(([, { PortBindings }]) => PortBindings !== undefined);
    expect(open.map(([name, { PortBindings }]) => [name, Object.keys(PortBindings as object)])).toEqual([
      ["gateway edgeHub", ["443/tcp", "5671/tcp", "8883/tcp"]],
    ]);
    expect(layersOf(plain).gateway).toBeUndefined();
  });

  test("of the runtime store in folders of the host that a device's own configuration makes", () => {
    const { edgeAgent, edgeHub } = at(
      layersOf({ ...plain, storageFolder: "/srv/edge" }).base?.$edgeAgent?.["properties.desired"],
      "systemModules",
    ) as Record<string, { env: unknown }>;
    expect([edgeAgent?.env, edgeHub?.env]).toEqual([
      { storageFolder: { value: "/iotedge/storage" } },
      { storageFolder: { value: "/iotedge/storage" } },
    ]);
    const binds = hostConfigs(layersOf({ ...plain, storageFolder: "/srv/edge" }));
    expect(binds["base edgeAgent"]?.Binds).toEqual(["/srv/edge/edgeAgent:/iotedge/storage/edgeAgent"]);
    expect(binds["base edgeHub"]?.Binds).toEqual(["/srv/edge/edgeHub:/iotedge/storage/edgeHub"]);
  });
});

describe("messages wait for a module that does not read", () => {
  const waits = (overrides: Partial<DeviceSoftware>): Record<string, unknown> => {
    const layers = layersOf({ ...plain, simulatedSensorSeconds: 5, detector, streamAnalytics, ...overrides });
    return Object.fromEntries(
      [layers.detector, layers.streamAnalytics].flatMap((content) =>
        Object.entries(content?.$edgeHub ?? {}).map(([path, route]) => [
          path.split(".").at(-1) ?? "",
          at(route, "timeToLiveSecs"),
        ]),
      ),
    );
  };
  const all = (seconds: number | undefined): object => ({
    sensorToDetector: seconds,
    detectorToStreamAnalytics: seconds,
    sensorToStreamAnalytics: seconds,
    // What goes to the hub waits for as long as the device keeps anything.
    detectorToCloud: undefined,
    detectorFeedbackToCloud: undefined,
    streamAnalyticsToCloud: undefined,
  });

  test.each([
    [{ timeToLiveSeconds: 86_400 }, 3600],
    [{ timeToLiveSeconds: 86_400, readerTimeToLiveSeconds: 60 }, 60],
    [{ timeToLiveSeconds: 3600 }, undefined],
    [{ timeToLiveSeconds: 99, readerTimeToLiveSeconds: 100 }, undefined],
    [{ timeToLiveSeconds: 0 }, undefined],
  ])("%j: %j", (overrides, expected) => {
    expect(waits(overrides)).toEqual(all(expected));
  });
});

test("an image of the runtime is named by its digest where that is known, and then without a tag", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const published = { "1.6.1": { published: "2026-08-12", digests: { edgeHub: digest } } };
  expect(runtimeImage("edgeHub", "1.6.1", published)).toBe(`mcr.microsoft.com/azureiotedge-hub@${digest}`);
  expect(runtimeImage("edgeAgent", "1.6.1", published)).toBe("mcr.microsoft.com/azureiotedge-agent:1.6.1");
  expect(runtimeImage("edgeHub", "constructor", published)).toBe("mcr.microsoft.com/azureiotedge-hub:constructor");
  const digests = Object.values(PUBLISHED_RUNTIMES).flatMap((release) => Object.values(release.digests));
  expect(digests.filter((one) => !/^sha256:[0-9a-f]{64}$/.test(one))).toEqual([]);
});
