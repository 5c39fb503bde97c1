// Longer than 300 lines: one table, a row a type of resource, which is looked up and changed by type.

/** What Azure Resource Manager must allow whoever runs Terraform, for one type of resource. */
export interface ArmOperations {
  /** To plan: what a refresh reads, and the requests by which a plan fetches what is kept nowhere. An apply does the same. */
  readonly read: readonly string[];
  /** To create and to update. */
  readonly write: readonly string[];
  /** To destroy. */
  readonly delete: readonly string[];
  /** To destroy for good what Azure would keep recoverable. @default - nothing */
  readonly purge?: readonly string[];
}

/** What a plan and an apply need whatever the stack holds: azurerm asks which resource providers are registered. */
export const ALWAYS_READ: readonly string[] = ["Microsoft.Resources/subscriptions/providers/read"];

const NOTHING: ArmOperations = { read: [], write: [], delete: [] };

/** The three operations that every type of ARM has, and what one needs besides. */
function manage(type: string, more: Partial<ArmOperations> = {}): ArmOperations {
  return {
    ...more,
    read: [`${type}/read`, ...(more.read ?? [])],
    write: [`${type}/write`, ...(more.write ?? [])],
    delete: [`${type}/delete`, ...(more.delete ?? [])],
  };
}

const USE_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";
const HUB_STATUS = ["Microsoft.Devices/locations/operationResults/read", "Microsoft.Devices/operationResults/read"];
const COMPUTE_STATUS = "Microsoft.Compute/locations/operations/read";
const NETWORK_STATUS = [
  "Microsoft.Network/locations/operations/read",
  "Microsoft.Network/locations/operationResults/read",
];
const EVENT_GRID_STATUS = [
  "Microsoft.EventGrid/locations/operationsStatus/read",
  "Microsoft.EventGrid/locations/operationResults/read",
];
const DIGITAL_TWINS_STATUS = [
  "Microsoft.DigitalTwins/digitalTwinsInstances/operationsResults/read",
  "Microsoft.DigitalTwins/locations/operationsResults/read",
];
const LOGS_STATUS = "Microsoft.OperationalInsights/locations/operationStatuses/read";
const WORKSPACE_STATUS = "Microsoft.MachineLearningServices/locations/*/read";
const REGISTRY = "Microsoft.ContainerRegistry/registries";
const JOB = "Microsoft.StreamAnalytics/streamingjobs";

/** Routes, endpoints and enrichments are properties of the hub: each change of one is a PUT of the hub. */
const PART_OF_HUB: ArmOperations = {
  read: ["Microsoft.Devices/iotHubs/read"],
  write: ["Microsoft.Devices/iotHubs/write", ...HUB_STATUS],
  delete: ["Microsoft.Devices/iotHubs/write", ...HUB_STATUS],
};

function network(type: string, more: Partial<ArmOperations> = {}): ArmOperations {
  return manage(`Microsoft.Network/${type}`, {
    ...more,
    write: [...(more.write ?? []), ...NETWORK_STATUS],
    delete: NETWORK_STATUS,
  });
}

function inRegistry(child: string): ArmOperations {
  const status = `${REGISTRY}/${child}/operationStatuses/read`;
  return manage(`${REGISTRY}/${child}`, { write: [status], delete: [status] });
}

/**
 * Versions of an asset. Azure's own examples name these operations by wildcards (learn.microsoft.com/azure/machine-learning/
 * how-to-assign-roles); of environments its list has `write` alone.
 */
function asset(kind: string): ArmOperations {
  const all = `Microsoft.MachineLearningServices/workspaces/${kind}`;
  return {
    read: ["Microsoft.MachineLearningServices/workspaces/*/read"],
    write: [`${all}/write`, `${all}/*/write`],
    delete: [`${all}/*/delete`],
  };
}

