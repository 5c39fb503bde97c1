import { expect } from "../expectation";
import type { Rule } from "../rule";

export const hubMinimumTls: Rule = {
  id: "hub-minimum-tls",
  level: "error",
  what: "IoT hubs refuse TLS before 1.2.",
  why: "Older versions can be read by whoever listens; adding it later replaces the hub and loses its devices.",
  checkov: [],
  psrule: ["Azure.IoTHub.MinTLS"],
  ...expect({
    azurerm_iothub: { path: "min_tls_version", allowed: ["1.2"], remedy: "write 1.2 before the hub is created" },
  }),
};
