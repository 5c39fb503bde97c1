import { createReadStream } from "node:fs";
import { type ParsedElementInfo, TokenParser, Tokenizer, TokenType } from "@streamparser/json";
import { isObject } from "../edge-manifests/json";
import type { PlanFacts, ResourceChange, ValueChange } from "./plan";
import { property } from "./values";

/** Takes the parts of a plan as they are read. */
export interface PlanReader {
  readonly onChange: (change: ResourceChange) => void;
  readonly onOutput: (name: string, change: ValueChange) => void;
  readonly onDrift: (change: ResourceChange) => void;
  /** Told of every 64 KB or so. */
  readonly onProgress?: (bytes: number) => void;
}

/** A file that is no whole plan. The message is one line: which file, what is wrong, what to do. */
export class PlanFileError extends Error {
  public constructor(file: string, problem: string, remedy: string) {
    super(`${file === "-" ? "standard input" : file}: ${problem}; ${remedy}`);
    this.name = "PlanFileError";
  }
}

/** What is wrong and what to do. */
type Trouble = readonly [problem: string, remedy: string];

const SHOW = "write it with `terraform show -json PLAN > plan.json`";
const AGAIN = "write it again with `terraform show -json PLAN`";

const UNREADABLE: Readonly<Record<string, Trouble>> = {
  ENOENT: ["there is no such file", "check the path"],
  EISDIR: ["it is a folder", "name the file in it"],
  EACCES: ["it may not be read", "check its permissions"],
};

/** How files begin that are no JSON text in UTF-8. */
const MAGIC: readonly (readonly [bytes: string, Trouble])[] = [
  ["504b0304", ["it is a plan as Terraform saves it, not as JSON", SHOW]],
  ["1f8b", ["it is compressed", "unpack it first"]],
  ["fffe", ["it is UTF-16 text, as PowerShell's > writes it", "write it with `| Out-File -Encoding utf8`"]],
  ["feff", ["it is UTF-16 text", "write it as UTF-8"]],
];

/** Names at the top of other documents that Terraform writes. */
const OTHER_DOCUMENTS: readonly (readonly [names: readonly string[], Trouble])[] = [
  [
    ["@level"],
    [
      "it is the log of `terraform plan -json`",
      "save the plan with -out and show that with `terraform show -json PLAN`",
    ],
  ],
  [["lineage"], ["it is a state file, not a plan", SHOW]],
  [["values"], ["it is a state, not a plan", "name the plan file: `terraform show -json PLAN`"]],
  [["provider_schemas"], ["it holds providers' schemas, not a plan", SHOW]],
];

/** Every plan has one of them, one without resources too. */
const PARTS_OF_PLANS = ["resource_changes", "planned_values", "configuration", "output_changes", "applyable"];

const PATHS = [
  "$.format_version",
  "$.terraform_version",
  "$.errored",
  "$.complete",
  "$.resource_changes.*",
  "$.resource_drift.*",
  "$.output_changes.*",
  "$.deferred_changes.*",
];

/** How the values of those begin that hold changes; Terraform leaves out empty ones. */
const STARTS: Readonly<Partial<Record<string, TokenType>>> = Object.assign(Object.create(null) as object, {
  resource_changes: TokenType.LEFT_BRACKET,
  resource_drift: TokenType.LEFT_BRACKET,
  output_changes: TokenType.LEFT_BRACE,
});

/** Deepest nesting that is read; what Terraform writes has fewer than 100 levels. */
const MAX_LEVELS = 500;

/**
 * Reads a plan as `terraform show -json` writes it, in memory that does not grow with it: what is not needed is skipped, and
 * each change is given away when it is complete. A plan is only whole when this returns.
 *
 * @param file path, or `-` for standard input
 * @throws PlanFileError where it is not a whole plan of format 1.x
 */
export async function readPlan(file: string, reader: PlanReader): Promise<PlanFacts> {
  const document = new PlanDocument(file, reader);
  const stream: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file);
  let head = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (head.length < 4) {
        head = Buffer.concat([head, chunk]);
        if (head.length >= 4) {
          refuseMagic(file, head);
          document.write(head);
        }
      } else {
        document.write(chunk);
      }
      reader.onProgress?.(bytes);
    }
  } catch (error) {
    throw readable(file, error);
  }
  if (head.length < 4) {
    refuseMagic(file, head);
    document.write(head);
  }
  return document.end();
}

