/** What stands for a secret in every output. */
export const HIDDEN = "(sensitive)";

/** Kinds of keys that are secrets; others (public, partition, row, route) are none. */
const KEYS = `(access|account|api|app|application|application_insights|auth|authentication|authorization|host|https|
  ingestion|instrumentation|license|luis|master|operator|policy|primary|private|sas|search_service|secondary|secret|
  server|session|shared|signing|storage|subscription|symmetric|validation|workspace)_keys?(_code)?`;

/** Names whose last words say that a secret is in them: `password_secret_name`, `token_endpoint`, `key_vault_id` hold none. */
const SECRET_NAME = new RegExp(
  `(^|_)(
    passwords?|pgpassword|(?<=_)pass|passwd|pwd|passphrase|passphrases|secret|secrets|token|pat|jwt|credential|credentials|${KEYS}|
    apikey|sas|connection_?strings?|shared_access_signature|sas_url|trigger_url|trigger_endpoint|auth_code|magic_code|
    certificate_content|client_certificate|encoded_certificate|pfx_blob|pfx_certificate|private_key_pem|
    root_ca_certificate|ca_cert|trusted_ca|custom_data|encrypted_data|plain_text_value|plaintext_value|
    secret_arguments|secret_binary|secret_data|secret_string|secret_text|secret_value|secret_values|secure_value
  )(_base64|_data_base64|_wo|_?[0-9])?$`.replaceAll(/\s+/g, ""),
);

/** Whatever is inside is secret: maps and bodies that providers call sensitive or write-only as a whole. */
const SECRET_PART =
  /^(sensitive_body|protected_settings|protected_parameter|(secure|sensitive)_environment_variables)$/;

/** Switches that are named for a secret. */
const SWITCH =
  /^(acr_use|allow|always|disable|exclude|negotiate|recover|shared|support|sync)_(\w+_)?(credentials|policy_token|certificate|passwords?|private_key|secrets)$/;

/** Blocks and maps that are named for the secret in them, and what stands beside it there. */
const AROUND_SECRET = /(^|_)(secret|secrets|connection_?strings?|credential|credentials|passwords?)$/;
const BESIDE_SECRET =
  /(^|_)(name|username|id|ids|type|version|enabled|days|date|url|uri|expiry|thumbprint|format|usage|identity|mode|path|public_key|scheme|server|store|subject)$/;

/** Ends of arguments that their provider calls sensitive although nothing in the name says so, and the types that have them. */
const SENSITIVE_ELSEWHERE: readonly (readonly [ends: RegExp, types: RegExp])[] = [
  [/^(value|value_wo)$/, /^azurerm_(key_vault_secret|api_management_named_value)$/],
  [/^value$/, /^azuread_(application|service_principal)_certificate$/],
  [/delivery_property\.value$/, /^azurerm_eventgrid_/],
  [/(^|\.)certificate$/, /^azurerm_(api_management|batch_certificate|\w+_connection$)/],
  [/(^|\.)data$/, /^azurerm_(api_management_certificate|application_gateway)$/],
  [/certificate_data_base64$/, /^azurerm_api_management_workspace_certificate$/],
  [/(^|\.)client_id$/, /^azurerm_(api_management_openid_connect_provider|virtual_machine_run_command)$/],
  [/(^|\.)object_id$/, /^azurerm_virtual_machine_run_command$/],
  [/additional_unattend_(content|config)\.content$/, /_machine(_scale_set)?$/],
  [/^certificate\.contents$/, /^azurerm_key_vault_certificate$/],
  [/storage_account\.key$/, /^azurerm_resource_deployment_script_/],
  [/^base64$/, /^azurerm_automation_certificate$/],
  [/^uri$/, /^azurerm_automation_webhook$/],
  [/^backup_blob_container_uri$/, /^azurerm_analysis_services_server$/],
  [/backup\.storage_account_url$/, /^azurerm_/],
  [/^storage_account_subscription_id$/, /^azurerm_mssql_server_/],
  [/key_vault_credential\.(key_vault_url|service_principal_name)$/, /^azurerm_mssql_virtual_machine$/],
  [/^sql_connectivity_update_username$/, /^azurerm_mssql_virtual_machine$/],
  [/registry_username$/, /^azurerm_linux_function_app/],
  [/linking_client_id$/, /^azurerm_datadog_monitor$/],
  [/^user_name$/, /^azurerm_sentinel_data_connector_threat_intelligence_taxii$/],
  [/^(agent_account_name|tenant)$/, /^azurerm_spring_cloud_\w+_application_performance_monitoring$/],
  [/user_data_base64$/, /^azurerm_orchestrated_virtual_machine_scale_set$/],
  [/^protected_file\.content$/, /^azurerm_nginx_configuration$/],
  [/^script_content$/, /^azurerm_kusto_script$/],
  [/^ignore_body_changes$/, /^azapi_resource$/],
  // By the documentation of providers whose schemas are not at hand.
  [/^value(_wo)?$/, /^aws_ssm_parameter$/],
  [/^(data|binary_data|data_wo)(\.|$)/, /^kubernetes_secret/],
];

/** Names in a path, without indices, in snake case; a quoted index is a name. */
function segments(path: string): string[] {
  return (
    path
      .replaceAll(/\["((?:[^"\\]|\\.)*)"\]/g, (_all, key: string) => `.${key.replaceAll(".", "_")}`)
      .replaceAll(/\[[^\]]*\]/g, "")
      // Settings of .NET: `ConnectionStrings__Hub`, `ConnectionStrings:Hub`.
      .replaceAll(/__|:/g, ".")
      .split(".")
      .filter((segment) => segment !== "")
      .map((segment) =>
        segment
          .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
          .replaceAll("-", "_")
          .toLowerCase(),
      )
  );
}

/**
 * Whether an argument holds a secret, by its name and, where that is not enough, by its type: every argument that the
 * schemas of azurerm 4.55, azuread 3.7, azapi 2.12, mwalser/iothub 1.1, random and time call sensitive or write-only is
 * one. Names of objects written in camel case (`body.properties.adminPassword`) are read the same way.
 *
 * @param path path of the argument, `os_profile[0].admin_password`
 * @param type Terraform's type of the object, where it is known
 */
export function isSecretPath(path: string, type?: string): boolean {
  const names = segments(path);
  const last = names.at(-1) ?? "";
  if ((SECRET_NAME.test(last) && !SWITCH.test(last)) || names.some((name) => SECRET_PART.test(name))) {
    return true;
  }
  if (names.slice(0, -1).some((name) => AROUND_SECRET.test(name)) && !BESIDE_SECRET.test(last)) {
    return true;
  }
  const whole = names.join(".");
  return type !== undefined && sensitiveEnds(type).some((ends) => ends.test(whole));
}

const endsOfType = new Map<string, readonly RegExp[]>();

/** What of `SENSITIVE_ELSEWHERE` is about a type; looked for once, because most types have nothing there. */
function sensitiveEnds(type: string): readonly RegExp[] {
  const known =
    endsOfType.get(type) ?? SENSITIVE_ELSEWHERE.filter(([, types]) => types.test(type)).map(([ends]) => ends);
  endsOfType.set(type, known);
  return known;
}
