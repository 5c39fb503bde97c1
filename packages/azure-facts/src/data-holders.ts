/**
 * More types whose objects hold data or identities, with what is lost; those that our own stacks are near to stand in
 * stateful-types.ts.
 *
 * Read from the resource lists of azurerm 4.55, azuread 3.7, aws 6 and google 7. One table of facts: it is longer than a
 * source file usually is, because types are looked up in it and nothing else is done with them.
 */
export const DATA_HOLDERS: Readonly<Record<string, string>> = {
  // Azure: databases and search
  azurerm_cosmosdb_cassandra_cluster:
    "Every keyspace of the cluster is lost; only backups that were made elsewhere remain.",
  azurerm_cosmosdb_cassandra_datacenter:
    "The data center's copies of every keyspace are lost; without another one the data is lost.",
  azurerm_cosmosdb_cassandra_keyspace: "Every table of the keyspace is lost; only backups of the account remain.",
  azurerm_cosmosdb_cassandra_table: "Every row of the table is lost; only backups of the account remain.",
  azurerm_cosmosdb_gremlin_database: "Every graph of the database is lost; only backups of the account remain.",
  azurerm_cosmosdb_gremlin_graph: "Every vertex and edge of the graph is lost; only backups of the account remain.",
  azurerm_cosmosdb_mongo_collection: "Every document of the collection is lost; only backups of the account remain.",
  azurerm_cosmosdb_postgresql_cluster:
    "Every database of the cluster is lost; only its backups remain, for up to 35 days.",
  azurerm_cosmosdb_table: "Every row of the table is lost; only backups of the account remain.",
  azurerm_mongo_cluster: "Every database of the cluster is lost; only its backups remain for some days.",
  azurerm_mssql_managed_database:
    "The database is lost; it can be restored while its instance exists and its backups are kept.",
  azurerm_kusto_cluster: "Every database and table of the cluster is lost.",
  azurerm_kusto_database: "Every table of the database is lost.",
  azurerm_search_service: "Every index, indexer and key of the service is lost; indexes have to be filled again.",
  azurerm_redis_enterprise_cluster: "Every database of the cluster and its access keys are lost.",
  azurerm_redis_enterprise_database: "Everything in the database and its access keys are lost.",
  azurerm_managed_redis: "Everything in the cache and its access keys are lost.",
  azurerm_oracle_autonomous_database: "The database is lost, except for backups that are kept longer than it.",
  azurerm_synapse_workspace: "Pipelines, notebooks, pools and the tables of dedicated pools are lost.",
  azurerm_synapse_sql_pool: "Every table of the pool is lost; only its restore points remain for some days.",
  azurerm_data_factory: "Every pipeline, trigger, linked service and run history that no repository has is lost.",
  azurerm_databricks_workspace: "Notebooks, jobs, clusters and the files of the workspace's own storage are lost.",
  azurerm_hdinsight_hadoop_cluster:
    "The cluster's local data, jobs and settings are lost; data in the storage account remains.",
  azurerm_hdinsight_hbase_cluster: "The cluster and what is not flushed to its storage account are lost.",
  azurerm_hdinsight_interactive_query_cluster:
    "The cluster's local data and settings are lost; data in the storage account remains.",
  azurerm_hdinsight_kafka_cluster: "Every topic and message on the cluster's disks is lost.",
  azurerm_hdinsight_spark_cluster:
    "The cluster's local data, jobs and settings are lost; data in the storage account remains.",
  azurerm_healthcare_fhir_service: "Every health record in the service is lost.",
  azurerm_healthcare_dicom_service: "Every image in the service is lost.",
  azurerm_healthcare_service: "Every health record in the service is lost.",
  azurerm_healthcare_workspace: "Every service of the workspace and its records are lost.",
  azurerm_confidential_ledger: "Every entry of the ledger is lost; it cannot be recovered.",
  azurerm_digital_twins_instance: "Every model, twin and relationship in the instance is lost.",

  // Azure: files, disks, images, backups
  azurerm_storage_blob: "The blob is lost, unless the account keeps deleted blobs or versions for some days.",
  azurerm_storage_data_lake_gen2_path: "What is stored under the path is lost, unless the account keeps deleted blobs.",
  azurerm_storage_share_directory: "What is in the folder is lost, unless the account keeps deleted shares.",
  azurerm_storage_share_file: "The file is lost, unless the account keeps deleted shares.",
  azurerm_storage_table_entity: "The row of the table is lost.",
  azurerm_storage_encryption_scope:
    "Blobs that are encrypted with the scope's key can no longer be read once it is disabled.",
  azurerm_storage_sync: "The sync service, its groups and its registered servers are lost; files in the shares remain.",
  azurerm_storage_sync_cloud_endpoint: "Servers that tier files lose what is only in the cloud, until it is recalled.",
  azurerm_netapp_account: "Every pool and volume of the account, with every file and snapshot, is lost.",
  azurerm_netapp_pool: "Every volume of the pool, with every file and snapshot, is lost.",
  azurerm_netapp_snapshot: "The snapshot is lost: the volume cannot be set back to it.",
  azurerm_netapp_backup_vault: "Every backup in the vault is lost.",
  azurerm_netapp_volume_group_oracle: "Every file on the group's volumes and their snapshots are lost.",
  azurerm_netapp_volume_group_sap_hana: "Every file on the group's volumes and their snapshots are lost.",
  azurerm_elastic_san: "Every volume of the SAN, with everything on it, is lost.",
  azurerm_elastic_san_volume_group: "Every volume of the group, with everything on it, is lost.",
  azurerm_elastic_san_volume: "Everything on the volume is lost, except for snapshots.",
  azurerm_managed_lustre_file_system: "Every file that is not archived to the storage account is lost.",
  azurerm_hpc_cache: "What the cache has not written to its targets yet is lost.",
  azurerm_databox_edge_device: "The device's registration, shares and keys are lost; it has to be set up again.",
  azurerm_snapshot: "The snapshot is lost: no disk can be made from it any more.",
  azurerm_image: "The image is lost: no machine can be made from it any more.",
  azurerm_shared_image: "Every version of the image is lost: no machine can be made from it any more.",
  azurerm_shared_image_gallery: "Every image of the gallery is lost, unless the gallery has soft delete on.",
  azurerm_shared_image_version: "The version is lost: machines and scale sets can no longer be made from it.",
  azurerm_virtual_machine_restore_point: "The restore point is lost: the machine cannot be set back to it.",
  azurerm_virtual_machine_restore_point_collection: "Every restore point of the machine is lost.",
  azurerm_backup_protected_vm:
    "The machine is no longer backed up, and its backups are deleted, unless soft delete keeps them for 14 days.",
  azurerm_backup_protected_file_share:
    "The share is no longer backed up, and its backups are deleted, unless soft delete keeps them.",
  azurerm_backup_container_storage_account:
    "The account's shares can no longer be backed up or restored from the vault.",
  azurerm_data_protection_backup_instance_blob_storage:
    "The blobs are no longer backed up, and their backups are deleted, unless soft delete keeps them.",
  azurerm_data_protection_backup_instance_disk:
    "The disk is no longer backed up, and its backups are deleted, unless soft delete keeps them.",
  azurerm_data_protection_backup_instance_kubernetes_cluster:
    "The cluster is no longer backed up, and its backups are deleted, unless soft delete keeps them.",
  azurerm_data_protection_backup_instance_mysql_flexible_server:
    "The server is no longer backed up, and its backups are deleted, unless soft delete keeps them.",
  azurerm_data_protection_backup_instance_postgresql:
    "The database is no longer backed up, and its backups are deleted, unless soft delete keeps them.",
  azurerm_data_protection_backup_instance_postgresql_flexible_server:
    "The server is no longer backed up, and its backups are deleted, unless soft delete keeps them.",
  azurerm_site_recovery_replicated_vm: "The machine is no longer replicated, and its recovery points are lost.",

  // Azure: keys, identities, tenants
  azurerm_key_vault_managed_hardware_security_module:
    "Every key in the HSM is out of reach until it is recovered from soft delete; purged, they are lost.",
  azurerm_key_vault_managed_hardware_security_module_key:
    "Whatever is encrypted with the key cannot be read until the key is recovered; purged, it never can.",
  azurerm_dedicated_hardware_security_module:
    "Every key in the HSM is lost: what is encrypted with them cannot be read any more.",
  azurerm_key_vault_managed_storage_account:
    "The vault no longer rotates the account's keys, and what asks it for them gets none.",
  azurerm_disk_encryption_set: "Disks that are encrypted with the set's key cannot be used any more.",
  azurerm_automation_account: "Runbooks, schedules, variables, credentials and certificates of the account are lost.",
  azurerm_automation_credential: "The credential is lost: runbooks that use it fail.",
  azurerm_automation_variable_string: "The variable's value, which runbooks may have changed, is lost.",
  azurerm_app_configuration:
    "Every key and its history is out of reach until the store is recovered from soft delete; purged, lost.",
  azurerm_app_configuration_key: "The key's value and history are lost, once the store no longer keeps them.",
  azurerm_subscription: "The subscription is cancelled: everything in it stops, and is deleted some weeks later.",
  azurerm_management_group: "Policies and roles that were given on the group no longer apply to what was under it.",
  azurerm_aadb2c_directory: "Every user and application of the directory is lost.",
  azurerm_active_directory_domain_service:
    "The managed domain, its groups, policies and joined computers' trust are lost.",
  azuread_user: "The user's identity, licences and roles are lost; Entra ID can restore a deleted user for 30 days.",
  azuread_administrative_unit: "Roles that were given for the unit no longer apply.",
  azuread_custom_directory_role: "Whoever has the role loses it.",

  // Azure: devices and applications
  azurerm_iotcentral_application: "Every device, template, rule and exported job of the application is lost.",
  azurerm_iothub_device_update_account: "Every update and deployment of the account's instances is lost.",
  azurerm_iothub_device_update_instance: "Every update and deployment of the instance is lost.",
  azurerm_iothub_certificate: "Devices that sign in with certificates of this authority can no longer connect.",
  azurerm_iothub_dps_certificate:
    "Devices that enrol with certificates of this authority can no longer be provisioned.",
  azurerm_maps_creator: "Every indoor map and dataset of the creator is lost.",
  azurerm_api_management:
    "Every API, subscription key and user is lost, unless it is recovered from soft delete within 48 hours.",
  azurerm_api_management_subscription: "The subscription's keys are lost: whoever calls with them is refused.",
  azurerm_bot_service_azure_bot: "The bot's channels, connections and their keys are lost.",
  azurerm_cognitive_account: "The account's custom models and keys are lost, unless it is recovered within 48 hours.",
  azurerm_cognitive_account_project: "Agents, threads, files and connections of the project are lost.",
  azurerm_ai_services: "The account's custom models and keys are lost, unless it is recovered within 48 hours.",
  azurerm_ai_foundry: "Projects, connections and data of the hub are lost, unless it is recovered from soft delete.",
  azurerm_ai_foundry_project: "Agents, evaluations and data of the project are lost.",
  azurerm_communication_service: "The service's phone numbers, keys and users' identities are lost.",
  azurerm_email_communication_service: "The service's domains and senders are lost.",
  azurerm_eventgrid_domain:
    "Topics, subscriptions and keys of the domain are lost, and events that are not delivered yet.",
  azurerm_eventgrid_namespace: "Topics, clients and events that are not delivered yet are lost.",
  azurerm_eventgrid_topic: "The topic's subscriptions and keys are lost, and events that are not delivered yet.",
  azurerm_eventhub_namespace_schema_group:
    "Every schema of the group is lost: readers can no longer decode what names them.",
  azurerm_relay_namespace: "Connections and keys of the namespace are lost.",
  azurerm_notification_hub: "Every device registration of the hub is lost.",
  azurerm_notification_hub_namespace: "Every hub of the namespace, with its device registrations, is lost.",
  azurerm_signalr_service: "The service's keys and connection string change, and its clients are disconnected.",
  azurerm_logic_app_workflow: "The workflow's definition, run history and trigger addresses are lost.",
  azurerm_logic_app_integration_account:
    "Partners, agreements, schemas, maps and certificates of the account are lost.",
  azurerm_machine_learning_compute_instance:
    "Everything on the instance's disk that is not in the workspace's storage is lost.",
  azurerm_log_analytics_workspace_table_custom_log: "Every row of the table is lost.",
  azurerm_monitor_workspace: "Every metric in the workspace is lost.",
  azurerm_dashboard_grafana: "Every dashboard, data source and user setting that no repository has is lost.",
  azurerm_load_test: "Every test and its results are lost.",
  azurerm_dev_center: "Projects, dev boxes and their disks are lost.",
  azurerm_virtual_desktop_host_pool: "Session hosts lose their registration, and users their desktops.",
  azurerm_virtual_machine: "The machine is lost, and its disks where it is told to delete them along.",
  azurerm_linux_virtual_machine_scale_set: "Everything on the system disks of its machines is lost.",
  azurerm_windows_virtual_machine_scale_set: "Everything on the system disks of its machines is lost.",
  azurerm_orchestrated_virtual_machine_scale_set: "Everything on the system disks of its machines is lost.",
  azurerm_vmware_private_cloud: "Every machine and its storage in the private cloud is lost.",
  azurerm_arc_kubernetes_cluster: "The cluster's connection, extensions and identity in Azure are lost.",
  azurerm_arc_machine: "The machine's registration, extensions and identity in Azure are lost.",
  azurerm_mobile_network_sim_group: "Every SIM of the group is lost: its devices can no longer sign on to the network.",
  azurerm_express_route_circuit: "The circuit's service key is lost: the provider has to set up a new one.",
  azurerm_public_ip_prefix:
    "The addresses are given back to Azure; whoever has them in a firewall or in DNS has to change them.",
  azurerm_virtual_network_gateway:
    "The gateway's public addresses change; tunnels stay down until the other sides are set up again.",
  azurerm_app_service_certificate_order: "The certificate can no longer be renewed; a new one has to be bought.",

  // AWS
  aws_docdb_cluster: "The databases are lost, except for a final snapshot and what automated backups keep.",
  aws_neptune_cluster: "The graph is lost, except for a final snapshot and what automated backups keep.",
  aws_redshift_cluster: "Every database of the cluster is lost, except for a final snapshot and its snapshots.",
  aws_redshiftserverless_namespace: "Every database of the namespace is lost, except for a final snapshot.",
  aws_db_snapshot: "The snapshot is lost: no database can be restored from it any more.",
  aws_db_cluster_snapshot: "The snapshot is lost: no cluster can be restored from it any more.",
  aws_opensearch_domain: "Every index of the domain is lost, except for snapshots in S3.",
  aws_elasticsearch_domain: "Every index of the domain is lost, except for snapshots in S3.",
  aws_opensearchserverless_collection: "Every index of the collection is lost.",
  aws_elasticache_cluster: "Everything in the cache is lost, except for snapshots.",
  aws_elasticache_replication_group: "Everything in the cache is lost, except for a final snapshot.",
  aws_elasticache_serverless_cache: "Everything in the cache is lost, except for snapshots.",
  aws_memorydb_cluster: "Everything in the cluster is lost, except for a final snapshot.",
  aws_kinesis_stream: "Every record that is not read yet is lost.",
  aws_kinesis_video_stream: "Every fragment of the stream is lost.",
  aws_kinesis_firehose_delivery_stream: "Records that are not delivered yet are lost.",
  aws_msk_cluster: "Every topic and message of the cluster is lost.",
  aws_msk_serverless_cluster: "Every topic and message of the cluster is lost.",
  aws_mq_broker: "Every message that is not received yet is lost.",
  aws_sqs_queue: "Every message that is not received yet is lost.",
  aws_timestreamwrite_database: "Every table of the database is lost.",
  aws_timestreamwrite_table: "Every record of the table is lost.",
  aws_keyspaces_keyspace: "Every table of the keyspace is lost.",
  aws_keyspaces_table: "Every row of the table is lost, except for point-in-time recovery.",
  aws_qldb_ledger: "Every entry of the ledger is lost.",
  aws_s3_object: "The object is lost, unless the bucket keeps versions.",
  aws_s3_directory_bucket: "Every object in the bucket is lost.",
  aws_s3tables_table: "Every row of the table is lost.",
  aws_glacier_vault: "Every archive in the vault is lost.",
  aws_backup_vault: "Every recovery point in the vault is lost; AWS refuses to delete one that is not empty.",
  aws_ebs_snapshot: "The snapshot is lost: no volume can be made from it any more.",
  aws_ami: "The image is lost: no instance can be started from it any more.",
  aws_fsx_lustre_file_system: "Every file is lost, except for backups and what was exported to S3.",
  aws_fsx_ontap_file_system: "Every volume and file is lost, except for backups.",
  aws_fsx_openzfs_file_system: "Every file is lost, except for a final backup.",
  aws_fsx_windows_file_system: "Every file is lost, except for a final backup.",
  aws_ecr_repository:
    "Every image in the repository is lost; AWS refuses while it is not empty unless force_delete is set.",
  aws_secretsmanager_secret: "The secret can be restored until its recovery window is over; then it is lost.",
  aws_ssm_parameter: "The parameter's value and its versions are lost.",
  aws_cloudwatch_log_group: "Every log event of the group is lost.",
  aws_cognito_user_pool: "Every user of the pool, with passwords and groups, is lost.",
  aws_cognito_identity_pool: "Identities of the pool are lost: their users get new ones.",
  aws_iam_user: "The user's access keys and passwords are lost.",
  aws_iot_thing: "The device's registration and shadow are lost.",
  aws_iot_certificate: "The device that signs in with the certificate can no longer connect.",
  aws_instance: "Everything on the instance's root disk and its instance store is lost.",
  aws_lightsail_database: "The database is lost, except for a final snapshot.",
  aws_directory_service_directory: "Every user and joined computer's trust in the directory is lost.",
  aws_sagemaker_domain: "Users' spaces are lost, and their files unless the file system is kept.",
  aws_eks_cluster: "Everything that runs in the cluster and its identities are lost.",
  aws_route53_zone: "Every record of the zone is lost, and a new zone gets other name servers.",
  aws_eip: "The address is given back to AWS; whoever has it in a firewall or in DNS has to change it.",
  aws_acmpca_certificate_authority:
    "Certificates can no longer be issued; the authority can be restored until its deletion is through.",
  aws_cloudhsm_v2_cluster: "Every key in the cluster is lost, except for backups.",
  aws_organizations_account: "The account is closed or leaves the organization, with everything in it.",

  // Google Cloud
  google_sql_database: "Every table of the database is lost.",
  google_bigquery_table: "Every row of the table is lost, except for seven days of time travel.",
  google_bigtable_instance: "Every table of the instance is lost.",
  google_bigtable_table: "Every row of the table is lost.",
  google_spanner_instance: "Every database of the instance is lost.",
  google_spanner_database: "Every table of the database is lost.",
  google_firestore_database: "Every document of the database is lost.",
  google_alloydb_cluster: "Every database of the cluster is lost, except for its backups.",
  google_redis_instance: "Everything in the cache is lost.",
  google_filestore_instance: "Every file is lost, except for backups.",
  google_storage_bucket_object: "The object is lost, unless the bucket keeps versions or deleted objects.",
  google_compute_instance: "Everything on the instance's boot disk is lost, unless the disk is kept.",
  google_compute_snapshot: "The snapshot is lost: no disk can be made from it any more.",
  google_pubsub_topic: "Messages that are not delivered yet are lost, and subscriptions no longer get any.",
  google_pubsub_subscription: "Messages that are not acknowledged yet are lost.",
  google_kms_crypto_key:
    "Every version of the key is scheduled for destruction: what is encrypted with it cannot be read then.",
  google_secret_manager_secret: "Every version of the secret is lost.",
  google_artifact_registry_repository: "Every artifact in the repository is lost.",
  google_container_cluster: "Everything that runs in the cluster and its volumes' contents are lost.",
  google_service_account: "A new account has another id: roles given to the old one no longer apply.",
  google_project: "Everything in the project is lost; Google can restore a deleted project for 30 days.",
  google_dns_managed_zone: "Every record of the zone is lost, and a new zone may get other name servers.",

  // Others
  kubernetes_namespace: "Everything in the namespace is lost, volumes' claims and secrets among it.",
  kubernetes_namespace_v1: "Everything in the namespace is lost, volumes' claims and secrets among it.",
  kubernetes_persistent_volume_claim: "What is on the volume is lost, unless its storage class retains it.",
  kubernetes_persistent_volume_claim_v1: "What is on the volume is lost, unless its storage class retains it.",
  kubernetes_persistent_volume: "What is on the volume is lost, unless it is retained.",
  tls_private_key: "The key is lost: what it signs or opens needs a new one everywhere.",
  github_repository:
    "The repository with its issues, pull requests and releases is lost; GitHub can restore it for 90 days.",
};

