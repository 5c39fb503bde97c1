import { expect } from "../expectation";
import type { Rule } from "../rule";

export const registryAnonymousPullOff: Rule = {
  id: "registry-anonymous-pull-off",
  level: "error",
  what: "Container registries give images to nobody who has not signed in.",
  why: "Images hold code, settings and sometimes more.",
  checkov: ["CKV_AZURE_138"],
  psrule: ["Azure.ACR.AnonymousAccess"],
  ...expect({
    azurerm_container_registry: {
      path: "anonymous_pull_enabled",
      allowed: [false],
      absent: false,
      remedy: "set it to false",
    },
  }),
};
