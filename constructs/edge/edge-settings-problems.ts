import { FROM_SOURCE } from "../../edge-manifests/image-sources";
import { HUB_TIERS } from "@edge-anomaly-detection/azure-facts";
import { collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import { checkDeployments, type ManifestFinding } from "@edge-anomaly-detection/edge-manifest-tools";
import { jobsOf, LAYERS, type LayerName } from "../../edge-manifests/layers";
import { deviceListProblems } from "./device-list-problems";
import {
  deploymentCount,
  deploymentsOf,
  type EdgeSettings,
  type EdgeSurroundings,
  hasStreamAnalytics,
  priorityOf,
  softwareOf,
} from "./edge-settings";
import { modelProblems, modelStoreProblems } from "./model-problems";
import { registryTokenProblems } from "./registry-tokens";
import { ringProblems } from "./rings";

/** Validation errors in an environment's settings for devices. */
export function edgeProblems(settings: EdgeSettings, surroundings: EdgeSurroundings): Problem[] {
  const devices = settings.devices ?? [];
  const own = [
    ...under("devices", deviceListProblems(devices)),
    ...versionProblems(settings, surroundings),
    ...modelStoreProblems(settings.modelStore, surroundings.ownHosts ?? []),
    ...ringProblems(settings.rings, Object.keys(settings.versions), devices),
    ...analyserProblems(settings, surroundings),
    ...priorityProblems(settings),
    ...under("registryTokens", registryTokenProblems(settings.registryTokens ?? {})),
    ...collect(
      inRange(
        "simulatedSensorSeconds",
        settings.simulatedSensorSeconds,
        { min: 1, max: 86_400, unit: "seconds" },
        "choose how often the sensor sends, or leave it out for none",
      ),
      inRange(
        "timeToLiveSeconds",
        settings.timeToLiveSeconds,
        { min: 0, max: 2_592_000, unit: "seconds" },
        "choose how long a device may be without a network",
      ),
      inRange(
        "readerTimeToLiveSeconds",
        settings.readerTimeToLiveSeconds,
        { min: 1, max: 2_592_000, unit: "seconds" },
        "choose how old a message may be that a module gets when it runs again",
      ),
      hasForm(
        "storageFolder",
        settings.storageFolder,
        /^(?!.*\/\.{1,2}(\/|$))(\/[\w.-]{1,64}){1,16}$/,
        "an absolute path of letters, digits and - _ . / without . and .. as a part, not / itself",
        "name a folder on a disk of the hosts that is large enough",
      ),
      problemIf(
        surroundings.isFreeHub && devices.length > HUB_TIERS.F1.identities.value,
        "devices",
        devices.length,
        `at most ${HUB_TIERS.F1.identities.value} devices on a free hub`,
        "choose S1 or larger as hub.sku",
      ),
    ),
    ...countProblems(settings, surroundings),
  ];
  // Manifests of invalid settings would report the same problems again.
  return own.length > 0 ? own : manifestProblems(settings, surroundings);
}

function versionProblems({ versions, modelStore }: EdgeSettings, surroundings: EdgeSurroundings): Problem[] {
  const names = Object.keys(versions);
  return [
    ...collect(
      problemIf(names.length === 0, "versions", versions, "at least one version", "name what devices shall run"),
    ),
    ...Object.entries(versions).flatMap(([name, version]) =>
      under(`versions.${name}`, [
        ...collect(
          hasForm(
            "",
            name,
            /^[a-z0-9][a-z0-9.-]{0,31}$/,
            "a name of 1 to 32 lower-case letters, digits, dots and hyphens",
            "rename the version, for example 2026.11",
          ),
          pinnedTag("runtime", version.runtime, "1.6.1"),
          ...(version.detector === FROM_SOURCE
            ? []
            : pinnedTag("detector", version.detector, "1.0.0", "(@sha256:[0-9a-f]{64})?")),
        ),
        ...modelProblems(version, modelStore, surroundings.detectorSourceTag),
      ]),
    ),
  ];
}

const pinnedTag = (path: string, value: string | undefined, example: string, digest = ""): Problem[] =>
  collect(
    hasForm(
      path,
      value,
      new RegExp(`^(?!latest(@|$))(?=[^@]*\\d)[A-Za-z0-9_][\\w.-]{0,127}${digest}$`),
      `an image tag with a number in it, not latest${digest === "" ? "" : ", and after it a digest or nothing"}`,
      `name the version that was tested, for example ${example}`,
    ),
  );

function analyserProblems(settings: EdgeSettings, { job }: EdgeSurroundings): Problem[] {
  const detector = settings.analysers?.detector ?? true;
  const streamAnalytics = hasStreamAnalytics(settings);
  return collect(
    problemIf(
      !detector && !streamAnalytics && settings.telemetryToCloud !== true,
      "analysers",
      settings.analysers,
      "detector or streamAnalytics true, or telemetryToCloud true",
      "switch one on: no module would read the messages",
    ),
    problemIf(
      !detector && streamAnalytics && job.modelScores === true,
      "analysers.detector",
      false,
      "true while streamAnalytics.modelScores is true",
      "leave modelScores out: without the ML module the job's second input receives nothing",
    ),
  );
}

function priorityProblems(settings: EdgeSettings): Problem[] {
  const given = Object.entries(settings.priorities ?? {}) as [LayerName, number][];
  const ranks = LAYERS.map((layer) => ({ layer, rank: priorityOf(settings, layer) }));
  const base = priorityOf(settings, "base");
  const gateway = priorityOf(settings, "gateway");
  return collect(
    ...given.map(([layer, rank]) =>
      inRange(
        `priorities.${layer}`,
        rank,
        { min: 0, max: 1_000_000, unit: "ranks" },
        "choose its rank among the hub's deployments",
      ),
    ),
    ...ranks.map(({ layer, rank }, index) => {
      const twin = ranks.slice(0, index).find((other) => other.rank === rank);
      return problemIf(
        twin !== undefined,
        `priorities.${layer}`,
        rank,
        `another rank than that of ${twin?.layer ?? ""}, which reaches the same devices`,
        "give each layer its own rank; of two equal ones the younger deployment would win",
      );
    }),
    ...ranks.map(({ layer, rank }) =>
      problemIf(
        layer !== "base" && rank < base,
        `priorities.${layer}`,
        rank,
        `a rank above that of base, which is ${base}`,
        "raise it: devices ignore layers below their base",
      ),
    ),
    ...ranks.map(({ layer, rank }) =>
      problemIf(
        layer !== "base" && layer !== "gateway" && rank >= base && rank < gateway,
        `priorities.${layer}`,
        rank,
        `a rank above that of gateway, which is ${gateway}`,
        "raise it, or lower that of gateway: it is the base of gateways, and devices ignore layers below their base",
      ),
    ),
  );
}

function countProblems(settings: EdgeSettings, surroundings: EdgeSurroundings): Problem[] {
  const rings = Object.values(settings.rings);
  const count = deploymentCount(settings, surroundings);
  // A changed deployment exists beside its predecessor for a moment.
  const { value: max, source } = HUB_TIERS[surroundings.isFreeHub ? "F1" : "S1"].deployments;
  return collect(
    problemIf(
      2 * count > max,
      "rings",
      `${rings.length} rings with ${count} deployments`,
      `at most ${max / 2} deployments: a hub takes ${max}, and a new one exists beside the one that it replaces (${source.url})`,
      "use fewer rings, or a larger hub than F1",
    ),
  );
}

/** What the checker finds in what each ring's devices would get: those that are gateways, and the others. */
function manifestProblems(settings: EdgeSettings, surroundings: EdgeSurroundings): Problem[] {
  return Object.entries(settings.rings).flatMap(([name, ring]) => {
    const { gateway, ...others } = deploymentsOf(settings, ring, surroundings);
    const jobs = jobsOf(softwareOf(settings, ring, surroundings));
    const check = (layers: Partial<ReturnType<typeof deploymentsOf>>): Problem[] =>
      checkDeployments(Object.values(layers), { jobs, complete: true }).flatMap((findings, index) =>
        findings
          .filter(({ severity }) => severity === "error")
          .map((finding) =>
            asProblem(`rings.${name}.manifest.${Object.keys(layers)[index] ?? ""}${finding.pointer}`, finding),
          ),
      );
    const found = check(others);
    // Problems of layers that both have are reported once.
    return gateway === undefined || found.length > 0 ? found : check({ ...others, base: gateway });
  });
}

const asProblem = (path: string, { problem, remedy }: ManifestFinding): Problem => ({
  path,
  value: problem,
  allowed: "what the hub and the runtime take",
  remedy,
});
