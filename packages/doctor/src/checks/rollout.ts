import type { Found } from "../finding";
import type { AgentReport, Deployment } from "../sources/hub-service";
import { type Check, check, each, earliest, endOf, minutes, names, since } from "./check";

/** Minutes that a new deployment is given to reach devices. */
const ROLL_OUT_MINUTES = 30;

/** Codes of `lastDesiredStatus` (Azure/iotedge, DeploymentStatusCode.cs). */
const AGENT_CODES: Readonly<Record<number, string>> = {
  400: "its deployment is not valid",
  406: "it could not carry out the deployment, as when an image cannot be pulled",
  412: "it does not know the deployment's schema version",
  417: "it has no deployment yet",
  500: "an error within the agent",
};

const isNew = ({ created }: Deployment, now: Date): boolean => minutes(created, now) < ROLL_OUT_MINUTES;
const titleOf = ({ expected }: Deployment): string => `${expected.layer} in ring ${expected.ring}`;

/** Checks of deployments and of the modules that they bring. */
export const ROLLOUT_CHECKS: readonly Check[] = [
  check({
    id: "deployment-missing",
    level: "broken",
    phases: ["after"],
    needs: ["deployments"],
    holds: "each ring has a deployment of each layer",
    why: "devices of the ring lose the layer's modules",
    remedy: "npx cdktf deploy",
    page: "docs/doctor.md#failed-apply",
    find: ({ deployments }, { deployments: wanted }) =>
      wanted
        .filter((one) => deployments?.every(({ expected }) => expected !== one) ?? false)
        .map(({ layer, ring, id, isPrefix }) => ({
          subject: `${layer} in ring ${ring}`,
          what: `the hub has no deployment ${id}${isPrefix ? "…" : ""}`,
        })),
  }),
  check({
    id: "deployment-targets",
    level: "broken",
    phases: ["after"],
    needs: ["deployments", "devices"],
    holds: "deployments target the devices of their ring",
    why: "a device that no deployment targets keeps what it ran before, or runs nothing",
    remedy: "compare the target condition with the device's tags; npx cdktf deploy writes both",
    page: "docs/doctor.md#failed-apply",
    find: ({ deployments = [], devices }, { devices: wanted }, now) =>
      deployments.flatMap((one): Found[] => {
        const { expected, targeted, targetCondition } = one;
        if (targetCondition !== expected.targetCondition) {
          return [
            {
              subject: titleOf(one),
              what: `its target condition is ${targetCondition}, not ${expected.targetCondition}`,
            },
          ];
        }
        const missing = new Set(devices?.missing);
        const inHub =
          expected.devices - wanted.filter(({ id, ring }) => ring === expected.ring && missing.has(id)).length;
        return targeted >= inHub || isNew(one, now)
          ? []
          : [{ subject: titleOf(one), what: `it targets ${targeted} devices, and the configuration has ${inHub}` }];
      }),
  }),
  check({
    id: "deployment-applied",
    level: "finding",
    phases: ["after"],
    needs: ["deployments", "devices"],
    holds: "devices have applied their deployments",
    why: "devices of one ring run different versions",
    remedy: "wait for devices that are busy; restart the agent of one that stays behind: iotedge restart edgeAgent",
    page: "docs/doctor.md#failed-apply",
    find: ({ deployments = [], devices }, _expected, now) =>
      deployments.flatMap((one): Found[] => {
        const { expected, targeted, applied } = one;
        const instead = deployments.find(
          (other) => other.expected.layer === expected.replacedBy && other.expected.ring === expected.ring,
        );
        const behind = targeted - (instead?.targeted ?? 0) - applied - (devices?.silent.items.length ?? 0);
        return behind <= 0 || isNew(one, now)
          ? []
          : [
              {
                subject: titleOf(one),
                what: `${behind} connected devices have not applied version ${expected.version}`,
                ...since(one.created),
              },
            ];
      }),
  }),
  check({
    id: "deployment-failed",
    level: "broken",
    phases: ["after"],
    needs: ["agentReports", "deployments"],
    holds: "devices report success",
    why: "what the ring should run does not run there",
    remedy:
      "read what the device says, then `iotedge logs edgeAgent` on it; to roll back, name the old version in the ring",
    page: "docs/doctor.md#failed-apply",
    find: ({ agentReports, deployments = [] }) => {
      const failed = firstOfEach((agentReports?.items ?? []).filter(({ code }) => code !== undefined && code !== 200));
      const named = each(
        failed,
        (one) => ({
          subject: one.deviceId,
          what: `${AGENT_CODES[one.code ?? 0] ?? `its agent reports ${one.code ?? 0}`}${one.description === undefined || one.description === "" ? "" : `: ${one.description.slice(0, 300)}`}`,
          ...since(one.changed),
        }),
        (count, first) => ({
          subject: "devices",
          what: `${count} report that their deployment failed: ${names(first.map(({ deviceId }) => deviceId))}, …`,
          ...since(earliest(failed.map(({ changed }) => changed))),
        }),
        agentReports?.isCut,
      );
      // The hub's own count, where no device says more.
      const counted = deployments.filter(({ failed: count }) => count > 0);
      return named.length > 0
        ? named
        : counted.map((one) => ({
            subject: titleOf(one),
            what: `${one.failed} devices report failure`,
            ...since(one.created),
          }));
    },
  }),
  check({
    id: "module-status",
    level: "broken",
    phases: ["after"],
    needs: ["agentReports", "devices"],
    holds: "modules run",
    why: "a module that does not run judges nothing, or sends nothing on",
    remedy: "iotedge list, then iotedge logs MODULE on the device",
    page: "docs/doctor.md#device-silent",
    find: ({ agentReports, devices }) =>
      moduleFindings(
        agentReports?.items ?? [],
        silentIds(devices?.silent.items),
        agentReports?.isCut ?? false,
        ({ status }) => (status === "running" ? undefined : status === undefined ? "is not there" : `is ${status}`),
      ),
  }),
  check({
    id: "module-version",
    level: "finding",
    phases: ["after"],
    needs: ["agentReports", "devices"],
    holds: "modules run the image that their ring's version names",
    why: "devices of one ring run different versions",
    remedy: "see why the device cannot pull the image: iotedge logs edgeAgent",
    page: "docs/doctor.md#failed-apply",
    find: ({ agentReports, devices }) =>
      moduleFindings(
        agentReports?.items ?? [],
        silentIds(devices?.silent.items),
        agentReports?.isCut ?? false,
        ({ status, image }, wanted) =>
          status !== "running" || wanted === null || image === undefined || image === wanted
            ? undefined
            : `runs ${image}, not ${wanted}`,
      ),
  }),
  check({
    id: "package-link",
    level: "finding",
    phases: ["after"],
    needs: ["deployments"],
    holds: "the link to the Stream Analytics package lasts",
    why: "a device that restarts after the link's end cannot fetch the job, and the module does not start",
    remedy: "raise streamAnalytics.publishGeneration by one and deploy",
    page: "docs/doctor.md#rotated-keys",
    find: ({ deployments = [] }, _expected, now) =>
      deployments.flatMap((one) => {
        const end = endOf(one.linkEnds, now);
        return end === undefined ? [] : [{ subject: titleOf(one), what: `the link ${end.what}`, level: end.level }];
      }),
  }),
];

