import { lossOf } from "./data-holders";

/** A type whose objects hold what cannot be made again from the configuration. */
export interface StatefulType {
  /** What is lost when an object is deleted or replaced, and how it can be had back; ends in a full stop. */
  readonly loses: string;
  /**
   * Arguments that a plan shows as changed in place, but that Azure sets at creation only: the way to another value is
   * a new object.
   */
  readonly fixed?: readonly string[];
}

/**
 * One table of facts, longer than a source file usually is.
 *
 * By Terraform type; an `azapi_resource` by `azapi_resource:` and its ARM type without version, in lower case.
 */
const STATEFUL_TYPES: Readonly<Record<string, StatefulType>> = {
  // Devices
  azurerm_iothub: {
    loses:
      "Every device identity, twin and deployment in the hub is lost; devices cannot connect until they are registered again.",
    fixed: ["event_hub_partition_count"],
  },
  azurerm_iothub_dps: {
    loses: "Every enrolment and registration is lost, and devices that know its ID scope no longer find it.",
  },
  "azapi_resource:microsoft.devices/provisioningservices": {
    loses: "Every enrolment and registration is lost, and devices that know its ID scope no longer find it.",
    fixed: ["body.properties.enableDataResidency"],
  },
  iothub_device: {
    loses:
      "The device's identity, keys, twin and modules are lost; it cannot connect until it is registered again and has new credentials.",
  },
  iothub_module: {
    loses: "The module's identity, keys and twin are lost; it cannot connect until it is registered again.",
  },

  // Storage
  azurerm_storage_account: {
    loses:
      "Everything stored in the account is lost; Azure may recover a deleted account within 14 days, but not once its name is taken again.",
  },
  azurerm_storage_container: {
    loses: "Every blob in the container is lost, unless the account keeps deleted containers for some days.",
  },
  azurerm_storage_data_lake_gen2_filesystem: {
    loses: "Every file in the file system is lost, unless the account keeps deleted containers for some days.",
  },
  azurerm_storage_share: {
    loses: "Every file in the share is lost, unless the account keeps deleted shares for some days.",
  },
  azurerm_storage_queue: {
    loses: "Every message in the queue is lost.",
  },
  azurerm_storage_table: {
    loses: "Every row of the table is lost.",
  },
  azurerm_managed_disk: {
    loses: "Everything on the disk is lost; only snapshots and backups made before remain.",
  },
  azurerm_netapp_volume: { loses: "Every file on the volume and its snapshots are lost." },

  // Secrets and identities
  azurerm_key_vault: {
    loses:
      "Secrets, keys and certificates are out of reach until the vault is recovered, for as many days as soft delete keeps it (7 to 90); purged, they are lost.",
  },
  azurerm_key_vault_secret: {
    loses:
      "The secret and its versions are out of reach until it is recovered from the vault's soft delete; purged, they are lost.",
  },
  azurerm_key_vault_key: {
    loses:
      "Whatever is encrypted with the key cannot be read until the key is recovered from the vault's soft delete; purged, it never can.",
  },
  azurerm_key_vault_certificate: {
    loses:
      "The certificate and its private key are out of reach until recovered from the vault's soft delete; purged, they are lost.",
  },
  azurerm_user_assigned_identity: {
    loses:
      "A new identity has another principal id: roles and policies given to the old one by hand or elsewhere no longer apply.",
  },
  azuread_application: {
    loses:
      "The application's client id, credentials and consents are lost; Entra ID can restore a deleted application for 30 days.",
  },
  azuread_service_principal: {
    loses:
      "A new service principal has another object id: roles and consents given to the old one by hand or elsewhere no longer apply.",
  },
  azuread_group: {
    loses: "A new group has another object id: roles given to the old one elsewhere no longer apply.",
  },

  // Logs
  azurerm_log_analytics_workspace: {
    loses: "Every log in the workspace is lost, unless the workspace is recovered within 14 days.",
  },
  "azapi_resource:microsoft.operationalinsights/workspaces/tables": {
    loses: "Every row of the table is lost.",
  },
  azurerm_application_insights: {
    loses:
      "The component's instrumentation key and connection string change, and its history is no longer found from the new one.",
  },

  // Machine learning and images
  azurerm_machine_learning_workspace: {
    loses:
      "Models, experiments, jobs and endpoints of the workspace are lost, unless it is recovered from soft delete within 14 days.",
  },
  "azapi_resource:microsoft.machinelearningservices/workspaces": {
    loses:
      "Models, experiments, jobs and endpoints of the workspace are lost, unless it is recovered from soft delete within 14 days.",
  },
  azurerm_container_registry: {
    loses:
      "Every image in the registry is lost; devices and services that do not have theirs yet cannot pull until it is pushed again.",
  },

  // Databases
  azurerm_mssql_server: {
    loses: "Every database on the server is lost, and their backups with it, unless the server has soft delete on.",
  },
  azurerm_mssql_database: {
    loses: "The database is lost; it can be restored into a new one while its server exists and its backups are kept.",
  },
  azurerm_mssql_managed_instance: {
    loses: "Every database on the instance is lost; only long-term backups remain.",
  },
  azurerm_postgresql_flexible_server: {
    loses: "Every database on the server is lost; Azure keeps a deleted server's backup for five days.",
  },
  azurerm_postgresql_flexible_server_database: {
    loses: "The database is lost; its server can be restored to a moment before, as another server.",
  },
  azurerm_mysql_flexible_server: {
    loses: "Every database on the server is lost.",
  },
  azurerm_mysql_flexible_database: {
    loses: "The database is lost; its server can be restored to a moment before, as another server.",
  },
  azurerm_cosmosdb_account: {
    loses:
      "Every database in the account is lost; with continuous backup it can be restored into a new account, otherwise support may help.",
  },
  azurerm_cosmosdb_sql_database: {
    loses: "Every container and item of the database is lost; only backups of the account remain.",
  },
  azurerm_cosmosdb_sql_container: {
    loses: "Every item of the container is lost; only backups of the account remain.",
  },
  azurerm_cosmosdb_mongo_database: {
    loses: "Every collection of the database is lost; only backups of the account remain.",
  },
  azurerm_redis_cache: { loses: "Everything in the cache and its access keys are lost." },

  // Messages
  azurerm_eventhub_namespace: {
    loses: "Every event in the namespace's hubs, and the namespace's keys, are lost.",
  },
  azurerm_eventhub: {
    loses: "Every event that is not read yet is lost, and readers start over.",
  },
  azurerm_servicebus_namespace: {
    loses: "Every message in the namespace's queues and topics, and the namespace's keys, are lost.",
  },
  azurerm_servicebus_queue: {
    loses: "Every message that is not received yet is lost.",
  },
  azurerm_servicebus_topic: {
    loses: "The topic's subscriptions and every message in them are lost.",
  },
  azurerm_servicebus_subscription: { loses: "Every message in the subscription is lost." },

  // Backups
  azurerm_recovery_services_vault: {
    loses: "Every backup in the vault is lost; Azure refuses to delete a vault that still protects something.",
  },
  azurerm_data_protection_backup_vault: {
    loses: "Every backup in the vault is lost, except for what its soft delete keeps.",
  },

  // Machines
  azurerm_linux_virtual_machine: {
    loses: "Everything on the machine's system disk is lost, and with it what was set up on the machine by hand.",
  },
  azurerm_windows_virtual_machine: {
    loses: "Everything on the machine's system disk is lost, and with it what was set up on the machine by hand.",
  },
  azurerm_kubernetes_cluster: {
    loses: "Everything that runs in the cluster, its volumes' contents and its identities are lost.",
  },

  // Addresses
  azurerm_resource_group: {
    loses: "Everything in the group goes with it; azurerm refuses while it holds what Terraform does not manage.",
  },
  azurerm_public_ip: {
    loses: "The address is given back to Azure; whoever has it in a firewall or in DNS has to change it.",
  },
  azurerm_dns_zone: {
    loses:
      "Every record of the zone is lost, and a new zone may get other name servers, which the parent domain has to name.",
  },
  azurerm_private_dns_zone: {
    loses: "Every record of the zone is lost; names behind private endpoints no longer resolve.",
  },

  // Other clouds, so that plans of other projects make sense
  aws_s3_bucket: {
    loses:
      "Every object in the bucket is lost; AWS refuses to delete a bucket that is not empty unless force_destroy is set.",
  },
  aws_db_instance: {
    loses: "The databases are lost, except for a final snapshot and what automated backups keep.",
  },
  aws_rds_cluster: {
    loses: "The databases are lost, except for a final snapshot and what automated backups keep.",
  },
  aws_dynamodb_table: {
    loses: "Every item of the table is lost, except for backups.",
  },
  aws_ebs_volume: { loses: "Everything on the volume is lost, except for snapshots." },
  aws_efs_file_system: { loses: "Every file is lost, except for backups." },
  aws_kms_key: {
    loses:
      "Whatever is encrypted with the key cannot be read once its deletion is through; until then it can be cancelled.",
  },
  google_sql_database_instance: { loses: "Every database on the instance is lost." },
  google_storage_bucket: {
    loses:
      "Every object in the bucket is lost; Terraform refuses for a bucket that is not empty unless force_destroy is set.",
  },
  google_bigquery_dataset: { loses: "Every table of the dataset is lost." },
  google_compute_disk: { loses: "Everything on the disk is lost, except for snapshots." },
};

