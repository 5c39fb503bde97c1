import type { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import { KeyVault as KeyVaultResource } from "@cdktf/provider-azurerm/lib/key-vault";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { EVERYBODY, explainPublicAccess, isPublic, type ServiceAccess, vaultRules } from "../network/service-access";
import { validateProps } from "../shared/validate-props";
import { inRange } from "@edge-anomaly-detection/common/rules";

/** What an environment decides about its vault. */
export interface KeyVaultSettings {
  /** Days for which a deleted vault or secret can be recovered, 7 to 90. A change replaces the vault. @default 90 */
  readonly softDeleteDays?: number;
  /** Keep everybody, Azure's operators included, from purging before those days are over. It cannot be switched off again. @default true */
  readonly purgeProtection?: boolean;
}

/** What `KeyVault` needs. */
export interface KeyVaultProps extends KeyVaultSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in all of Azure: 3 to 24 letters, digits and single hyphens, starting with a letter. */
  readonly name: string;
  /** Whose tenant the vault trusts. */
  readonly deployer: DataAzurermClientConfig;
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

/** Validation errors in an environment's settings for vault. */
export function keyVaultProblems(settings: KeyVaultSettings): Problem[] {
  return collect(
    inRange(
      "softDeleteDays",
      settings.softDeleteDays,
      { min: 7, max: 90, unit: "days" },
      "choose how long a deleted vault must be recoverable",
    ),
  );
}

/** A vault whose data is reached by roles alone: no access policies, no templates, no virtual machines. */
export class KeyVault extends Construct {
  public readonly resource: KeyVaultResource;

  public constructor(scope: Construct, id: string, props: KeyVaultProps) {
    super(scope, id);
    validateProps(this, () => keyVaultProblems(props));
    const { access = EVERYBODY } = props;
    this.resource = new KeyVaultResource(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      tenantId: props.deployer.tenantId,
      skuName: "standard",
      rbacAuthorizationEnabled: true,
      softDeleteRetentionDays: props.softDeleteDays ?? 90,
      purgeProtectionEnabled: props.purgeProtection ?? true,
      enabledForDeployment: false,
      enabledForDiskEncryption: false,
      enabledForTemplateDeployment: false,
      publicNetworkAccessEnabled: isPublic(access),
      networkAcls: vaultRules(access),
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    explainPublicAccess(this.resource, access);
  }
}