/** ARM types without version, in lower case, that azurerm has as these. */
export const ARM_DATA_HOLDERS: Readonly<Record<string, string>> = {
  "microsoft.apimanagement/service": "azurerm_api_management",
  "microsoft.appconfiguration/configurationstores": "azurerm_app_configuration",
  "microsoft.automation/automationaccounts": "azurerm_automation_account",
  "microsoft.cache/redisenterprise": "azurerm_managed_redis",
  "microsoft.cognitiveservices/accounts": "azurerm_cognitive_account",
  "microsoft.cognitiveservices/accounts/projects": "azurerm_cognitive_account_project",
  "microsoft.compute/galleries": "azurerm_shared_image_gallery",
  "microsoft.compute/galleries/images": "azurerm_shared_image",
  "microsoft.compute/snapshots": "azurerm_snapshot",
  "microsoft.databricks/workspaces": "azurerm_databricks_workspace",
  "microsoft.datafactory/factories": "azurerm_data_factory",
  "microsoft.dbforpostgresql/servergroupsv2": "azurerm_cosmosdb_postgresql_cluster",
  "microsoft.digitaltwins/digitaltwinsinstances": "azurerm_digital_twins_instance",
  "microsoft.documentdb/mongoclusters": "azurerm_mongo_cluster",
  "microsoft.elasticsan/elasticsans": "azurerm_elastic_san",
  "microsoft.elasticsan/elasticsans/volumegroups": "azurerm_elastic_san_volume_group",
  "microsoft.elasticsan/elasticsans/volumegroups/volumes": "azurerm_elastic_san_volume",
  "microsoft.eventgrid/namespaces": "azurerm_eventgrid_namespace",
  "microsoft.iotcentral/iotapps": "azurerm_iotcentral_application",
  "microsoft.keyvault/managedhsms": "azurerm_key_vault_managed_hardware_security_module",
  "microsoft.kusto/clusters": "azurerm_kusto_cluster",
  "microsoft.kusto/clusters/databases": "azurerm_kusto_database",
  "microsoft.logic/integrationaccounts": "azurerm_logic_app_integration_account",
  "microsoft.machinelearningservices/workspaces/computes": "azurerm_machine_learning_compute_instance",
  "microsoft.monitor/accounts": "azurerm_monitor_workspace",
  "microsoft.netapp/netappaccounts": "azurerm_netapp_account",
  "microsoft.netapp/netappaccounts/capacitypools": "azurerm_netapp_pool",
  "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems": "azurerm_backup_protected_vm",
  "microsoft.search/searchservices": "azurerm_search_service",
  "microsoft.storagesync/storagesyncservices": "azurerm_storage_sync",
  "microsoft.synapse/workspaces": "azurerm_synapse_workspace",
};

/** What is lost with an object of one of these types; nothing for others. */
export function lossOf(type: string, armType: string | undefined): string | undefined {
  const arm = (armType?.split("@")[0] ?? "").toLowerCase();
  const name = armType !== undefined && Object.hasOwn(ARM_DATA_HOLDERS, arm) ? (ARM_DATA_HOLDERS[arm] ?? type) : type;
  return Object.hasOwn(DATA_HOLDERS, name) ? DATA_HOLDERS[name] : undefined;
}
