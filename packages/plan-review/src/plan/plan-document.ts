import { type ParsedElementInfo, TokenParser, Tokenizer, TokenType } from "@streamparser/json";
import { ConfigurationWatch } from "./configuration-watch";
import type { ActionInvocation, CheckResult, PlanFacts, ResourceChange, ValueChange } from "./plan";
import {
  AGAIN,
  formatTrouble,
  nameInMessage,
  otherDocument,
  PlanFileError,
  SHOW,
  type Trouble,
  wrapperTrouble,
} from "./plan-file-error";
import { property } from "../json-values";
import {
  isCheck,
  isInvocation,
  isResourceChange,
  isValueChange,
  KNOWN_PARTS,
  PARTS_OF_PLANS,
  PATHS,
  STARTS,
} from "./plan-parts";

/** Takes the parts of a plan as they are read. */
export interface PlanReader {
  readonly onChange: (change: ResourceChange) => void;
  readonly onOutput: (name: string, change: ValueChange) => void;
  readonly onDrift: (change: ResourceChange) => void;
  /** A change that Terraform defers to a further plan; nothing where it cannot be read. */
  readonly onDeferred: (change: ResourceChange | undefined, reason: string | undefined) => void;
  /** An action that is invoked, or deferred for a reason; nothing where it cannot be read. */
  readonly onInvocation: (invocation: ActionInvocation | undefined, deferredFor?: string) => void;
  /** A check's result; nothing where it cannot be read. */
  readonly onCheck: (check: CheckResult | undefined) => void;
  /** Told of every 64 KB or so. */
  readonly onProgress?: (bytes: number) => void;
}

/** Deepest nesting that is read; what Terraform writes has fewer than 100 levels. */
const MAX_LEVELS = 500;

/** Names at the top that are noted; beyond that they are counted under one name. */
const MAX_NAMES = 100;

/** A part at the top that is not known, while it is read. */
interface UnknownPart {
  readonly name: string;
  count: number;
  isEmpty: boolean;
}

/** A plan while it is read: what is not needed is skipped, and each change is given away when it is complete. */
export class PlanDocument {
  private readonly tokenizer = new Tokenizer({ stringBufferSize: 64 * 1024 });
  private readonly parser = new TokenParser({ paths: PATHS, keepStack: false });
  /** Names at the top, in order. */
  private readonly names = new Set<string>();
  private readonly seen: Partial<Record<string, unknown>> = {};
  private readonly configuration = new ConfigurationWatch();
  private readonly unknown = new Map<string, UnknownPart>();
  private level = 0;
  private expectsName = false;
  /** The part at the top that is being read. */
  private part = "";
  private unknownPart: UnknownPart | undefined;
  /** Whether the value of the part comes next. */
  private expectsValue = false;
  private offset = 0;
  private isEmpty = true;
  /** Beginning of the file, for what stands before the JSON. */
  private head = "";
  /** What went wrong in whoever takes the parts, or a part that no plan has like this. */
  private failure: Error | undefined;

  public constructor(
    private readonly file: string,
    private readonly reader: PlanReader,
  ) {
    this.tokenizer.onToken = (token) => {
      this.offset = token.offset;
      this.watch(token.token, token.value);
      this.parser.write(token);
    };
    this.parser.onValue = (element) => {
      try {
        this.take(element);
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error("not an error");
        throw this.failure;
      }
    };
  }

  /** @throws PlanFileError where what was read is no plan */
  public write(chunk: Buffer): void {
    this.head = this.head === "" ? chunk.subarray(0, 400).toString("utf8") : this.head;
    try {
      this.tokenizer.write(chunk);
    } catch {
      this.refuse();
    }
  }

  /** What the document says beside its changes, when all of it was read. */
  public end(): PlanFacts {
    try {
      this.tokenizer.end();
    } catch {
      // Said below: what is missing is not in the parser either.
    }
    if (this.isEmpty) {
      throw new PlanFileError(this.file, "it is empty", AGAIN);
    }
    if (!this.parser.isEnded) {
      this.refuseOthers();
      throw new PlanFileError(this.file, `it ends in the middle, after ${this.offset} bytes`, AGAIN);
    }
    this.refuseOthers();
    const { format_version: format, errored, complete, applyable, terraform_version: version } = this.seen;
    if (typeof format !== "string" || !PARTS_OF_PLANS.some((name) => this.names.has(name))) {
      throw new PlanFileError(this.file, "it is JSON, but no plan", SHOW);
    }
    this.refuseFor(formatTrouble(format));
    if (errored !== undefined && errored !== false) {
      throw new PlanFileError(
        this.file,
        "it is from a plan that failed, so it does not hold everything",
        "fix what `terraform plan` says and plan again",
      );
    }
    return {
      ...(typeof version === "string" && { terraformVersion: version }),
      complete: complete === undefined || complete === true,
      ...(typeof applyable === "boolean" && { applyable }),
      unknownParts: [...this.unknown.values()]
        .filter(({ count, isEmpty }) => !isEmpty && count > 0)
        .map(({ name, count }) => ({ name, count })),
      provisioners: this.configuration.found,
    };
  }

