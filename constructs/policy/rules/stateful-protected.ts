import { isOneOf } from "../expectation";
import { NOT_APPLICABLE, type Rule } from "../rule";

/** What a stack holds once and for good. What comes and goes with daily work (devices, secrets, containers) is kept by these. */
export const PROTECTED_KINDS: ReadonlySet<string> = new Set([
  "azapi_resource:microsoft.devices/provisioningservices",
  "azapi_resource:microsoft.digitaltwins/digitaltwinsinstances",
  "azapi_resource:microsoft.machinelearningservices/workspaces",
  "azurerm_container_registry",
  "azurerm_iothub",
  "azurerm_key_vault",
  "azurerm_log_analytics_workspace",
  "azurerm_machine_learning_workspace",
  "azurerm_servicebus_namespace",
  "azurerm_storage_account",
]);

export const statefulProtected: Rule = {
  id: "stateful-protected",
  level: "error",
  what: "Where an environment is protected, Terraform refuses to destroy what holds data.",
  why: "A renamed construct or a changed argument would otherwise delete it within a plan of a hundred lines.",
  checkov: [],
  psrule: [],
  kinds: [...PROTECTED_KINDS],
  check: (subject, { preventDestroy }) =>
    preventDestroy
      ? isOneOf(subject, {
          path: "lifecycle.prevent_destroy",
          allowed: [true],
          remedy: "set preventDestroy in its lifecycle where the environment's protection says so",
        })
      : NOT_APPLICABLE,
};