const silentIds = (silent: readonly { readonly id: string }[] | undefined): ReadonlySet<string> =>
  new Set(silent?.map(({ id }) => id));

/** One report a device: a failed deployment shows in every layer. */
function firstOfEach(reports: readonly AgentReport[]): AgentReport[] {
  return [...new Map([...reports].reverse().map((one) => [one.deviceId, one])).values()].reverse();
}

interface ModuleFinding {
  readonly deviceId: string;
  readonly module: string;
  readonly what: string;
}

/** What is wrong with modules. A silent device's report is old, and one whose deployment failed says so itself. */
function moduleFindings(
  reports: readonly AgentReport[],
  silent: ReadonlySet<string>,
  isCut: boolean,
  judge: (module: AgentReport["modules"][string], wanted: string | null) => string | undefined,
): readonly Found[] {
  const found = new Map<string, ModuleFinding>();
  for (const { deviceId, modules, deployment, code } of reports) {
    if (silent.has(deviceId) || code !== 200) {
      continue;
    }
    for (const [module, state] of Object.entries(modules)) {
      const what = judge(state, deployment.expected.modules[module] ?? null);
      if (what !== undefined) {
        found.set(`${deviceId}/${module}`, { deviceId, module: module.replace("$", ""), what });
      }
    }
  }
  return each(
    [...found.values()],
    ({ deviceId, module, what }) => ({ subject: `${deviceId}/${module}`, what: `the module ${what}` }),
    (count, first) => ({
      subject: "modules",
      what: `${count} modules: ${first.map(({ deviceId, module, what }) => `${deviceId}/${module} ${what}`).join("; ")}; …`,
    }),
    isCut,
  );
}
