import { RemoteError } from "@edge-anomaly-detection/common";
import {
  DynamicsFieldService,
  type Episode,
  type MaintenanceSystem,
  SapNotifications,
  systemsOf,
  Webhook,
} from "@edge-anomaly-detection/maintenance";
import { type MaintenanceSystemSettings, namesOf } from "../../constructs/maintenance/system-settings";
import { WORK_ORDER_QUEUE } from "../../constructs/maintenance/work-order-queue";
import * as names from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { nameParts } from "../../environments/validation/name-parts";

/** How systems are signed in to and waited for. */
export interface SystemAccess {
  readonly tokenFor: (scope: string) => Promise<string>;
  /** Variables with users and passwords. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Where an environment's work orders wait; undefined where it has no queue. */
export function queueAddress(organization: OrganizationConfig, environment: EnvironmentConfig): string | undefined {
  return environment.maintenance?.queue === undefined
    ? undefined
    : `https://${names.serviceBusNamespaceName(nameParts(organization, environment))}.servicebus.windows.net/${WORK_ORDER_QUEUE}`;
}

/** An environment's maintenance systems by name. */
export function systemsIn(environment: EnvironmentConfig, access: SystemAccess): Record<string, MaintenanceSystem> {
  return Object.fromEntries(
    Object.entries(environment.maintenance?.systems ?? {}).map(([name, settings]) => [
      name,
      systemOf(name, settings, access),
    ]),
  );
}

/** To which of its systems an episode belongs. */
export function routeIn({ maintenance = {}, edge }: EnvironmentConfig): (episode: Episode) => readonly string[] {
  const { systems = {}, sites = {}, machines = {}, defaultSystem = Object.keys(systems)[0] } = maintenance;
  const routes = {
    machines: Object.fromEntries(
      Object.entries(machines).flatMap(([id, { system }]) => (system === undefined ? [] : [[id, namesOf(system)]])),
    ),
    sites: Object.fromEntries(Object.entries(sites).map(([site, system]) => [site, namesOf(system)])),
    siteOfDevice: Object.fromEntries(
      (edge?.devices ?? []).flatMap(({ id, tags }) => (tags?.site === undefined ? [] : [[id, tags.site]])),
    ),
    otherwise: namesOf(defaultSystem),
  };
  return (episode) => systemsOf(episode, routes);
}

function systemOf(name: string, settings: MaintenanceSystemSettings, access: SystemAccess): MaintenanceSystem {
  const wait = access.wait !== undefined && { wait: access.wait };
  if (settings.kind === "dynamics") {
    const scope = `${new URL(settings.url).origin}/.default`;
    return new DynamicsFieldService({ ...settings, authorization: bearer(scope, access), ...wait });
  }
  const authorization =
    settings.scope === undefined ? password(name, settings.kind === "sap", access) : bearer(settings.scope, access);
  const options = { ...settings, ...(authorization && { authorization }), ...wait };
  return settings.kind === "sap" ? new SapNotifications(options) : new Webhook(options);
}

/** Sign-in with a token of Entra ID. */
export const bearer =
  (scope: string, { tokenFor }: Pick<SystemAccess, "tokenFor">) =>
  async (): Promise<string> =>
    `Bearer ${await tokenFor(scope)}`;

/**
 * Sign-in with a user and a password out of two variables, for systems that know no Entra ID.
 *
 * @throws RemoteError where the variables are not set and the system needs them
 */
function password(name: string, isRequired: boolean, { variables }: SystemAccess): (() => Promise<string>) | undefined {
  const prefix = `WORK_ORDERS_${name.toUpperCase().replaceAll("-", "_")}`;
  const [user, secret] = [variables[`${prefix}_USER`], variables[`${prefix}_PASSWORD`]];
  if (user === undefined || secret === undefined) {
    if (isRequired) {
      throw new RemoteError(
        `nobody is signed in to the maintenance system ${name}`,
        `set ${prefix}_USER and ${prefix}_PASSWORD where this runs, or scope in maintenance.systems.${name}`,
      );
    }
    return undefined;
  }
  return () => Promise.resolve(`Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`);
}
