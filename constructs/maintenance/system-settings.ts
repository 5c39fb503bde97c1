import { allDifferent, collect, type Finding, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import type { MachineSettings } from "./maintenance-settings";

/** A system behind a webhook, as docs/maintenance.md describes it. */
export interface WebhookSystem {
  /** Says which of the three it is. */
  readonly kind: "webhook";
  /** Address of the orders. */
  readonly url: string;
  /** Sign in with a token of Entra ID for this scope. @default - the variables `WORK_ORDERS_NAME_USER` and `…_PASSWORD`, or no sign-in */
  readonly scope?: string;
}

/** Maintenance notifications of SAP S/4HANA. */
export interface SapSystem {
  /** Says which of the three it is. */
  readonly kind: "sap";
  /** Address of the system: `https://HOST`, without a path. */
  readonly url: string;
  /** Client, 3 digits. @default - the system's own */
  readonly client?: string;
  /** Notification type, 2 characters. @default "M1" */
  readonly notificationType?: string;
  /** What `equipment` of a machine names. @default "equipment" */
  readonly technicalObject?: "equipment" | "functionalLocation";
  /** Sign in with a token of Entra ID for this scope. @default - the variables `WORK_ORDERS_NAME_USER` and `…_PASSWORD` */
  readonly scope?: string;
}

/** Work orders of Dynamics 365 Field Service. Signs in to the environment with Entra ID. */
export interface DynamicsSystem {
  /** Says which of the three it is. */
  readonly kind: "dynamics";
  /** Address of the environment: `https://ORGANIZATION.crm4.dynamics.com`, without a path. */
  readonly url: string;
  /** Text column of `msdyn_workorder`, 32 characters or longer, with an alternate key of its own: it takes the episode's id. */
  readonly keyColumn: string;
  /** Id of the account that work is done for. */
  readonly serviceAccount: string;
  /** Id of the work order type. @default - the environment's own */
  readonly workOrderType?: string;
  /** Id of the price list. @default - the environment's own */
  readonly priceList?: string;
}

/** A system that plans maintenance. */
export type MaintenanceSystemSettings = WebhookSystem | SapSystem | DynamicsSystem;

/** Name of a system; or several, of which the first gets new orders and the others keep those of episodes that began there. */
export type SystemNames = string | readonly string[];

/** Which systems there are, and which machine belongs to which. */
export interface SystemRouting {
  readonly systems?: Readonly<Record<string, MaintenanceSystemSettings>>;
  readonly sites?: Readonly<Record<string, SystemNames>>;
  readonly defaultSystem?: SystemNames;
  readonly machines?: Readonly<Record<string, MachineSettings>>;
}

const KINDS = ["webhook", "sap", "dynamics"] as const;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** https, unless it is on this machine. */
const ADDRESS = /^(https:\/\/[^/?#@\s]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?)/;

/** Longest values that SAP takes, by the field of a machine's record. */
const SAP_LENGTHS = { planningPlant: 4, workCentre: 8 } as const;

/** A list of names, whatever way it is written. */
export const namesOf = (names: SystemNames | undefined): readonly string[] =>
  names === undefined ? [] : typeof names === "string" ? [names] : names;

/** Validation errors in an environment's systems and in who belongs to which. */
export function systemProblems(routing: SystemRouting): Problem[] {
  const { systems = {}, sites = {}, defaultSystem, machines = {} } = routing;
  const known = Object.keys(systems);
  const routes: [string, SystemNames | undefined][] = [
    ...Object.entries(sites).map(([site, names]): [string, SystemNames] => [`sites.${site}`, names]),
    ["defaultSystem", defaultSystem],
    ...Object.entries(machines).map(([id, { system }]): [string, SystemNames | undefined] => [
      `machines.${id}.system`,
      system,
    ]),
  ];
  return [
    ...Object.entries(systems).flatMap(([name, system]) => under(`systems.${name}`, problemsOfSystem(name, system))),
    ...collect(
      ...routes.flatMap(([path, names]) => routeFindings(path, names, known)),
      problemIf(
        known.length > 1 && defaultSystem === undefined,
        "defaultSystem",
        undefined,
        `one of ${known.join(", ")}: machines that no site and no record assigns must belong to one`,
        "name the system of all other machines",
      ),
      ...Object.entries(machines).flatMap(([id, machine]) => sapFindings(id, machine, routing)),
    ),
  ];
}

function routeFindings(path: string, names: SystemNames | undefined, known: readonly string[]): Finding[] {
  const all = namesOf(names);
  return [
    problemIf(names !== undefined && all.length === 0, path, names, "at least one system", "name the system"),
    ...all.map((name, index) =>
      problemIf(
        !known.includes(name),
        typeof names === "string" ? path : `${path}[${index}]`,
        name,
        known.length === 0 ? "a system of maintenance.systems, which has none" : `one of ${known.join(", ")}`,
        "name a system of maintenance.systems",
      ),
    ),
    allDifferent(
      all.map((value, index) => ({ path: `${path}[${index}]`, value })),
      "name each system once",
    ),
  ];
}

function problemsOfSystem(name: string, system: MaintenanceSystemSettings): Problem[] {
  const id = (path: string, value: string | undefined): Finding =>
    hasForm(path, value, GUID, "the id of a row, a GUID", "copy it from the row's address in Field Service");
  const common = [
    hasForm(
      "",
      name,
      /^[a-z][a-z0-9-]{0,31}$/,
      "a name of 1 to 32 lower-case letters, digits and hyphens",
      "rename it",
    ),
    oneOf("kind", system.kind, KINDS, "choose the kind of system"),
    hasForm(
      "url",
      system.url,
      system.kind === "webhook" ? ADDRESS : new RegExp(`${ADDRESS.source}/?$`),
      system.kind === "webhook" ? "an https address" : "an https address without a path",
      "write the address as people open it",
    ),
  ];
  if (system.kind !== "dynamics") {
    common.push(hasForm("scope", system.scope, /^[^\s]+$/, "a scope without spaces", "write it as api://…/.default"));
  }
  if (system.kind === "sap") {
    return collect(
      ...common,
      hasForm("client", system.client, /^\d{3}$/, "3 digits", "write the client as people sign in to it"),
      hasForm("notificationType", system.notificationType, /^[A-Z0-9]{2}$/, "2 characters", "write it as SAP does: M1"),
      oneOf("technicalObject", system.technicalObject, ["equipment", "functionalLocation"], "choose what machines are"),
    );
  }
  return system.kind === "dynamics"
    ? collect(
        ...common,
        hasForm(
          "keyColumn",
          system.keyColumn,
          /^[a-z][a-z0-9]*_[a-z0-9_]+$/,
          "a column's logical name: a prefix, an underscore, lower-case letters and digits",
          "create a text column with an alternate key on msdyn_workorder",
        ),
        id("serviceAccount", system.serviceAccount),
        id("workOrderType", system.workOrderType),
        id("priceList", system.priceList),
      )
    : collect(...common);
}

/** A machine's record must fit where its orders go. */
function sapFindings(id: string, machine: MachineSettings, { systems = {}, defaultSystem }: SystemRouting): Finding[] {
  const [only] = Object.keys(systems);
  const [name] = namesOf(machine.system ?? defaultSystem ?? only);
  if (name === undefined || systems[name]?.kind !== "sap") {
    return [];
  }
  return (["planningPlant", "workCentre"] as const).map((field) =>
    problemIf(
      machine[field].length > SAP_LENGTHS[field],
      `machines.${id}.${field}`,
      machine[field],
      `at most ${SAP_LENGTHS[field]} characters, as SAP has them`,
      "write the key, not the description",
    ),
  );
}
