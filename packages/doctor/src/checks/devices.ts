import { type Check, check, each, earliest, names, since } from "./check";

/** Checks of devices: whether they are there and connected, and what their detectors say. */
export const DEVICE_CHECKS: readonly Check[] = [
  check({
    id: "device-missing",
    level: "broken",
    phases: ["after"],
    needs: ["devices"],
    holds: "every device of the configuration is in the hub, with the environment's tag",
    why: "a device that the hub does not know cannot connect, and one without the tag gets no deployment",
    remedy: "npx cdktf deploy: it registers the device and writes its tags",
    page: "docs/doctor.md#failed-apply",
    find: ({ devices }, { environment }) =>
      each(
        devices?.missing ?? [],
        (id) => ({ subject: id, what: `the hub has no such device with the tag environment = ${environment}` }),
        (count, first) => ({
          subject: "devices",
          what: `${count} are not in the hub or have lost their tag: ${names(first)}, …`,
        }),
      ),
  }),
  check({
    id: "device-disabled",
    level: "broken",
    phases: ["after"],
    needs: ["devices"],
    holds: "devices that may connect are enabled",
    why: "the hub refuses a disabled device",
    remedy: "enable it, or write enabled: false into the configuration",
    page: "docs/doctor.md#retire-a-site",
    find: ({ devices }, { devices: wanted }) => {
      const mayConnect = new Set(wanted.filter(({ enabled }) => enabled).map(({ id }) => id));
      return each(
        (devices?.disabled.items ?? []).filter((id) => mayConnect.has(id)),
        (id) => ({ subject: id, what: "it is disabled in the hub, and enabled in the configuration" }),
        (count, first) => ({ subject: "devices", what: `${count} are disabled in the hub: ${names(first)}, …` }),
        devices?.disabled.isCut,
      );
    },
  }),
  check({
    id: "device-silent",
    level: "broken",
    phases: ["after"],
    needs: ["devices"],
    holds: "devices are connected",
    why: "it still judges its machines, and nobody hears of it until it is back",
    remedy: "look at its network and power, then at `iotedge check` on the device",
    page: "docs/doctor.md#device-silent",
    find: ({ devices }, { devices: wanted }) => {
      const disabled = new Set(wanted.filter(({ enabled }) => !enabled).map(({ id }) => id));
      const silent = (devices?.silent.items ?? []).filter(({ id }) => !disabled.has(id));
      return each(
        silent,
        (one) => ({
          subject: one.id,
          what: one.since === undefined ? "it has never connected" : "it is not connected",
          ...since(one.since),
        }),
        (count, first) => ({
          subject: "devices",
          what: `${count} of ${devices?.count ?? 0} are not connected: ${names(first.map(({ id }) => id))}, …`,
          ...since(earliest(silent.map((one) => one.since))),
        }),
        devices?.silent.isCut,
      );
    },
  }),
  check({
    id: "detector-configuration",
    level: "broken",
    phases: ["after"],
    needs: ["detectorReports"],
    holds: "anomaly detectors accept their configuration and model",
    why: "the detector goes on with the settings or the model that it had before",
    remedy: "correct what it names, and deploy",
    page: "docs/detector.md",
    find: ({ detectorReports }) =>
      each(
        (detectorReports?.items ?? []).filter(({ mistakes, model }) => mistakes !== undefined || model !== undefined),
        ({ deviceId, mistakes, model, since: when }) => ({
          subject: deviceId,
          what:
            mistakes === undefined
              ? `its detector ${model ?? ""}`
              : `its detector refused its configuration: ${mistakes.split("\n").join("; ")}`,
          ...since(when),
        }),
        (count, first) => ({
          subject: "devices",
          what: `the detectors of ${count} refuse their configuration or model: ${names(first.map(({ deviceId }) => deviceId))}, …`,
        }),
        detectorReports?.isCut,
      ),
  }),
  check({
    id: "model-drift",
    level: "finding",
    phases: ["after"],
    needs: ["detectorReports"],
    holds: "machines are like those that their model was trained on",
    why: "the model was made for another operation: it may miss faults, or alert without one",
    remedy: "see what has changed; where it is to stay, let training run and promote its model",
    page: "docs/detector.md",
    find: ({ detectorReports }) =>
      each(
        (detectorReports?.items ?? []).filter(({ drift }) => drift !== undefined),
        ({ deviceId, drift }) => ({ subject: deviceId, what: `machines have drifted: ${drift ?? ""}` }),
        (count, first) => ({
          subject: "devices",
          what: `machines of ${count} have drifted from their models: ${names(first.map(({ deviceId }) => deviceId))}, …`,
        }),
        detectorReports?.isCut,
      ),
  }),
];
