import { HubEvents } from "../../constructs/hub/hub-events";
import { IotHub } from "../../constructs/hub/iot-hub";
import { LakeRouting } from "../../constructs/hub/lake-routing";
import * as names from "../../constructs/shared/names";
import type { DataLake } from "../../constructs/storage/data-lake";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { type EnvironmentContext, sendDiagnostics } from "./context";

export function createHub(context: EnvironmentContext): IotHub {
  const settings = context.environment.hub ?? {};
  const hub = new IotHub(context.stack, "Hub", {
    ...settings,
    resourceGroup: context.resourceGroup,
    name: names.iotHubName(context.parts),
    access: context.access,
    preventDestroy: context.preventDestroy,
  });
  sendDiagnostics(context, hub, "iotHub", hub.resource.id, settings.logCategories);
  return hub;
}

export function createRouting(context: EnvironmentContext, hub: IotHub, lake: DataLake): LakeRouting {
  return new LakeRouting(context.stack, "Routing", {
    ...context.environment.routing,
    resourceGroup: context.resourceGroup,
    hub,
    lake,
    anomalyModules: context.anomalyModules,
  });
}

/** Where the anomaly feed had its own topic before. */
const TOPIC_BEFORE = "azurerm_eventgrid_system_topic.AnomalyFeed_Topic_451B1B0A";

/** Nothing where no part of the environment takes messages as events. */
export function createHubEvents(context: EnvironmentContext, hub: IotHub, routing: LakeRouting): HubEvents | undefined {
  if (!hasAnomalyFeed(context.environment) && context.environment.maintenance?.queue === undefined) {
    return undefined;
  }
  const events = new HubEvents(context.stack, "HubEvents", {
    resourceGroup: context.resourceGroup,
    name: "evgt-iot-hub",
    hub,
    after: routing.parts,
  });
  events.resource.moveFromId(TOPIC_BEFORE);
  return events;
}

/** Whether anomalies are copied to Log Analytics as they come. */
export const hasAnomalyFeed = ({ logs }: EnvironmentConfig): boolean => logs?.anomalyFeed ?? true;
