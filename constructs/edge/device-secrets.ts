import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { KeyVault } from "../security/key-vault";
import type { IothubDevice } from "./iothub-device";

/** What `DeviceSecrets` needs. */
export interface DeviceSecretsProps {
  /** The devices; those that sign in with certificates have no secret here. */
  readonly devices: IothubDevice;
  /** Where the connection strings are kept. */
  readonly vault: KeyVault;
  /** What must exist first: the roles that allow it. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * The connection string of every device with symmetric keys as a secret of the vault. It is read from the hub while
 * Terraform runs and written as a write-only value, so neither plan nor state holds it; it is written again when the
 * device's keys are others.
 */
export class DeviceSecrets extends Construct {
  /** The secrets, by device id; undefined where no device has keys. */
  public readonly resource: KeyVaultSecret | undefined;

  public constructor(scope: Construct, id: string, { devices, vault, after }: DeviceSecretsProps) {
    super(scope, id);
    const withKeys = devices.devicesWithKeys;
    if (withKeys === undefined) {
      return;
    }
    const credentials = devices.connectionStrings(this, "Credentials", withKeys);
    this.resource = new KeyVaultSecret(this, "Resource", {
      forEach: withKeys,
      name: withKeys.getString("secret"),
      keyVaultId: vault.resource.id,
      contentType: "IoT Edge device connection string",
      valueWo: credentials.primaryConnectionString,
      valueWoVersion: devices.keyVersionOfEach,
      dependsOn: [...after],
    });
  }
}
