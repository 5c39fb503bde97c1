import { Construct } from "constructs";
import { type HubStamp, hubStamps, stampOf } from "../../constructs/hub/hub-stamps";
import { HubEvents } from "../../constructs/hub/hub-events";
import { IotHub } from "../../constructs/hub/iot-hub";
import { LakeRouting } from "../../constructs/hub/lake-routing";
import * as names from "../../constructs/shared/names";
import type { DataLake } from "../../constructs/storage/data-lake";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { type EnvironmentContext, sendDiagnostics } from "./context";

/** A hub of an environment with what belongs to it alone. */
export interface EnvironmentHub {
  readonly name: string;
  /** Name of a further hub; the first one has none, so that its names and addresses are those of an environment with one hub. */
  readonly stamp: string | undefined;
  /** Whether devices that register may get it. */
  readonly isActive: boolean;
  /** Where its other parts are made. */
  readonly scope: Construct;
  readonly hub: IotHub;
  readonly routing: LakeRouting;
  /** Its messages as events; undefined where no part of the environment takes them. */
  readonly events: HubEvents | undefined;
}

/** An environment's hubs: always the first, and its stamps. */
export type EnvironmentHubs = readonly [EnvironmentHub, ...EnvironmentHub[]];

/** Creates an environment's hubs, each with its routes to the lake. */
export function createHubs(context: EnvironmentContext, lake: DataLake): EnvironmentHubs {
  const [first, ...others] = hubStamps(context.environment.hub ?? {});
  return [
    createHub(context, first, lake),
    ...others.filter(({ state }) => state !== "removed").map((stamp) => createHub(context, stamp, lake)),
  ];
}

/** Scope of a hub's parts: constant, because it is a part of addresses in the state. */
export const scopeOf = ({ stack }: Pick<EnvironmentContext, "stack">, name: string): Construct =>
  stampOf(name) === undefined ? stack : new Construct(stack, `Stamp-${name}`);

function createHub(context: EnvironmentContext, { name, state }: HubStamp, lake: DataLake): EnvironmentHub {
  const { environment, resourceGroup, parts, access, preventDestroy, anomalyModules } = context;
  const { logCategories, ...settings } = environment.hub ?? {};
  const stamp = stampOf(name);
  const scope = scopeOf(context, name);
  const hub = new IotHub(scope, "Hub", {
    ...settings,
    resourceGroup,
    name: names.iotHubName(parts, stamp),
    access,
    preventDestroy,
  });
  sendDiagnostics(context, hub, "iotHub", hub.resource.id, logCategories);
  const routing = new LakeRouting(scope, "Routing", {
    ...environment.routing,
    resourceGroup,
    hub,
    lake,
    anomalyModules,
  });
  const events = createEvents(context, { scope, stamp, hub, routing });
  return { name, stamp, isActive: state === "active", scope, hub, routing, events };
}

/** Where the anomaly feed had its own topic before. */
const TOPIC_BEFORE = "azurerm_eventgrid_system_topic.AnomalyFeed_Topic_451B1B0A";

function createEvents(
  { environment, resourceGroup }: EnvironmentContext,
  { scope, stamp, hub, routing }: Pick<EnvironmentHub, "scope" | "stamp" | "hub" | "routing">,
): HubEvents | undefined {
  const { maintenance, twin } = environment;
  if (!hasAnomalyFeed(environment) && maintenance?.queue === undefined && twin?.instance === undefined) {
    return undefined;
  }
  const events = new HubEvents(scope, "HubEvents", {
    resourceGroup,
    name: stamp === undefined ? "evgt-iot-hub" : `evgt-iot-hub-${stamp}`,
    hub,
    after: routing.parts,
  });
  if (stamp === undefined) {
    events.resource.moveFromId(TOPIC_BEFORE);
  }
  return events;
}

/** Whether anomalies are copied to Log Analytics as they come. */
export const hasAnomalyFeed = ({ logs }: EnvironmentConfig): boolean => logs?.anomalyFeed ?? true;
