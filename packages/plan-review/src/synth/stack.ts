import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isObject } from "../json-values";

/** What stands between braces in Terraform's JSON. */
export type Block = Readonly<Record<string, unknown>>;

/** A stack as cdktf synthesizes it. */
export interface SynthStack {
  readonly name: string;
  /** Folder that it was read from. */
  readonly path: string;
  /** Content of its `cdk.tf.json`, without comments. */
  readonly json: Block;
}

/** A folder without readable stacks. The message is one line: which folder or file, what is wrong, what to do. */
export class SynthFolderError extends Error {
  public constructor(path: string, problem: string, remedy: string) {
    super(`${path}: ${problem}; ${remedy}`);
    this.name = "SynthFolderError";
  }
}

const FILE = "cdk.tf.json";
const SYNTH = "name what `npm run synth` writes: cdktf.out, its folder stacks, or the folder of one stack";

/**
 * Reads the stacks in a folder: `cdktf.out`, its `stacks`, any folder of stacks, or the folder of one stack.
 *
 * @throws SynthFolderError where there is none, or one cannot be read
 */
export function readStacks(folder: string): SynthStack[] {
  if (!existsSync(folder)) {
    throw new SynthFolderError(folder, "there is no such folder", SYNTH);
  }
  if (!statSync(folder).isDirectory()) {
    throw new SynthFolderError(folder, "it is a file", SYNTH);
  }
  if (existsSync(join(folder, FILE))) {
    return [readStack(folder)];
  }
  const parent = existsSync(join(folder, "stacks")) ? join(folder, "stacks") : folder;
  const folders = readdirSync(parent)
    .map((name) => join(parent, name))
    .sort();
  const stacks = folders.filter((path) => existsSync(join(path, FILE))).map(readStack);
  if (stacks.length === 0) {
    const isHcl = [folder, ...folders].some((path) => existsSync(join(path, "cdk.tf")));
    throw isHcl
      ? new SynthFolderError(folder, "its stacks are HCL", "synthesize without --hcl")
      : new SynthFolderError(folder, `no ${FILE} is in it or in a folder below`, SYNTH);
  }
  return stacks;
}

function readStack(path: string): SynthStack {
  const file = join(path, FILE);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SynthFolderError(
      file,
      code === undefined ? "it is not JSON, or not whole" : `it cannot be read (${code})`,
      "synthesize it again",
    );
  }
  if (!isObject(json) || ["terraform", "resource", "provider"].every((name) => json[name] === undefined)) {
    throw new SynthFolderError(file, "it is no Terraform configuration", "synthesize it again");
  }
  const odd = ["resource", "data", "ephemeral"].find((section) => !isSection(json[section]));
  if (odd !== undefined) {
    throw new SynthFolderError(file, `its ${odd} blocks are not in the form that cdktf writes`, "synthesize it again");
  }
  return { name: nameOf(json) ?? basename(path), path, json: withoutComments(json) as Block };
}

/** Blocks by type and name. */
function isSection(section: unknown): boolean {
  return (
    section === undefined ||
    (isObject(section) &&
      Object.values(section).every((blocks) => isObject(blocks) && Object.values(blocks).every(isObject)))
  );
}

function nameOf(json: Block): string | undefined {
  const comment = json["//"];
  const metadata = isObject(comment) ? comment.metadata : undefined;
  const name = isObject(metadata) ? metadata.stackName : undefined;
  return typeof name === "string" ? name : undefined;
}

/** A configuration without what cdktf notes beside it. */
function withoutComments(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutComments);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => name !== "//")
          .map(([name, inner]) => [name, withoutComments(inner)]),
      )
    : value;
}
