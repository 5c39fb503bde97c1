import { expect } from "../expectation";
import type { Rule } from "../rule";

export const serviceBusMinimumTls: Rule = {
  id: "service-bus-minimum-tls",
  level: "error",
  what: "Service Bus namespaces refuse TLS before 1.2.",
  why: "Older versions can be read by whoever listens.",
  checkov: ["CKV_AZURE_205"],
  psrule: ["Azure.ServiceBus.MinTLS"],
  ...expect({
    azurerm_servicebus_namespace: {
      path: "minimum_tls_version",
      allowed: ["1.2"],
      absent: "1.2",
      remedy: "write 1.2",
    },
  }),
};