  /** Nothing of the text stands in the message: it may be a secret. */
  private refuse(): never {
    if (this.failure !== undefined) {
      throw this.failure;
    }
    this.refuseOthers();
    this.refuseFor(this.names.size === 0 ? wrapperTrouble(this.head) : undefined);
    if (this.level > MAX_LEVELS) {
      throw new PlanFileError(this.file, `it is nested more than ${MAX_LEVELS} deep`, SHOW);
    }
    throw new PlanFileError(this.file, `it is no JSON after byte ${this.offset}`, SHOW);
  }

  private refuseOthers(): void {
    this.refuseFor(otherDocument(this.names));
  }

  private refuseFor(trouble: Trouble | undefined): void {
    if (trouble !== undefined) {
      throw new PlanFileError(this.file, ...trouble);
    }
  }

  /** Notes names at the top, which the parser keeps for parts alone that are wanted, and what is not wanted but counts. */
  private watch(token: TokenType, value: unknown): void {
    this.isEmpty = false;
    if (this.level === 1 && this.expectsName && token === TokenType.STRING) {
      this.begin(String(value));
      return;
    }
    if (this.expectsValue && token !== TokenType.COLON) {
      this.expectsValue = false;
      this.beginValue(token, value);
    } else if (this.level > 1 && this.unknownPart !== undefined) {
      this.countIn(this.unknownPart, token);
    }
    if (this.part === "configuration" && (this.level > 1 || token !== TokenType.COMMA)) {
      this.configuration.take(token, value);
    }
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      this.level += 1;
      this.expectsName = this.level === 1 && token === TokenType.LEFT_BRACE;
      if (this.level > MAX_LEVELS) {
        throw new RangeError("too deep");
      }
    } else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) {
      this.level -= 1;
    } else if (this.level === 1 && token === TokenType.COMMA) {
      this.expectsName = true;
    }
  }

  private begin(name: string): void {
    this.expectsName = false;
    this.expectsValue = true;
    this.part = name;
    this.unknownPart = undefined;
    if (this.names.size < MAX_NAMES) {
      this.names.add(name);
    }
    if (!KNOWN_PARTS.has(name)) {
      const key = this.unknown.size < MAX_NAMES ? name : "others";
      this.unknownPart = this.unknown.get(key) ?? { name: key, count: 0, isEmpty: true };
      this.unknown.set(key, this.unknownPart);
    }
  }

  private beginValue(token: TokenType, value: unknown): void {
    const starts = STARTS.get(this.part);
    if (starts !== undefined && !starts.includes(token)) {
      this.failure = this.unexpected(this.part);
      throw this.failure;
    }
    const isContainer = token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET;
    if (this.unknownPart !== undefined && !isContainer && value !== null && value !== false && value !== "") {
      this.unknownPart.count += 1;
      this.unknownPart.isEmpty = false;
    }
  }

  /** Items of a list, properties of an object: one more than commas between them. */
  private countIn(part: UnknownPart, token: TokenType): void {
    const isEnd = token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET;
    if (part.isEmpty && !isEnd) {
      part.isEmpty = false;
      part.count += 1;
    } else if (this.level === 2 && token === TokenType.COMMA) {
      part.count += 1;
    }
  }

  private take({ value, key, parent, stack }: ParsedElementInfo): void {
    const section = stack[1]?.key ?? key;
    switch (section) {
      case "resource_changes":
        this.reader.onChange(this.resourceChange(value, section, key, parent));
        break;
      case "resource_drift":
        this.reader.onDrift(this.resourceChange(value, section, key, parent));
        break;
      case "output_changes":
        if (!isValueChange(value)) {
          throw this.unexpected(`output_changes.${nameInMessage(String(key))}`);
        }
        this.reader.onOutput(String(key), value);
        break;
      case "deferred_changes": {
        const change = property(value, "resource_change");
        this.reader.onDeferred(isResourceChange(change) ? change : undefined, textAt(value, "reason"));
        break;
      }
      case "action_invocations":
        this.reader.onInvocation(isInvocation(value) ? value : undefined);
        break;
      case "deferred_action_invocations": {
        const invocation = property(value, "action_invocation");
        this.reader.onInvocation(
          isInvocation(invocation) ? invocation : undefined,
          textAt(value, "reason") ?? "unknown",
        );
        break;
      }
      case "checks":
        this.reader.onCheck(isCheck(value) ? value : undefined);
        break;
      default:
        this.seen[String(section)] = value;
    }
  }

  private resourceChange(value: unknown, section: string, key: unknown, parent: unknown): ResourceChange {
    if (!Array.isArray(parent) || !isResourceChange(value)) {
      throw this.unexpected(`${section}[${String(key)}]`);
    }
    return value;
  }

  private unexpected(place: string): PlanFileError {
    return new PlanFileError(this.file, `${place} is not what a plan holds there`, AGAIN);
  }
}

function textAt(value: unknown, name: string): string | undefined {
  const text = property(value, name);
  return typeof text === "string" ? text : undefined;
}
