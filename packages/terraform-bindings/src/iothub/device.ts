import { type IResolvable, type TerraformMetaArguments, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { IOTHUB_PROVIDER } from "./provider";

/** How a device proves who it is. Keys have no place here: they would be in the state; `primaryKeyWo` keeps them out. */
export interface IothubDeviceAuthentication {
  /** `sas` for symmetric keys, `selfSigned` for thumbprints, `certificateAuthority` for certificates that a CA has signed. May be a reference. */
  readonly type: string;
  /** For `selfSigned`: 40 or 64 hexadecimal digits. @default - none */
  readonly primaryThumbprint?: string;
  /** For `selfSigned`: 40 or 64 hexadecimal digits. @default - none */
  readonly secondaryThumbprint?: string;
}

/** Arguments of `iothub_device`. */
export interface IothubDeviceConfig extends TerraformMetaArguments {
  /** Device id, 1 to 128 characters of `A-Z a-z 0-9 - : . + % _ # * ? ! ( ) , = @ ; $ '`. A change replaces the device. */
  readonly deviceId: string;
  /** Whether it runs the IoT Edge runtime. @default false */
  readonly edgeEnabled?: boolean | IResolvable;
  /** How it signs in. @default - symmetric keys that the hub makes, which the state then holds */
  readonly authentication?: IothubDeviceAuthentication;
  /** Primary key, base64 of 16 to 64 bytes; write-only. Needs its version and the secondary key. Needs Terraform 1.11. @default - none */
  readonly primaryKeyWo?: string;
  /** Another number sends the primary key again. @default - none */
  readonly primaryKeyWoVersion?: number;
  /** Secondary key, base64 of 16 to 64 bytes; write-only. Needs its version and the primary key. Needs Terraform 1.11. @default - none */
  readonly secondaryKeyWo?: string;
  /** Another number sends the secondary key again. @default - none */
  readonly secondaryKeyWoVersion?: number;
  /** `device_scope` of the edge device that it reaches the hub through. @default - none, it reaches the hub itself */
  readonly parentScope?: string;
  /** `enabled` or `disabled`; may be a reference. @default "enabled" */
  readonly status?: string;
  /** Why, up to 128 characters. @default - none */
  readonly statusReason?: string;
}

/** A device identity in a hub: {@link https://registry.terraform.io/providers/mwalser/iothub/latest/docs/resources/device iothub_device}. */
export class IothubDevice extends TerraformResource {
  public static readonly tfResourceType = "iothub_device";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: IothubDeviceConfig,
  ) {
    super(scope, id, {
      terraformResourceType: IothubDevice.tfResourceType,
      terraformGeneratorMetadata: IOTHUB_PROVIDER,
      ...config,
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { authentication, ...config } = this.config;
    return {
      device_id: config.deviceId,
      edge_enabled: config.edgeEnabled,
      authentication: authentication && {
        type: authentication.type,
        primary_thumbprint: authentication.primaryThumbprint,
        secondary_thumbprint: authentication.secondaryThumbprint,
      },
      primary_key_wo: config.primaryKeyWo,
      primary_key_wo_version: config.primaryKeyWoVersion,
      secondary_key_wo: config.secondaryKeyWo,
      secondary_key_wo_version: config.secondaryKeyWoVersion,
      parent_scope: config.parentScope,
      status: config.status,
      status_reason: config.statusReason,
    };
  }
}
