import type { ContainerRegistryNetworkRuleSet } from "@cdktf/provider-azurerm/lib/container-registry";
import type { IothubNetworkRuleSet } from "@cdktf/provider-azurerm/lib/iothub";
import type { KeyVaultNetworkAcls } from "@cdktf/provider-azurerm/lib/key-vault";
import type { ServicebusNamespaceNetworkRuleSet } from "@cdktf/provider-azurerm/lib/servicebus-namespace";
import type { StorageAccountNetworkRules } from "@cdktf/provider-azurerm/lib/storage-account";
import type { IConstruct } from "constructs";
import { declareException } from "../shared/policy-exception";

/**
 * Who reaches a service's own address: everybody, so that sign-in alone decides; the networks that are named, and nobody else;
 * or nobody, because it is reached through private endpoints.
 */
export type ServiceAccess =
  | { readonly kind: "everybody" }
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  | { readonly kind: "privateEndpoints" };

/** Where an environment says nothing. */
export const EVERYBODY: ServiceAccess = { kind: "everybody" };

/** Whether the service's address on the internet answers anybody. */
export const isPublic = (access: ServiceAccess): boolean => access.kind !== "privateEndpoints";

const addressesOf = (access: ServiceAccess): readonly string[] => (access.kind === "addresses" ? access.addresses : []);

/** A hub's rules, its built-in endpoint included: without that it would stay open to everybody. */
export function hubRules(access: ServiceAccess): IothubNetworkRuleSet[] | undefined {
  return access.kind === "addresses"
    ? [
        {
          defaultAction: "Deny",
          applyToBuiltinEventhubEndpoint: true,
          ipRule: access.addresses.map((ipMask, index) => ({ name: `address-${index + 1}`, ipMask, action: "Allow" })),
        },
      ]
    : undefined;
}

/**
 * A Device Provisioning Service's rules, of which the first one that fits decides: without the last one it would answer everybody
 * else as well (learn.microsoft.com/azure/iot-dps/iot-dps-ip-filtering).
 */
export function provisioningRules(access: ServiceAccess): Readonly<Record<string, string>>[] | undefined {
  return access.kind === "addresses"
    ? [
        ...access.addresses.map((ipMask, index) => ({
          filterName: `address-${index + 1}`,
          action: "Accept",
          ipMask,
          target: "all",
        })),
        { filterName: "others", action: "Reject", ipMask: "0.0.0.0/0", target: "all" },
      ]
    : undefined;
}

/** A vault's rules. */
export function vaultRules(access: ServiceAccess): KeyVaultNetworkAcls | undefined {
  return access.kind === "everybody"
    ? undefined
    : { defaultAction: "Deny", bypass: "AzureServices", ipRules: [...addressesOf(access)] };
}

/** An account's rules. IoT Hub, Event Grid and Azure ML reach it as trusted services, by their identities. */
export function storageRules(access: ServiceAccess): StorageAccountNetworkRules | undefined {
  return access.kind === "everybody"
    ? undefined
    : {
        defaultAction: "Deny",
        bypass: ["AzureServices"],
        ipRules: addressesOf(access).flatMap(storageAddresses),
      };
}

/**
 * Storage takes no ranges of one or two addresses: they are written as addresses
 * (learn.microsoft.com/azure/storage/common/storage-network-security-limitations).
 */
function storageAddresses(range: string): string[] {
  const [address = "", length] = range.split("/");
  if (length === "32") {
    return [address];
  }
  if (length !== "31") {
    return [range];
  }
  const parts = address.split(".").map(Number);
  const last = (parts[3] ?? 0) & ~1;
  return [last, last + 1].map((part) => [...parts.slice(0, 3), part].join("."));
}

/** A registry's rules; only the tier Premium has any. */
export function registryRules(access: ServiceAccess): ContainerRegistryNetworkRuleSet[] | undefined {
  return access.kind === "addresses"
    ? [
        {
          defaultAction: "Deny",
          ipRule: access.addresses.map((ipRange) => ({ action: "Allow", ipRange })),
        },
      ]
    : undefined;
}

/**
 * A Service Bus namespace's rules; only the tier Premium has any. Event Grid reaches it as a trusted service, by its topic's identity.
 * azurerm and Azure refuse `Deny` without an address (azurerm#27006): behind private endpoints the namespace has no public access anyway.
 */
export function namespaceRules(access: ServiceAccess): ServicebusNamespaceNetworkRuleSet {
  return {
    defaultAction: access.kind === "addresses" ? "Deny" : "Allow",
    publicNetworkAccessEnabled: isPublic(access),
    trustedServicesAllowed: true,
    ipRules: [...addressesOf(access)],
  };
}

/** Says for the rule `public-network-access` why a service's address answers although the environment restricts who is answered. */
export function explainPublicAccess(
  resource: IConstruct,
  access: ServiceAccess,
  reason = "It answers the addresses of factories, runners and people that the environment names, and nobody else.",
): void {
  if (access.kind === "addresses") {
    declareException(resource, "public-network-access", reason);
  }
}