/** ARM types without version, in lower case, that azurerm has as these: an `azapi_resource` of them loses the same. */
const ARM_TYPES: Readonly<Record<string, string>> = {
  "microsoft.devices/iothubs": "azurerm_iothub",
  "microsoft.devices/provisioningservices": "azurerm_iothub_dps",
  "microsoft.storage/storageaccounts": "azurerm_storage_account",
  "microsoft.storage/storageaccounts/blobservices/containers": "azurerm_storage_container",
  "microsoft.storage/storageaccounts/fileservices/shares": "azurerm_storage_share",
  "microsoft.storage/storageaccounts/queueservices/queues": "azurerm_storage_queue",
  "microsoft.storage/storageaccounts/tableservices/tables": "azurerm_storage_table",
  "microsoft.compute/disks": "azurerm_managed_disk",
  "microsoft.compute/virtualmachines": "azurerm_linux_virtual_machine",
  "microsoft.keyvault/vaults": "azurerm_key_vault",
  "microsoft.keyvault/vaults/secrets": "azurerm_key_vault_secret",
  "microsoft.keyvault/vaults/keys": "azurerm_key_vault_key",
  "microsoft.managedidentity/userassignedidentities": "azurerm_user_assigned_identity",
  "microsoft.operationalinsights/workspaces": "azurerm_log_analytics_workspace",
  "microsoft.insights/components": "azurerm_application_insights",
  "microsoft.containerregistry/registries": "azurerm_container_registry",
  "microsoft.sql/servers": "azurerm_mssql_server",
  "microsoft.sql/servers/databases": "azurerm_mssql_database",
  "microsoft.sql/managedinstances": "azurerm_mssql_managed_instance",
  "microsoft.dbforpostgresql/flexibleservers": "azurerm_postgresql_flexible_server",
  "microsoft.dbformysql/flexibleservers": "azurerm_mysql_flexible_server",
  "microsoft.documentdb/databaseaccounts": "azurerm_cosmosdb_account",
  "microsoft.cache/redis": "azurerm_redis_cache",
  "microsoft.eventhub/namespaces": "azurerm_eventhub_namespace",
  "microsoft.eventhub/namespaces/eventhubs": "azurerm_eventhub",
  "microsoft.servicebus/namespaces": "azurerm_servicebus_namespace",
  "microsoft.servicebus/namespaces/queues": "azurerm_servicebus_queue",
  "microsoft.servicebus/namespaces/topics": "azurerm_servicebus_topic",
  "microsoft.recoveryservices/vaults": "azurerm_recovery_services_vault",
  "microsoft.dataprotection/backupvaults": "azurerm_data_protection_backup_vault",
  "microsoft.containerservice/managedclusters": "azurerm_kubernetes_cluster",
  "microsoft.resources/resourcegroups": "azurerm_resource_group",
  "microsoft.network/publicipaddresses": "azurerm_public_ip",
  "microsoft.network/dnszones": "azurerm_dns_zone",
  "microsoft.network/privatednszones": "azurerm_private_dns_zone",
};

