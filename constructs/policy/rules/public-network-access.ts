import { expect } from "../expectation";
import type { Rule } from "../rule";

export const publicNetworkAccess: Rule = {
  id: "public-network-access",
  level: "error",
  what: "Services cannot be reached from the internet.",
  why: "What cannot be reached cannot be tried; where it must be, the configuration says why.",
  checkov: ["CKV_AZURE_59", "CKV_AZURE_108", "CKV_AZURE_139", "CKV_AZURE_144", "CKV_AZURE_189", "CKV_AZURE_204"],
  psrule: ["Azure.ACR.Firewall", "Azure.KeyVault.Firewall", "Azure.ML.PublicAccess", "Azure.Storage.Firewall"],
  ...expect({
    azurerm_container_registry: {
      path: "public_network_access_enabled",
      allowed: [false],
      absent: true,
      remedy: "connect over private endpoints and set it to false, or add an exception to the environment's policy",
    },
    azurerm_iothub: {
      path: "public_network_access_enabled",
      allowed: [false],
      absent: true,
      remedy: "connect over private endpoints and set it to false, or add an exception to the environment's policy",
    },
    azurerm_key_vault: {
      path: "public_network_access_enabled",
      allowed: [false],
      absent: true,
      remedy: "connect over private endpoints and set it to false, or add an exception to the environment's policy",
    },
    azurerm_machine_learning_workspace: {
      path: "public_network_access_enabled",
      allowed: [false],
      absent: true,
      remedy: "connect over private endpoints and set it to false, or add an exception to the environment's policy",
    },
    azurerm_servicebus_namespace: {
      path: "public_network_access_enabled",
      allowed: [false],
      absent: true,
      remedy: "connect over private endpoints and set it to false, or add an exception to the environment's policy",
    },
    azurerm_storage_account: {
      path: "public_network_access_enabled",
      allowed: [false],
      absent: true,
      remedy: "connect over private endpoints and set it to false, or add an exception to the environment's policy",
    },
    "azapi_resource:microsoft.devices/provisioningservices": {
      path: "body.properties.publicNetworkAccess",
      allowed: ["Disabled"],
      absent: "Enabled",
      remedy: "connect over private endpoints and write Disabled, or add an exception to the environment's policy",
    },
    "azapi_resource:microsoft.digitaltwins/digitaltwinsinstances": {
      path: "body.properties.publicNetworkAccess",
      allowed: ["Disabled"],
      absent: true,
      remedy: "connect over private endpoints and write Disabled, or add an exception to the environment's policy",
    },
    "azapi_resource:microsoft.machinelearningservices/workspaces": {
      path: "body.properties.publicNetworkAccess",
      allowed: ["Disabled"],
      absent: "Disabled",
      remedy: "connect over private endpoints and write Disabled, or add an exception to the environment's policy",
    },
  }),
};
