import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret";
import { type ITerraformDependable, TerraformIterator, Token } from "cdktf";
import { Construct } from "constructs";
import type { KeyVault } from "../security/key-vault";
import { merged } from "../shared/expressions";
import type { IothubDevice } from "./iothub-device";

/** What `DeviceSecrets` needs. */
export interface DeviceSecretsProps {
  /** The devices of each hub; those that sign in with certificates have no secret here. */
  readonly devices: readonly IothubDevice[];
  /** Where the connection strings are kept. */
  readonly vault: KeyVault;
  /** What must exist first: the roles that allow it. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * The connection string of every device with symmetric keys as a secret of the vault. It is read from the hub while
 * Terraform runs and written as a write-only value, so neither plan nor state holds it; it is written again when the
 * device's keys are others, and when the device is on another hub.
 */
export class DeviceSecrets extends Construct {
  /** The secrets, by device id; undefined where no device has keys. */
  public readonly resource: KeyVaultSecret | undefined;

  public constructor(scope: Construct, id: string, { devices, vault, after }: DeviceSecretsProps) {
    super(scope, id);
    const keyed = devices.filter(({ devicesWithKeys }) => devicesWithKeys !== undefined);
    if (keyed.length === 0) {
      return;
    }
    const withKeys = merged(keyed.flatMap(({ devicesWithKeys }) => devicesWithKeys ?? []));
    const each = TerraformIterator.fromMap(Token.asAnyMap(`\${${withKeys}}`));
    const credentials = keyed.map((one, index) => one.connectionStrings(index === 0 ? this : one, "Credentials"));
    const ofEach = `${merged(credentials.map(({ address }) => address))}[each.key]`;
    this.resource = new KeyVaultSecret(this, "Resource", {
      forEach: each,
      name: each.getString("secret"),
      keyVaultId: vault.resource.id,
      contentType: "IoT Edge device connection string",
      valueWo: Token.asString(`\${${ofEach}.primary_connection_string}`),
      valueWoVersion: keyVersionOfEach(keyed),
      dependsOn: [...after],
    });
  }
}

/** A number that changes when a device with keys gets others: by its version, or because it was made anew. */
function keyVersionOfEach(devices: readonly IothubDevice[]): number {
  const generation = `${merged(devices.map(({ byId }) => byId))}[each.key].generation_id`;
  const version = "try(each.value.keys, 1)";
  return Token.asNumber(`\${parseint(substr(sha256(join("/", [${generation}, tostring(${version})])), 0, 7), 16)}`);
}
