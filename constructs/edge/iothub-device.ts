import { validateProps } from "../shared/validate-props";
import {
  type ITerraformDependable,
  TerraformIterator,
  TerraformLocal,
  type TerraformProvider,
  type TerraformResource,
  Token,
} from "cdktf";
import { Construct } from "constructs";
import { GATEWAY_TAG } from "../../edge-manifests/layers";
import {
  EphemeralIothubDeviceCredentials,
  EphemeralRandomPassword,
  IothubDevice as IothubDeviceResource,
  IothubDeviceTwin,
} from "@edge-anomaly-detection/terraform-bindings";
import { authenticationOf, deviceSecretName, type EdgeDevice, levelsOf } from "./device-list";
import { deviceListProblems } from "./device-list-problems";
import { merged } from "../shared/expressions";

/** What `IothubDevice` needs. */
export interface IothubDeviceProps {
  /** The devices, at least one. Those whose `gateway` is true get the tag for it. */
  readonly devices: readonly EdgeDevice[];
  /** Environment's name, which every twin has as tag `environment`. */
  readonly environment: string;
  /** What must exist first: the roles that allow it. */
  readonly after: readonly ITerraformDependable[];
  /** Provider of the hub. @default - the one without an alias */
  readonly provider?: TerraformProvider;
}

/** A device as Terraform gets it; what is left out has the default of the provider. */
interface DeviceEntry {
  readonly level: number;
  readonly authentication: "sas" | "selfSigned" | "certificateAuthority";
  readonly keys?: number;
  readonly thumbprints?: readonly [string, string];
  readonly parent?: string;
  readonly status?: "disabled";
  readonly leaf?: true;
  readonly tags: Readonly<Record<string, string>>;
  readonly secret?: string;
}

/** Characters of a key before base64: the longest that a hub takes, about 380 random bits. */
const KEY_LENGTH = 64;

/** Construct ids by level; constant, because they are addresses in the state. */
const LEVEL_IDS = ["Resource", "Level2", "Level3", "Level4", "Level5"] as const;

const SAS_CONDITION = 'device.authentication == "sas"';

/**
 * Device identities with their twins. All of them come from one list, by `for_each` over device ids: a device more or less
 * moves no other. Nested devices have a resource for each level, because Terraform lets no resource refer to itself.
 *
 * Symmetric keys are made while Terraform runs and handed over as write-only arguments: neither plan nor state has them.
 */
