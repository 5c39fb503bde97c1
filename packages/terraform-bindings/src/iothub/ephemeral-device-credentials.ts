import type { ITerraformDependable, ITerraformIterator, TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { EphemeralResource } from "../ephemeral-resource";

/** Arguments of the ephemeral `iothub_device_credentials`. */
export interface EphemeralIothubDeviceCredentialsConfig {
  /** Id of the device. */
  readonly deviceId: string;
  /** One for each entry. @default - one */
  readonly forEach?: ITerraformIterator;
  /** What must exist first. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
  /** Provider of the hub that the device belongs to. @default - the one without an alias */
  readonly provider?: TerraformProvider;
}

/**
 * A device's keys and connection strings, read when Terraform runs and kept nowhere:
 * {@link https://registry.terraform.io/providers/mwalser/iothub/latest/docs/ephemeral-resources/device_credentials iothub_device_credentials}.
 * They are null for devices that sign in with certificates.
 */
export class EphemeralIothubDeviceCredentials extends EphemeralResource {
  public static readonly tfResourceType = "iothub_device_credentials";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: EphemeralIothubDeviceCredentialsConfig,
  ) {
    super(
      scope,
      id,
      EphemeralIothubDeviceCredentials.tfResourceType,
      config.dependsOn,
      config.forEach,
      config.provider,
    );
  }

  /** `HostName=…;DeviceId=…;SharedAccessKey=…` with the primary key. With `forEach`, that of the same entry. */
  public get primaryConnectionString(): string {
    return this.attribute("primary_connection_string");
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { device_id: this.config.deviceId };
  }
}
