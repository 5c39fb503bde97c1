import { collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import { LIMITS } from "@edge-anomaly-detection/detector-contract";
import { CRITICALITIES, SEVERITIES } from "@edge-anomaly-detection/maintenance";
import { type MaintenanceSystemSettings, type SystemNames, systemProblems } from "./system-settings";
import { workOrderQueueProblems, type WorkOrderQueueSettings } from "./work-order-queue";

/** A time in which a machine stands anyway. */
export interface PlannedStopSettings {
  /** ISO 8601 with a zone: `2026-12-01T06:00:00Z`. */
  readonly start: string;
  /** After `start`. */
  readonly end: string;
}

/** What the maintenance system knows of a machine. */
export interface MachineSettings {
  /** Equipment or functional location, 1 to 40 characters. @default - the machine's id */
  readonly equipment?: string;
  /** Maintenance planning plant, 1 to 40 characters. */
  readonly planningPlant: string;
  /** Work centre that does the work, 1 to 40 characters. */
  readonly workCentre: string;
  /** What a stop costs: `A` stops the line, `B` slows it, `C` nobody notices within a shift. */
  readonly criticality: "A" | "B" | "C";
  /** Next stop that is planned. @default - none is known */
  readonly nextPlannedStop?: PlannedStopSettings;
  /** System that plans its maintenance; of several, the first gets new orders and the others complete those that they have. @default - that of its site */
  readonly system?: SystemNames;
}

/** What an environment decides about requests for maintenance. */
export interface MaintenanceSettings {
  /** Severity from which on an episode is requested without an operator's word: `info`, `warning` or `critical`. What an operator confirms is always requested. @default "critical" */
  readonly minimumSeverity?: "info" | "warning" | "critical";
  /** What the maintenance system knows of machines, by the machine id of anomalies. @default - none: machines count as criticality B, without planned stops */
  readonly machines?: Readonly<Record<string, MachineSettings>>;
  /** Systems that get orders, by names of your choosing. @default - none: the command line names a webhook */
  readonly systems?: Readonly<Record<string, MaintenanceSystemSettings>>;
  /** Systems by site: a device's tag `site`. @default - none */
  readonly sites?: Readonly<Record<string, SystemNames>>;
  /** System of machines that no record and no site assigns; required where there are several. @default - the only one */
  readonly defaultSystem?: SystemNames;
  /** Queue that Event Grid fills and `npm run work-orders` empties. @default - none: nothing is deployed */
  readonly queue?: WorkOrderQueueSettings;
}

/** Form of a time with a zone. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
const NAME = /^[^\u0000-\u001f]{1,40}$/;

/** Validation errors of what an environment decides about requests for maintenance. */
export function maintenanceProblems(settings: MaintenanceSettings): Problem[] {
  const { minimumSeverity, machines = {}, queue } = settings;
  return [
    ...systemProblems(settings),
    ...(queue === undefined ? [] : under("queue", workOrderQueueProblems(queue))),
    ...collect(oneOf("minimumSeverity", minimumSeverity, SEVERITIES, "choose from when on a machine is looked at")),
    ...Object.entries(machines).flatMap(([id, machine]) => machineProblems(`machines.${id}`, id, machine)),
  ];
}

function machineProblems(path: string, id: string, machine: MachineSettings): Problem[] {
  const { equipment, planningPlant, workCentre, criticality, nextPlannedStop: stop } = machine;
  const { max } = LIMITS.machineId;
  const isName = (field: string, value: string | undefined): ReturnType<typeof hasForm> =>
    hasForm(`${path}.${field}`, value, NAME, "1 to 40 characters", "write it as the maintenance system names it");
  return collect(
    problemIf(
      id === "" || id.length > max,
      path,
      id,
      `a machine id of 1 to ${max} characters`,
      "write the id as messages carry it",
    ),
    isName("equipment", equipment),
    isName("planningPlant", planningPlant),
    isName("workCentre", workCentre),
    oneOf(
      `${path}.criticality`,
      criticality,
      CRITICALITIES,
      "A stops the line, B slows it, C nobody notices within a shift",
    ),
    ...(stop === undefined
      ? []
      : [
          ...(["start", "end"] as const).map((end) =>
            hasForm(
              `${path}.nextPlannedStop.${end}`,
              Number.isNaN(Date.parse(stop[end])) ? "no time" : stop[end],
              TIME,
              "a time with a zone, as 2026-12-01T06:00:00Z",
              "write when the machine stands",
            ),
          ),
          problemIf(
            Date.parse(stop.end) <= Date.parse(stop.start),
            `${path}.nextPlannedStop.end`,
            stop.end,
            `a time after ${stop.start}`,
            "correct one of the two",
          ),
        ]),
  );
}
