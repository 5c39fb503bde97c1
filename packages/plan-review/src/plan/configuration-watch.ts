import { TokenType } from "@streamparser/json";
import type { Provisioners } from "./plan";

/** Resources with provisioners that are noted, and characters of a command. */
const MAX_NOTED = 1_000;
const MAX_COMMAND = 4_000;

/** An object or a list while it is read. */
interface Frame {
  readonly isObject: boolean;
  /** Name of the property that it is the value of; nothing in a list. */
  readonly name: string | undefined;
  /** Property that is being read. */
  key: string | undefined;
}

/** A resource of the configuration while it is read. */
interface Resource {
  readonly depth: number;
  address: string;
  readonly provisioners: { type: string; command?: string }[];
}

/**
 * Finds provisioners in a plan's `configuration` token by token, because that may be large: of a resource nothing is kept but
 * its address and what its provisioners run.
 */
export class ConfigurationWatch {
  public readonly found: Provisioners[] = [];
  private readonly frames: Frame[] = [];
  private expectsKey = false;
  private resource: Resource | undefined;

  public take(token: TokenType, value: unknown): void {
    const top = this.frames.at(-1);
    switch (token) {
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET:
        this.open(token === TokenType.LEFT_BRACE, top);
        break;
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET:
        this.close();
        break;
      case TokenType.COMMA:
        this.expectsKey = top?.isObject === true;
        break;
      case TokenType.COLON:
        break;
      default:
        if (this.expectsKey && top !== undefined) {
          top.key = String(value);
          this.expectsKey = false;
        } else if (typeof value === "string" && top?.isObject === true) {
          this.text(top.key ?? "", value);
        }
    }
  }

  private open(isObject: boolean, top: Frame | undefined): void {
    this.frames.push({ isObject, name: top?.isObject === true ? top.key : undefined, key: undefined });
    this.expectsKey = isObject;
    const list = this.frames.at(-2);
    if (!isObject || list?.isObject !== false) {
      return;
    }
    if (list.name === "resources" && this.resource === undefined) {
      this.resource = { depth: this.frames.length, address: "", provisioners: [] };
    } else if (list.name === "provisioners" && this.resource?.depth === this.frames.length - 2) {
      this.resource.provisioners.push({ type: "" });
    }
  }

  private close(): void {
    if (this.resource?.depth === this.frames.length) {
      const { address, provisioners } = this.resource;
      if (provisioners.length > 0 && this.found.length < MAX_NOTED) {
        this.found.push({
          address: [...this.modules(), address].join("."),
          provisioners,
        });
      }
      this.resource = undefined;
    }
    this.frames.pop();
    this.expectsKey = false;
  }

  private text(key: string, value: string): void {
    const depth = this.frames.length - (this.resource?.depth ?? Infinity);
    const provisioner = this.resource?.provisioners.at(-1);
    if (this.resource !== undefined && depth === 0 && key === "address") {
      this.resource.address = value;
    } else if (provisioner === undefined || this.frames[this.resource?.depth ?? 0]?.name !== "provisioners") {
      return;
    } else if (depth === 2 && key === "type") {
      provisioner.type = value;
    } else if (depth === 4 && key === "constant_value" && this.frames.at(-1)?.name === "command") {
      provisioner.command = value.slice(0, MAX_COMMAND);
    }
  }

  /** `module.NAME` of each call that is being read. */
  private modules(): string[] {
    return this.frames.flatMap(({ name }, index) =>
      this.frames[index - 1]?.name === "module_calls" && name !== undefined ? [`module.${name}`] : [],
    );
  }
}
