import { expect } from "../expectation";
import type { Rule } from "../rule";

export const localAuthenticationOff: Rule = {
  id: "local-authentication-off",
  level: "error",
  what: "Services are signed in to with Entra ID alone.",
  why: "Keys of a service belong to nobody, are copied, and stay valid when people leave.",
  checkov: ["CKV_AZURE_142", "CKV_AZURE_203"],
  psrule: ["Azure.AppInsights.LocalAuth", "Azure.ML.DisableLocalAuth", "Azure.ServiceBus.DisableLocalAuth"],
  ...expect({
    "azapi_resource:microsoft.devices/provisioningservices": {
      path: "body.properties.disableLocalAuth",
      allowed: [true],
      absent: false,
      remedy: "write true; devices keep their keys and certificates",
    },
    azurerm_application_insights: {
      path: "local_authentication_disabled",
      allowed: [true],
      absent: false,
      remedy: "set it to true",
    },
    azurerm_iothub: {
      path: "local_authentication_enabled",
      allowed: [false],
      absent: true,
      remedy: "set it to false; devices keep their keys and certificates",
    },
    azurerm_log_analytics_workspace: {
      path: "local_authentication_enabled",
      allowed: [false],
      absent: true,
      remedy: "set it to false",
    },
    azurerm_machine_learning_compute_cluster: {
      path: "local_auth_enabled",
      allowed: [false],
      absent: true,
      remedy: "set it to false",
    },
    azurerm_servicebus_namespace: {
      path: "local_auth_enabled",
      allowed: [false],
      absent: true,
      remedy: "set it to false",
    },
  }),
};
