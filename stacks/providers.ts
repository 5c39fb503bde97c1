import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { AzapiProvider } from "@edge-anomaly-detection/terraform-bindings";
import type { TerraformStack } from "cdktf";
import type { EnvironmentConfig } from "../environments/environment-config";

/** Resource providers that an environment's resources belong to; a subscription must have them registered. */
export const RESOURCE_PROVIDERS: readonly string[] = [
  "Microsoft.AlertsManagement",
  "Microsoft.Authorization",
  "Microsoft.Compute",
  "Microsoft.Consumption",
  "Microsoft.ContainerRegistry",
  "Microsoft.Devices",
  "Microsoft.DigitalTwins",
  "Microsoft.EventGrid",
  "Microsoft.Insights",
  "Microsoft.KeyVault",
  "Microsoft.Logic",
  "Microsoft.MachineLearningServices",
  "Microsoft.ManagedIdentity",
  "Microsoft.Network",
  "Microsoft.OperationalInsights",
  "Microsoft.ServiceBus",
  "Microsoft.Storage",
  "Microsoft.StreamAnalytics",
];

/** Versions that a stack accepts; the bindings name the exact ones that they were generated from. */
const VERSIONS = { azuread: "~> 3.7", azurerm: "~> 4.55", time: "~> 0.13" } as const;

/** Providers of an environment's stack. */
export function addEnvironmentProviders(
  stack: TerraformStack,
  { subscriptionId, protection }: Pick<EnvironmentConfig, "subscriptionId" | "protection">,
): void {
  const purge = protection.purgeOnDestroy;
  new AzurermProvider(stack, "Azurerm", {
    subscriptionId,
    storageUseAzuread: true,
    resourceProviderRegistrations: "none",
    resourceProvidersToRegister: [...RESOURCE_PROVIDERS],
    features: [
      {
        applicationInsights: [{ disableGeneratedRule: true }],
        keyVault: [{ purgeSoftDeleteOnDestroy: purge, recoverSoftDeletedKeyVaults: true }],
        logAnalyticsWorkspace: [{ permanentlyDeleteOnDestroy: purge }],
        // Azure adds resources of its own to a group, such as smart detection's action group.
        resourceGroup: [{ preventDeletionIfContainsResources: !purge }],
        // Nothing here needs a storage account's data plane, which a runner may not reach.
        storage: [{ dataPlaneAvailable: false }],
      },
    ],
  });
  new AzapiProvider(stack, "Azapi", { subscriptionId, disableDefaultOutput: true });
  new TimeProvider(stack, "Time");
  acceptVersions(stack, ["azurerm", "time"]);
}

/**
 * Providers of the bootstrap stack.
 *
 * @returns the one of the bootstrap stack's own subscription
 */
export function addBootstrapProviders(stack: TerraformStack, subscriptionId?: string): AzurermProvider {
  new AzureadProvider(stack, "Azuread");
  acceptVersions(stack, ["azuread", "azurerm"]);
  return addSubscription(stack, "Azurerm", { subscriptionId });
}

/** A provider for one subscription, which registers everything that environments in it need. */
export function addSubscription(
  stack: TerraformStack,
  id: string,
  subscription: { readonly subscriptionId?: string; readonly alias?: string },
): AzurermProvider {
  return new AzurermProvider(stack, id, {
    ...subscription,
    storageUseAzuread: true,
    resourceProviderRegistrations: "none",
    resourceProvidersToRegister: [...RESOURCE_PROVIDERS],
    features: [{ storage: [{ dataPlaneAvailable: false }] }],
  });
}

function acceptVersions(stack: TerraformStack, providers: readonly (keyof typeof VERSIONS)[]): void {
  for (const provider of providers) {
    stack.addOverride(`terraform.required_providers.${provider}.version`, VERSIONS[provider]);
  }
  stack.addOverride("terraform.required_version", ">= 1.11");
}
