import {
  DefaultTokenResolver,
  StringConcat,
  TerraformElement,
  TerraformLocal,
  TerraformResource,
  type TerraformStack,
  Tokenization,
} from "cdktf";
import { isObject } from "@edge-anomaly-detection/common";
import { elementsOf } from "../shared/terraform-elements";

/** Stands for a value that does not exist before Terraform applies. */
export const LATER = Symbol("known only when Terraform applies");

/** Arguments as Terraform reads them. */
export type Arguments = Readonly<Record<string, unknown>>;

const RESOLVER = new DefaultTokenResolver(new StringConcat());
/** An expression or a directive; `$${` and `%%{` are text. */
const TEMPLATE = /(?<!\$)\$\{|(?<!%)%\{/;

/**
 * An element of a stack as rules see it: what Terraform will read, with overrides (`addOverride`) of a resource and of its
 * stack merged in, whatever class wrote it.
 */
export class WrittenElement {
  /** Whether it is a resource; otherwise a provider, a backend, a data source, a local value and so on. */
  public readonly isResource: boolean;
  /** Terraform's type of a resource; with azapi the ARM type as well: `azapi_resource:microsoft.devices/iothubs`. */
  public readonly kind: string;

  private constructor(
    public readonly element: TerraformElement,
    /** Address in Terraform, empty where it is no resource: `azurerm_iothub.Hub_C5CB2B3F`. */
    public readonly address: string,
    public readonly arguments_: Arguments,
  ) {
    this.isResource = address !== "";
    const [type = ""] = address.split(".");
    const arm = type.startsWith("azapi_") ? arguments_.type : undefined;
    this.kind = typeof arm === "string" ? `${type}:${(arm.split("@")[0] ?? "").toLowerCase()}` : type;
  }

  /**
   * Everything in a stack that becomes Terraform.
   *
   * @param written what `toTerraform()` gives for the stack
   */
  public static allOf(stack: TerraformStack, written: Arguments): WrittenElement[] {
    return elementsOf(stack).flatMap((element) => {
      if (!(element instanceof TerraformResource)) {
        return [new WrittenElement(element, "", blockOf(element, written))];
      }
      const { terraformResourceType: type, friendlyUniqueId: id } = element;
      const block = within(written, ["resource", type, id]);
      // What moves to another address has no block of its own.
      return isObject(block) ? [new WrittenElement(element, `${type}.${id}`, block)] : [];
    });
  }

  /** Path of its construct in the stack: `Lake/Account/Resource`. */
  public get path(): string {
    return this.element.node.path.slice(`${this.element.cdktfStack.node.path}/`.length);
  }

  /**
   * An argument's literal value: `undefined` where it is not given, `LATER` where it is an expression.
   *
   * @param path names with dots between them; a block that stands once may be written as an object or as a list of one
   */
  public read(path: string): unknown {
    const value = this.text(path);
    return isExpression(value) ? LATER : value;
  }

  /** The same, but an expression is its text, `${azurerm_iothub.Hub_C5CB2B3F.id}`. */
  public text(path: string): unknown {
    let value: unknown = this.arguments_;
    for (const name of path.split(".")) {
      const owner: unknown = Array.isArray(value) ? value[0] : value;
      if (!isObject(owner)) {
        return isExpression(owner) ? owner : undefined;
      }
      if (isObject(owner.dynamic) && name in owner.dynamic) {
        return `\${dynamic.${name}}`;
      }
      value = owner[name];
    }
    return value ?? undefined;
  }

  /** How many blocks of a name there are, or `LATER` where Terraform counts them. */
  public count(name: string): number | typeof LATER {
    const value = this.read(name);
    return value === LATER ? LATER : Array.isArray(value) ? value.length : value === undefined ? 0 : 1;
  }
}

/** Whether a value is text that Terraform computes. */
export const isExpression = (value: unknown): value is string => typeof value === "string" && TEMPLATE.test(value);

/** Arguments of a block that is no resource, without the section, type and id that they stand under. */
function innermost(fragment: Arguments): Arguments {
  const depths: Readonly<Record<string, number>> = { data: 2, ephemeral: 2, provider: 1 };
  const [section = "", ...others] = Object.keys(fragment);
  const only = (value: unknown): unknown => (isObject(value) ? Object.values(value)[0] : undefined);
  let block: unknown = fragment[section];
  for (let depth = depths[section] ?? 0; depth > 0; depth -= 1) {
    block = only(block);
  }
  const inner: unknown = Array.isArray(block) ? block[0] : block;
  return section in depths && others.length === 0 && isObject(inner) ? inner : fragment;
}

function within(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** What an element that is no resource says. Few of them are told apart in the stack's JSON, so the others are written again. */
function blockOf(element: TerraformElement, written: Arguments): Arguments {
  if (element instanceof TerraformLocal) {
    const id = element.friendlyUniqueId;
    return { locals: { [id]: within(written, ["locals", id]) } };
  }
  const scope = element.cdktfStack;
  return innermost(Tokenization.resolve(element.toTerraform(), { scope, resolver: RESOLVER }) as Arguments);
}
