import { IotHub } from "../../constructs/hub/iot-hub";
import { LakeRouting } from "../../constructs/hub/lake-routing";
import * as names from "../../constructs/shared/names";
import type { DataLake } from "../../constructs/storage/data-lake";
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
