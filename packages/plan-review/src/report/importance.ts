import type { Action, Change, Level } from "./report";

/** Most important first; an index is a rank. */
const LEVELS: readonly Level[] = ["danger", "caution", "change"];
export const ACTIONS: readonly Action[] = [
  "delete",
  "replace",
  "forget",
  "invoke",
  "update",
  "create",
  "import",
  "move",
];

/** Types whose objects hold others that are lost with them: one of these among the dangers outweighs any single device or secret. */
const HOLDS_OTHERS = new Set([
  "azapi_resource",
  "azurerm_container_registry",
  "azurerm_cosmosdb_account",
  "azurerm_eventhub_namespace",
  "azurerm_iothub",
  "azurerm_iothub_dps",
  "azurerm_key_vault",
  "azurerm_kubernetes_cluster",
  "azurerm_log_analytics_workspace",
  "azurerm_machine_learning_workspace",
  "azurerm_mssql_managed_instance",
  "azurerm_mssql_server",
  "azurerm_mysql_flexible_server",
  "azurerm_postgresql_flexible_server",
  "azurerm_recovery_services_vault",
  "azurerm_resource_group",
  "azurerm_servicebus_namespace",
  "azurerm_storage_account",
]);

/** Rank by level, then action; the lowest is the most important. */
export function rankOf({ level, action }: Pick<Change, "level" | "action">): number {
  return LEVELS.indexOf(level) * ACTIONS.length + ACTIONS.indexOf(action);
}

/** Order of changes: by level; dangers to what holds others first; then action, stateful types, source, address; outputs after objects. */
export function byImportance(a: Change, b: Change): number {
  return (
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    Number(a.type === "output") - Number(b.type === "output") ||
    (a.level === "danger" ? Number(HOLDS_OTHERS.has(b.type)) - Number(HOLDS_OTHERS.has(a.type)) : 0) ||
    ACTIONS.indexOf(a.action) - ACTIONS.indexOf(b.action) ||
    Number(b.consequence !== undefined) - Number(a.consequence !== undefined) ||
    compare(a.source, b.source) ||
    compare(a.address, b.address)
  );
}

/** By code units, so that every machine has the same order. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
