export { deliver, type MaintenancePolicy, type Outcome } from "./src/deliver";
export { drain, type Drained, type DrainOptions } from "./src/drain";
export { DATA_SCHEMA, maintenanceEvent, type MaintenanceEvent, type Phase, type WorkAlert } from "./src/event";
export { type Queue, type QueueMessage, ServiceBusQueue, type ServiceBusOptions } from "./src/queue";
export {
  CRITICALITIES,
  type Criticality,
  type MachineRecord,
  type PlannedStop,
  requestedWindow,
  type RequestedWindow,
  SEVERITIES,
  type Severity,
  TRENDS,
  type Trend,
  type Urgency,
} from "./src/schedule";
export { DynamicsFieldService, type DynamicsOptions } from "./src/dynamics";
export { type Routes, systemsOf } from "./src/route";
export { SapNotifications, type SapOptions } from "./src/sap";
export { type MaintenanceSystem, SystemsInOrder, type WorkOrder } from "./src/system";
export { Webhook, type WebhookOptions } from "./src/webhook";
export { type Episode, type Word, wordsOf } from "./src/words";