export class IothubDevice extends Construct {
  /** Device identities, one resource for each level that there is. */
  public readonly resources: readonly IothubDeviceResource[];
  /** Twins of all devices. */
  public readonly twins: IothubDeviceTwin;
  private readonly list: TerraformLocal;
  private readonly hasKeys: boolean;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: IothubDeviceProps,
  ) {
    super(scope, id);
    validateProps(this, () => deviceListProblems(props.devices));
    const levels = levelsOf(props.devices);
    const entries = props.devices.map((device) => [device.id, toEntry(device, levels.get(device.id) ?? 1)] as const);
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    this.list = new TerraformLocal(this, "List", Object.fromEntries(sorted));
    this.hasKeys = entries.some(([, { authentication }]) => authentication === "sas");
    const keys = this.hasKeys ? this.makeKeys() : undefined;
    const deepest = Math.max(1, ...levels.values());
    const resources: IothubDeviceResource[] = [];
    for (const [index, levelId] of LEVEL_IDS.slice(0, deepest).entries()) {
      resources.push(this.addLevel(levelId, index + 1, resources.at(-1), keys));
    }
    this.resources = resources;
    this.twins = this.addTwins();
  }

  /** Devices with symmetric keys by id, as an expression without its braces; undefined where there are none. `secret` is the name of the vault secret. */
  public get devicesWithKeys(): string | undefined {
    return this.hasKeys ? this.devicesThat(SAS_CONDITION) : undefined;
  }

  /** Connection strings of `devicesWithKeys`, under their ids, held by nothing. */
  public connectionStrings(scope: Construct, id: string): EphemeralIothubDeviceCredentials {
    return new EphemeralIothubDeviceCredentials(scope, id, {
      forEach: iterate(this.devicesThat(SAS_CONDITION)),
      // `id`, not the name: it is unknown until the device exists, so nobody asks the hub for it before.
      deviceId: this.attributeOfEach("id"),
      ...this.ofHub,
    });
  }

  /** An attribute of the device that belongs to the current entry of a `for_each` over device ids. */
  public attributeOfEach(attribute: string): string {
    return `\${${this.byId}[each.key].${attribute}}`;
  }

  private get ofHub(): Pick<IothubDeviceProps, "provider"> {
    const { provider } = this.props;
    return provider === undefined ? {} : { provider };
  }

  /** Devices by id, as an expression without its braces. */
  public get byId(): string {
    return merged(this.resources.map(addressOf));
  }

  private devicesThat(condition: string): string {
    const list = `local.${this.list.friendlyUniqueId}`;
    return `{ for id, device in ${list} : id => device if ${condition} }`;
  }

  private makeKeys(): { readonly primary: EphemeralRandomPassword; readonly secondary: EphemeralRandomPassword } {
    const make = (id: string): EphemeralRandomPassword =>
      new EphemeralRandomPassword(this, id, {
        forEach: iterate(this.devicesThat(SAS_CONDITION)),
        length: KEY_LENGTH,
        special: false,
      });
    return { primary: make("PrimaryKeys"), secondary: make("SecondaryKeys") };
  }

  private addLevel(
    id: string,
    level: number,
    above: IothubDeviceResource | undefined,
    keys: ReturnType<IothubDevice["makeKeys"]> | undefined,
  ): IothubDeviceResource {
    const key = (password: EphemeralRandomPassword): string =>
      `\${each.value.authentication == "sas" ? base64encode(${password.resultOfEach}) : null}`;
    const version = Token.asNumber('${each.value.authentication == "sas" ? try(each.value.keys, 1) : null}');
    return new IothubDeviceResource(this, id, {
      forEach: iterate(this.devicesThat(`device.level == ${level}`)),
      deviceId: "${each.key}",
      edgeEnabled: Token.asAny("${!try(each.value.leaf, false)}"),
      authentication: {
        type: "${each.value.authentication}",
        primaryThumbprint: "${try(each.value.thumbprints[0], null)}",
        secondaryThumbprint: "${try(each.value.thumbprints[1], null)}",
      },
      ...(keys !== undefined && {
        primaryKeyWo: key(keys.primary),
        primaryKeyWoVersion: version,
        secondaryKeyWo: key(keys.secondary),
        secondaryKeyWoVersion: version,
      }),
      ...(above !== undefined && { parentScope: `\${${addressOf(above)}[each.value.parent].device_scope}` }),
      status: '${try(each.value.status, "enabled")}',
      dependsOn: [...this.props.after],
      ...this.ofHub,
    });
  }

  private addTwins(): IothubDeviceTwin {
    return new IothubDeviceTwin(this, "Twin", {
      forEach: TerraformIterator.fromMap(this.list.asAnyMap),
      deviceId: this.attributeOfEach("device_id"),
      tags: `\${jsonencode(merge(each.value.tags, { environment = "${this.props.environment}" }))}`,
      ...this.ofHub,
    });
  }
}

const iterate = (map: string): TerraformIterator => TerraformIterator.fromMap(Token.asAnyMap(`\${${map}}`));

/** A resource's address, to be written into expressions: its `fqn` would bring braces of its own. */
const addressOf = (resource: TerraformResource): string =>
  `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;

function toEntry(device: EdgeDevice, level: number): DeviceEntry {
  const authentication = authenticationOf(device);
  return {
    level,
    ...authenticationEntry(device.id, authentication),
    ...(device.parent !== undefined && { parent: device.parent }),
    ...(device.enabled === false && { status: "disabled" as const }),
    ...(device.edge === false && { leaf: true as const }),
    tags: { ...device.tags, ...(device.gateway === true && { [GATEWAY_TAG.name]: GATEWAY_TAG.value }) },
  };
}

function authenticationEntry(
  id: string,
  authentication: ReturnType<typeof authenticationOf>,
): Pick<DeviceEntry, "authentication" | "keys" | "thumbprints" | "secret"> {
  switch (authentication.kind) {
    case "symmetricKeys": {
      const keys = authentication.keyVersion;
      return { authentication: "sas", ...(keys !== undefined && { keys }), secret: deviceSecretName(id) };
    }
    case "thumbprints": {
      const { primary, secondary } = authentication;
      return { authentication: "selfSigned", thumbprints: [primary, secondary ?? primary] };
    }
    case "certificateAuthority":
      return { authentication: "certificateAuthority" };
  }
}
