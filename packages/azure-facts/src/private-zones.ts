/**
 * What a private endpoint connects to, by the name that Azure gives the sub-resource, and the zones in which clients look the
 * service up (learn.microsoft.com/azure/private-link/private-endpoint-dns). A hub has two: its own, and that of the built-in
 * endpoint.
 */
export const ENDPOINT_TARGETS = {
  iotHub: ["privatelink.azure-devices.net", "privatelink.servicebus.windows.net"],
  iotDps: ["privatelink.azure-devices-provisioning.net"],
  blob: ["privatelink.blob.core.windows.net"],
  dfs: ["privatelink.dfs.core.windows.net"],
  file: ["privatelink.file.core.windows.net"],
  namespace: ["privatelink.servicebus.windows.net"],
  queue: ["privatelink.queue.core.windows.net"],
  // Azure Digital Twins.
  API: ["privatelink.digitaltwins.azure.net"],
  vault: ["privatelink.vaultcore.azure.net"],
  registry: ["privatelink.azurecr.io"],
  amlworkspace: ["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"],
  azuremonitor: [
    "privatelink.monitor.azure.com",
    "privatelink.oms.opinsights.azure.com",
    "privatelink.ods.opinsights.azure.com",
    "privatelink.agentsvc.azure-automation.net",
    "privatelink.blob.core.windows.net",
  ],
} as const satisfies Record<string, readonly string[]>;

/** A sub-resource that has private endpoints. */
export type EndpointTarget = keyof typeof ENDPOINT_TARGETS;

/** Every zone of some targets, each once, sorted. */
export function zonesOf(targets: readonly EndpointTarget[]): string[] {
  return [...new Set(targets.flatMap((target) => ENDPOINT_TARGETS[target]))].sort();
}
