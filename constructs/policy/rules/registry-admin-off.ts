import { expect } from "../expectation";
import type { Rule } from "../rule";

export const registryAdminOff: Rule = {
  id: "registry-admin-off",
  level: "error",
  what: "Container registries have no administrator account.",
  why: "Its password is shared, may push as well as pull, and no log says who used it.",
  checkov: ["CKV_AZURE_137"],
  psrule: ["Azure.ACR.AdminUser"],
  ...expect({
    azurerm_container_registry: {
      path: "admin_enabled",
      allowed: [false],
      absent: false,
      remedy: "set it to false and grant AcrPull or AcrPush",
    },
  }),
};