/**
 * Operations by type: Terraform's for azurerm, ARM's own for azapi, ARM's with the action for an action.
 *
 * Names are those of learn.microsoft.com/azure/role-based-access-control/resource-provider-operations; Azure refuses a role
 * with a name that it does not know. What a type needs besides reading, writing and deleting comes from azurerm's source (it
 * asks for a hub's and a workspace's keys and goes on without them, so nobody gets those) and from what Azure documents for
 * linked resources. Whether it is enough only a subscription can show (docs/bootstrap.md). A status operation is how Terraform
 * waits for a request that takes longer.
 */
export const ARM_OPERATIONS: Readonly<Record<string, ArmOperations>> = {
  // Says who signed in; asks nobody.
  azurerm_client_config: NOTHING,
  azurerm_resource_group: manage("Microsoft.Resources/subscriptions/resourceGroups", {
    // Looks for what somebody else left in the group.
    delete: ["Microsoft.Resources/subscriptions/resourceGroups/resources/read"],
  }),
  azurerm_role_assignment: manage("Microsoft.Authorization/roleAssignments", {
    // Turns a role's name into its id.
    read: ["Microsoft.Authorization/roleDefinitions/read"],
  }),
  azurerm_user_assigned_identity: manage("Microsoft.ManagedIdentity/userAssignedIdentities"),

  azurerm_key_vault: manage("Microsoft.KeyVault/vaults", {
    // Recovers a vault of the same name that was deleted.
    write: ["Microsoft.KeyVault/locations/deletedVaults/read", "Microsoft.KeyVault/locations/operationResults/read"],
    purge: [
      "Microsoft.KeyVault/locations/deletedVaults/purge/action",
      "Microsoft.KeyVault/locations/deletedVaults/read",
    ],
  }),
  // Secrets themselves are data, reached by the roles of `DataAccess`; azurerm looks up which vault an address belongs to.
  azurerm_key_vault_secret: {
    ...NOTHING,
    read: ["Microsoft.KeyVault/vaults/read", "Microsoft.Resources/subscriptions/resources/read"],
  },

  azurerm_storage_account: manage("Microsoft.Storage/storageAccounts", {
    read: [
      "Microsoft.Storage/storageAccounts/blobServices/read",
      "Microsoft.Storage/storageAccounts/fileServices/read",
    ],
    write: [
      "Microsoft.Storage/checkNameAvailability/read",
      "Microsoft.Storage/storageAccounts/blobServices/write",
      // For the package account, whose key goes to Stream Analytics. A plan gets it on that account alone, by `DataAccess`.
      "Microsoft.Storage/storageAccounts/listKeys/action",
    ],
  }),
  azurerm_storage_container: manage("Microsoft.Storage/storageAccounts/blobServices/containers"),
  azurerm_storage_queue: manage("Microsoft.Storage/storageAccounts/queueServices/queues"),
  azurerm_storage_management_policy: manage("Microsoft.Storage/storageAccounts/managementPolicies"),

  azurerm_iothub: manage("Microsoft.Devices/iotHubs", {
    write: ["Microsoft.Devices/checkNameAvailability/action", ...HUB_STATUS],
    delete: HUB_STATUS,
  }),
  azurerm_iothub_consumer_group: manage("Microsoft.Devices/iotHubs/eventHubEndpoints/consumerGroups"),
  azurerm_iothub_endpoint_storage_container: PART_OF_HUB,
  azurerm_iothub_enrichment: PART_OF_HUB,
  azurerm_iothub_route: PART_OF_HUB,

  "Microsoft.Devices/provisioningServices": manage("Microsoft.Devices/provisioningServices", {
    write: [
      "Microsoft.Devices/checkProvisioningServiceNameAvailability/action",
      "Microsoft.Devices/provisioningServices/operationResults/read",
      USE_IDENTITY,
      ...HUB_STATUS,
    ],
    delete: ["Microsoft.Devices/provisioningServices/operationResults/read", ...HUB_STATUS],
  }),

  "Microsoft.DigitalTwins/digitalTwinsInstances": manage("Microsoft.DigitalTwins/digitalTwinsInstances", {
    write: DIGITAL_TWINS_STATUS,
    delete: DIGITAL_TWINS_STATUS,
  }),

  [JOB]: manage(JOB, { write: [`${JOB}/operationResults/read`], delete: [`${JOB}/operationResults/read`] }),
  [`${JOB}/inputs`]: manage(`${JOB}/inputs`),
  [`${JOB}/outputs`]: manage(`${JOB}/outputs`),
  // Sent as a request, which reads nothing back and cannot be taken back.
  [`${JOB}/transformations`]: { ...NOTHING, write: [`${JOB}/transformations/write`] },
  [`${JOB}/publishedgepackage`]: {
    ...NOTHING,
    write: [`${JOB}/publishEdgePackage/action`, `${JOB}/operationResults/read`],
  },

  azurerm_container_registry: manage(REGISTRY, {
    read: [`${REGISTRY}/replications/read`],
    write: ["Microsoft.ContainerRegistry/checkNameAvailability/read", `${REGISTRY}/operationStatuses/read`],
    delete: [`${REGISTRY}/operationStatuses/read`],
  }),
  // Reading a run that has ended gives its log's link to nobody: that is an action of its own.
  [`${REGISTRY}/taskRuns`]: inRegistry("taskRuns"),
  azurerm_container_registry_scope_map: inRegistry("scopeMaps"),
  azurerm_container_registry_token: inRegistry("tokens"),
  azurerm_container_registry_token_password: {
    read: [`${REGISTRY}/tokens/read`],
    write: [`${REGISTRY}/generateCredentials/action`, `${REGISTRY}/operationStatuses/read`],
    // A password is taken away by writing the token without it.
    delete: [`${REGISTRY}/tokens/write`, `${REGISTRY}/tokens/operationStatuses/read`],
  },
  "Microsoft.MachineLearningServices/workspaces": manage("Microsoft.MachineLearningServices/workspaces", {
    write: [USE_IDENTITY, WORKSPACE_STATUS],
    delete: [WORKSPACE_STATUS],
  }),
  azurerm_machine_learning_compute_cluster: manage("Microsoft.MachineLearningServices/workspaces/computes", {
    read: ["Microsoft.MachineLearningServices/workspaces/read"],
    write: [USE_IDENTITY, WORKSPACE_STATUS],
    delete: [WORKSPACE_STATUS],
  }),
  azurerm_machine_learning_datastore_datalake_gen2: manage("Microsoft.MachineLearningServices/workspaces/datastores"),
  "Microsoft.MachineLearningServices/workspaces/environments/versions": asset("environments"),
  "Microsoft.MachineLearningServices/workspaces/components/versions": asset("components"),
  "Microsoft.MachineLearningServices/workspaces/schedules": manage(
    "Microsoft.MachineLearningServices/workspaces/schedules",
    // A schedule is checked as the job that it will start.
    { write: [USE_IDENTITY, WORKSPACE_STATUS], delete: [WORKSPACE_STATUS] },
  ),

  azurerm_log_analytics_workspace: manage("Microsoft.OperationalInsights/workspaces", {
    write: ["Microsoft.OperationalInsights/deletedWorkspaces/read", LOGS_STATUS],
    delete: [LOGS_STATUS],
  }),
  "Microsoft.OperationalInsights/workspaces/tables": manage("Microsoft.OperationalInsights/workspaces/tables", {
    write: [LOGS_STATUS],
    delete: [LOGS_STATUS],
  }),
  "Microsoft.Insights/dataCollectionRules": manage("Microsoft.Insights/dataCollectionRules"),
  azurerm_application_insights: manage("Microsoft.Insights/components", {
    read: ["Microsoft.Insights/components/currentBillingFeatures/read"],
    // Azure makes an alert rule for every component; azurerm waits for it and switches it off.
    write: [
      "Microsoft.Insights/components/currentBillingFeatures/write",
      "Microsoft.AlertsManagement/smartDetectorAlertRules/read",
      "Microsoft.AlertsManagement/smartDetectorAlertRules/write",
    ],
    delete: ["Microsoft.AlertsManagement/smartDetectorAlertRules/delete"],
  }),
  azurerm_application_insights_workbook: manage("Microsoft.Insights/workbooks"),
  azurerm_monitor_action_group: manage("Microsoft.Insights/actionGroups"),
  azurerm_monitor_diagnostic_setting: manage("Microsoft.Insights/diagnosticSettings", {
    // Azure asks it of whoever points a setting at a workspace.
    write: ["Microsoft.OperationalInsights/workspaces/sharedKeys/action"],
  }),
  azurerm_monitor_metric_alert: manage("Microsoft.Insights/metricAlerts"),
  azurerm_monitor_scheduled_query_rules_alert_v2: manage("Microsoft.Insights/scheduledQueryRules"),
  azurerm_consumption_budget_resource_group: manage("Microsoft.Consumption/budgets"),

  azurerm_eventgrid_system_topic: manage("Microsoft.EventGrid/systemTopics", {
    write: EVENT_GRID_STATUS,
    delete: EVENT_GRID_STATUS,
  }),
  "Microsoft.EventGrid/systemTopics/eventSubscriptions": manage("Microsoft.EventGrid/systemTopics/eventSubscriptions", {
    // Event Grid also asks whether one may subscribe to the hub, and tells the hub.
    read: ["Microsoft.Devices/iotHubs/eventGridFilters/read"],
    write: [
      "Microsoft.EventGrid/eventSubscriptions/write",
      "Microsoft.Devices/iotHubs/eventGridFilters/write",
      ...EVENT_GRID_STATUS,
    ],
    delete: [
      "Microsoft.EventGrid/eventSubscriptions/delete",
      "Microsoft.Devices/iotHubs/eventGridFilters/delete",
      ...EVENT_GRID_STATUS,
    ],
  }),
  // azurerm asks for the namespace's keys as well and goes on without them, so nobody gets those.
  azurerm_servicebus_namespace: manage("Microsoft.ServiceBus/namespaces", {
    read: ["Microsoft.ServiceBus/namespaces/networkrulesets/read"],
    write: ["Microsoft.ServiceBus/namespaces/networkrulesets/write"],
  }),
  azurerm_servicebus_queue: manage("Microsoft.ServiceBus/namespaces/queues", {
    read: ["Microsoft.ServiceBus/namespaces/read"],
  }),
  "Microsoft.Logic/workflows": manage("Microsoft.Logic/workflows"),
  // Fetched at every plan and kept nowhere.
  "Microsoft.Logic/workflows/triggers/listCallbackUrl": {
    ...NOTHING,
    read: ["Microsoft.Logic/workflows/triggers/listCallbackUrl/action"],
  },

  azurerm_virtual_network: network("virtualNetworks"),
  azurerm_subnet: network("virtualNetworks/subnets", { read: ["Microsoft.Network/virtualNetworks/read"] }),
  azurerm_network_security_group: network("networkSecurityGroups"),
  "Microsoft.Network/virtualNetworks/virtualNetworkPeerings": network("virtualNetworks/virtualNetworkPeerings", {
    write: ["Microsoft.Network/virtualNetworks/peer/action"],
  }),
  azurerm_private_dns_zone: network("privateDnsZones", {
    read: ["Microsoft.Network/privateDnsZones/SOA/read"],
    write: ["Microsoft.Network/privateDnsOperationResults/read", "Microsoft.Network/privateDnsOperationStatuses/read"],
  }),
  "Microsoft.Network/privateDnsZones/virtualNetworkLinks": network("privateDnsZones/virtualNetworkLinks", {
    write: [
      "Microsoft.Network/virtualNetworks/join/action",
      "Microsoft.Network/privateDnsOperationResults/read",
      "Microsoft.Network/privateDnsOperationStatuses/read",
    ],
  }),
  // Whoever may approve a connection to a service need not ask its owner.
  azurerm_private_endpoint: network("privateEndpoints", {
    read: ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read"],
    write: [
      "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write",
      "Microsoft.Network/privateDnsZones/join/action",
      "Microsoft.Network/virtualNetworks/subnets/join/action",
      "Microsoft.ContainerRegistry/registries/privateEndpointConnectionsApproval/action",
      "Microsoft.Devices/iotHubs/privateEndpointConnectionsApproval/action",
      "Microsoft.Devices/provisioningServices/privateEndpointConnectionsApproval/action",
      "Microsoft.DigitalTwins/digitalTwinsInstances/PrivateEndpointConnectionsApproval/action",
      "Microsoft.Insights/privateLinkScopes/privateEndpointConnectionsApproval/action",
      "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action",
      "Microsoft.MachineLearningServices/workspaces/privateEndpointConnectionsApproval/action",
      "Microsoft.ServiceBus/namespaces/privateEndpointConnectionsApproval/action",
      "Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action",
    ],
  }),
  azurerm_monitor_private_link_scope: manage("Microsoft.Insights/privateLinkScopes"),
  azurerm_monitor_private_link_scoped_service: manage("Microsoft.Insights/privateLinkScopes/scopedResources", {
    write: ["Microsoft.Insights/components/read", "Microsoft.OperationalInsights/workspaces/read"],
  }),
  azurerm_subnet_network_security_group_association: {
    read: ["Microsoft.Network/virtualNetworks/subnets/read"],
    write: [
      "Microsoft.Network/virtualNetworks/subnets/write",
      "Microsoft.Network/networkSecurityGroups/join/action",
      ...NETWORK_STATUS,
    ],
    delete: ["Microsoft.Network/virtualNetworks/subnets/write", ...NETWORK_STATUS],
  },
  azurerm_public_ip: network("publicIPAddresses"),
  azurerm_network_interface: network("networkInterfaces", {
    write: ["Microsoft.Network/virtualNetworks/subnets/join/action", "Microsoft.Network/publicIPAddresses/join/action"],
  }),
  "Microsoft.Compute/sshPublicKeys": manage("Microsoft.Compute/sshPublicKeys"),
  "Microsoft.Compute/sshPublicKeys/generateKeyPair": {
    ...NOTHING,
    write: ["Microsoft.Compute/sshPublicKeys/generateKeyPair/action"],
  },
  azurerm_linux_virtual_machine: manage("Microsoft.Compute/virtualMachines", {
    read: [
      "Microsoft.Compute/virtualMachines/instanceView/read",
      "Microsoft.Compute/disks/read",
      "Microsoft.Network/networkInterfaces/read",
      "Microsoft.Network/publicIPAddresses/read",
    ],
    write: [
      "Microsoft.Compute/disks/write",
      "Microsoft.Compute/virtualMachines/deallocate/action",
      "Microsoft.Compute/virtualMachines/powerOff/action",
      "Microsoft.Compute/virtualMachines/start/action",
      "Microsoft.Network/networkInterfaces/join/action",
      USE_IDENTITY,
      COMPUTE_STATUS,
    ],
    delete: ["Microsoft.Compute/disks/delete", "Microsoft.Compute/virtualMachines/powerOff/action", COMPUTE_STATUS],
  }),
};

/** Providers whose resources are not ARM's: clocks, random numbers, and a hub's data plane, which has roles of its own. */
const OUTSIDE_ARM = /^(iothub|random|time)_/;

/**
 * What ARM must allow for a type; undefined for one that ARM does not know.
 *
 * @throws Error for a type without a row
 */
export function armOperations(type: string): ArmOperations | undefined {
  if (OUTSIDE_ARM.test(type)) {
    return undefined;
  }
  const operations = ARM_OPERATIONS[type];
  if (operations === undefined) {
    throw new Error(
      `packages/azure-facts/src/arm-operations.ts has no row for ${type}: add what Terraform needs for it`,
    );
  }
  return operations;
}