function keyOf(type: string, armType: string | undefined): string {
  return armType === undefined ? type : `${type}:${(armType.split("@")[0] ?? "").toLowerCase()}`;
}

/**
 * What is known of a type's objects, or nothing where they hold no data.
 *
 * @param type Terraform's type
 * @param armType the argument `type` of an `azapi_resource`, with or without `@version`
 */
export function statefulType(type: string, armType?: string): StatefulType | undefined {
  const key = keyOf(type, armType);
  if (Object.hasOwn(STATEFUL_TYPES, key)) {
    return STATEFUL_TYPES[key];
  }
  const arm = key.replace(/^azapi_resource:/, "");
  const azurerm = arm !== key && Object.hasOwn(ARM_TYPES, arm) ? STATEFUL_TYPES[ARM_TYPES[arm] ?? ""] : undefined;
  // Arguments that Azure fixes have other names in azapi.
  return azurerm === undefined ? dataHolder(type, armType) : { loses: azurerm.loses };
}

/** A type of which only what is lost is known. */
function dataHolder(type: string, armType: string | undefined): StatefulType | undefined {
  const loses = lossOf(type, armType);
  return loses === undefined ? undefined : { loses };
}

/** Every stateful type by its key in the table, for those who check it. */
export function statefulTypes(): ReadonlyMap<string, StatefulType> {
  return new Map(Object.entries(STATEFUL_TYPES));
}
