/**
 * Types of Azure resources in each part that a configuration may leave out, as `ARM_OPERATIONS` names them. Types that every
 * environment can delete anyway (role assignments, diagnostic settings, identities, alerts) are left out.
 */
export const OPTIONAL_PARTS: Readonly<Record<string, readonly string[]>> = {
  /** `edge.analysers.streamAnalytics`, and `edge` itself. */
  streamAnalytics: [
    "azurerm_storage_account",
    "azurerm_storage_container",
    "Microsoft.StreamAnalytics/streamingjobs",
    "Microsoft.StreamAnalytics/streamingjobs/inputs",
    "Microsoft.StreamAnalytics/streamingjobs/outputs",
  ],
  /** `edge.analysers.detector`, and `edge` itself. */
  detector: [
    "azurerm_container_registry_scope_map",
    "azurerm_container_registry_token",
    "azurerm_container_registry_token_password",
  ],
  /** Versions in `edge.versions` whose detector is built from the sources, and training without an image of its own. */
  builtImages: ["Microsoft.ContainerRegistry/registries/taskRuns"],
  /** `machineLearning.training`. */
  training: [
    "Microsoft.MachineLearningServices/workspaces/environments/versions",
    "Microsoft.MachineLearningServices/workspaces/components/versions",
    "Microsoft.MachineLearningServices/workspaces/schedules",
  ],
  /** `edge.devices`. */
  devices: ["azurerm_key_vault_secret"],
  /** Devices with `virtualMachine`. */
  virtualMachines: [
    "azurerm_virtual_network",
    "azurerm_subnet",
    "azurerm_network_security_group",
    "azurerm_subnet_network_security_group_association",
    "azurerm_public_ip",
    "azurerm_network_interface",
    "Microsoft.Compute/sshPublicKeys",
    "azurerm_linux_virtual_machine",
  ],
  /** `network` of the kinds `private` and `existing`. */
  privateNetwork: [
    "azurerm_virtual_network",
    "azurerm_subnet",
    "azurerm_network_security_group",
    "azurerm_subnet_network_security_group_association",
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    "azurerm_private_dns_zone",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "azurerm_private_endpoint",
    "azurerm_monitor_private_link_scope",
    "azurerm_monitor_private_link_scoped_service",
  ],
  /** `provisioning`, and its groups with certificates. */
  provisioning: ["Microsoft.Devices/provisioningServices"],
  /** `routing.telemetryToLake` and `routing.enrichments`. */
  routing: ["azurerm_iothub_endpoint_storage_container", "azurerm_iothub_route", "azurerm_iothub_enrichment"],
  /** `logs.anomalyFeed`. */
  anomalyFeed: [
    "Microsoft.OperationalInsights/workspaces/tables",
    "Microsoft.Insights/dataCollectionRules",
    "Microsoft.Logic/workflows",
    "azurerm_eventgrid_system_topic",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions",
  ],
  /** `maintenance.queue`. */
  maintenance: [
    "azurerm_servicebus_namespace",
    "azurerm_servicebus_queue",
    "azurerm_storage_container",
    "azurerm_eventgrid_system_topic",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions",
  ],
  /** `twin.instance`. */
  digitalTwins: [
    "Microsoft.DigitalTwins/digitalTwinsInstances",
    "azurerm_storage_account",
    "azurerm_storage_container",
    "azurerm_storage_queue",
    "azurerm_eventgrid_system_topic",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions",
  ],
  /** `hub.readers`. */
  readers: ["azurerm_iothub_consumer_group"],
};

/** Types of all optional parts, each once: what an environment may hold although its configuration no longer names it. */
export const REMOVABLE_TYPES: readonly string[] = [...new Set(Object.values(OPTIONAL_PARTS).flat())];
