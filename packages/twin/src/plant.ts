import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { LIMITS } from "@edge-anomaly-detection/detector-contract";
import type { MachineRecord } from "@edge-anomaly-detection/maintenance";

/** A device as far as the twin is concerned. */
export interface PlantDevice {
  readonly id: string;
  /** Whether it runs the IoT Edge runtime, and so analyses. @default true */
  readonly isEdge?: boolean;
  /** Device that it reaches the hub through. @default - none */
  readonly parent?: string;
  /** Where it stands. @default - the site of its parent; the plant's name where there is none */
  readonly site?: string;
  /** Production line within the site. @default - none: its machines stand directly in the site */
  readonly line?: string;
}

/** A machine that is more than its device. */
export interface PlantMachine {
  /** Id of the device that its messages come through. */
  readonly device: string;
  /** Production line within the device's site. @default - the device's */
  readonly line?: string;
  /** Name for people. @default - its id */
  readonly name?: string;
}

/** A measured quantity. */
export interface PlantSignal {
  readonly name: string;
  /** Unit as people write it: `°C`. @default - none */
  readonly unit?: string;
}

/** What models and graph are made from; `plantProblems` says what may be wrong with it. */
export interface Plant {
  /** Name of the environment. */
  readonly name: string;
  readonly devices: readonly PlantDevice[];
  /** Ids of the edge modules that analyse on each edge device. */
  readonly modules: readonly string[];
  /** Machines by the machine id of anomalies. @default - each device that is no parent of another is the machine of its own id */
  readonly machines?: Readonly<Record<string, PlantMachine>>;
  /** Machine ids that messages carry, where they do. @default - a machine is called like the device that sends */
  readonly machineIds?: readonly string[];
  /** What is measured at each machine. */
  readonly signals: readonly PlantSignal[];
  /** What the maintenance system knows of machines, by machine id. @default - none */
  readonly records?: Readonly<Record<string, MachineRecord>>;
}

/** A machine with its place. */
export interface PlacedMachine {
  readonly id: string;
  readonly name: string;
  readonly device: string;
  readonly site: string;
  readonly line?: string;
  /** Edge device that analyses its messages. @default - none */
  readonly analysedBy?: string;
}

/** Characters of a name that people read. */
const MAX_NAME = 128;

/** Validation errors in a plant; paths of `machines` are those of the environment's `twin`. */
export function plantProblems(plant: Plant): Problem[] {
  const { machines = {}, machineIds } = plant;
  const devices = new Set(plant.devices.map(({ id }) => id));
  const machineProblems = Object.entries(machines).flatMap(([id, machine]) => {
    const path = `machines.${id}`;
    return collect(
      problemIf(
        id === "" || id.length > LIMITS.machineId.max,
        path,
        id,
        `a machine id of 1 to ${LIMITS.machineId.max} characters`,
        "write the id as messages carry it",
      ),
      problemIf(
        !devices.has(machine.device),
        `${path}.device`,
        machine.device,
        "the id of a device in edge.devices",
        "name the device that the machine's messages come through",
      ),
      problemIf(
        machineIds !== undefined && !machineIds.includes(id),
        path,
        id,
        `one of streamAnalytics.machines.ids: ${(machineIds ?? []).join(", ")}`,
        "correct the id, or add it there: messages name their machines",
      ),
      ...(["name", "line"] as const).map((field) =>
        problemIf(
          machine[field] !== undefined && !isName(machine[field]),
          `${path}.${field}`,
          machine[field],
          `1 to ${MAX_NAME} characters`,
          "write it as people call it",
        ),
      ),
    );
  });
  const unplaced = unplacedIds(plant);
  return [
    ...machineProblems,
    ...collect(
      problemIf(
        unplaced.length > 0,
        "machines",
        unplaced,
        "a device for each of streamAnalytics.machines.ids",
        `add ${unplaced.join(", ")}: several devices analyse, and only the plant knows which of them a machine sends through`,
      ),
    ),
  ];
}

const isName = (text: string): boolean => text.length <= MAX_NAME && /^[^\u0000-\u001f]+$/.test(text);

/** Machine ids of messages that no device is known of. */
function unplacedIds({ machineIds = [], machines = {}, devices }: Plant): string[] {
  return devices.length === 1 ? [] : machineIds.filter((id) => !Object.hasOwn(machines, id));
}

/** All machines in the order of their ids. Expects a plant without problems. */
export function placedMachines(plant: Plant): PlacedMachine[] {
  const { devices, machines = {}, machineIds } = plant;
  const byId = new Map(devices.map((device) => [device.id, device]));
  const parents = new Set(devices.map(({ parent }) => parent));
  const described = new Set(Object.values(machines).map(({ device }) => device));
  const [only] = devices;
  const plain: readonly (readonly [string, PlantMachine])[] =
    machineIds === undefined
      ? devices
          .filter(({ id }) => !parents.has(id) && !described.has(id))
          .map(({ id }) => [id, { device: id }] as const)
      : only === undefined
        ? []
        : machineIds.filter((id) => !Object.hasOwn(machines, id)).map((id) => [id, { device: only.id }] as const);
  return [...plain, ...Object.entries(machines)]
    .map(([id, { device, line = lineOf(device, byId), name = id }]) => {
      const analysedBy = analyserOf(device, byId);
      return {
        id,
        name,
        device,
        site: siteOf(device, byId) ?? plant.name,
        ...(line !== undefined && { line }),
        ...(analysedBy !== undefined && plant.modules.length > 0 && { analysedBy }),
      };
    })
    .sort((a, b) => compare(a.id, b.id));
}

/** Devices on the way to the hub, the device itself first. */
function pathOf(id: string, byId: ReadonlyMap<string, PlantDevice>): PlantDevice[] {
  const path = new Set<PlantDevice>();
  for (let device = byId.get(id); device !== undefined && !path.has(device); device = byId.get(device.parent ?? "")) {
    path.add(device);
  }
  return [...path];
}

const siteOf = (id: string, byId: ReadonlyMap<string, PlantDevice>): string | undefined =>
  pathOf(id, byId).find(({ site }) => site !== undefined)?.site;

const lineOf = (id: string, byId: ReadonlyMap<string, PlantDevice>): string | undefined => byId.get(id)?.line;

const analyserOf = (id: string, byId: ReadonlyMap<string, PlantDevice>): string | undefined =>
  pathOf(id, byId).find(({ isEdge }) => isEdge !== false)?.id;

/** Order of texts that is the same everywhere: by code units. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