function refuseMagic(file: string, head: Buffer): void {
  const trouble = MAGIC.find(([bytes]) => head.toString("hex").startsWith(bytes))?.[1];
  if (trouble !== undefined) {
    throw new PlanFileError(file, ...trouble);
  }
}

function readable(file: string, error: unknown): unknown {
  const code = property(error, "code");
  if (typeof code !== "string") {
    return error;
  }
  const trouble = UNREADABLE[code];
  if (trouble !== undefined) {
    return new PlanFileError(file, ...trouble);
  }
  return new PlanFileError(file, `it cannot be read (${code})`, "check the file and its disk");
}

/** A document while it is read. */
class PlanDocument {
  private readonly tokenizer = new Tokenizer({ stringBufferSize: 64 * 1024 });
  private readonly parser = new TokenParser({ paths: PATHS, keepStack: false });
  /** Names at the top, in order. */
  private readonly names = new Set<string>();
  private readonly seen: Partial<Record<"format_version" | "terraform_version" | "errored" | "complete", unknown>> = {};
  private level = 0;
  private expectsName = false;
  /** How the value of the name at the top that was read last has to begin. */
  private expectedStart: readonly [name: string, start: TokenType] | undefined;
  private offset = 0;
  private deferred = 0;
  private isEmpty = true;
  /** What went wrong in whoever takes the parts; not a mistake of the file. */
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
        this.failure = error instanceof Error ? error : new Error(String(error));
        throw this.failure;
      }
    };
  }

  public write(chunk: Buffer): void {
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
    const { format_version: format, errored, complete, terraform_version: version } = this.seen;
    if (typeof format !== "string" || !PARTS_OF_PLANS.some((name) => this.names.has(name))) {
      throw new PlanFileError(this.file, "it is JSON, but no plan", SHOW);
    }
    if (!/^1(\.|$)/.test(format)) {
      const problem = `its format is ${JSON.stringify(format.slice(0, 20))}; this reads format 1.x`;
      throw new PlanFileError(this.file, problem, "use a release of Terraform that writes it (0.12 or newer)");
    }
    if (errored !== undefined && errored !== false) {
      throw new PlanFileError(
        this.file,
        "it is from a plan that failed, so it does not hold everything",
        "mend what `terraform plan` says and plan again",
      );
    }
    return {
      ...(typeof version === "string" && { terraformVersion: version }),
      complete: complete !== false,
      deferred: this.deferred,
    };
  }

  /** Nothing of the text stands in the message: it may be a secret. */
  private refuse(): never {
    if (this.failure !== undefined) {
      throw this.failure;
    }
    this.refuseOthers();
    if (this.level > MAX_LEVELS) {
      throw new PlanFileError(this.file, `it is nested more than ${MAX_LEVELS} deep`, SHOW);
    }
    throw new PlanFileError(this.file, `it is no JSON after byte ${this.offset}`, SHOW);
  }

  private refuseOthers(): void {
    const trouble = OTHER_DOCUMENTS.find(([names]) => names.some((name) => this.names.has(name)))?.[1];
    if (trouble !== undefined) {
      throw new PlanFileError(this.file, ...trouble);
    }
  }

  /** Notes names at the top, which the parser keeps for parts alone that are wanted. */
  private watch(token: TokenType, value: unknown): void {
    this.isEmpty = false;
    if (this.expectedStart !== undefined && token !== TokenType.COLON) {
      const [name, start] = this.expectedStart;
      this.expectedStart = undefined;
      if (token !== start) {
        this.failure = this.unexpected(name);
        throw this.failure;
      }
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
    } else if (this.expectsName && token === TokenType.STRING && this.names.size < 100) {
      const name = String(value);
      const start = STARTS[name];
      this.names.add(name);
      this.expectedStart = start === undefined ? undefined : [name, start];
      this.expectsName = false;
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
          throw this.unexpected(`output_changes.${String(key)}`);
        }
        this.reader.onOutput(String(key), value);
        break;
      case "deferred_changes":
        this.deferred += 1;
        break;
      case "format_version":
      case "terraform_version":
      case "errored":
      case "complete":
        this.seen[section] = value;
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

function isValueChange(value: unknown): value is ValueChange {
  return isObject(value) && Array.isArray(value.actions) && value.actions.every((action) => typeof action === "string");
}

function isResourceChange(value: unknown): value is ResourceChange {
  return (
    isObject(value) &&
    typeof value.address === "string" &&
    typeof value.type === "string" &&
    isValueChange(value.change) &&
    ["deposed", "previous_address", "action_reason"].every((name) =>
      ["string", "undefined"].includes(typeof value[name]),
    )
  );
}
