import { changeOf } from "../diff/change-of";
import { outputChangeOf } from "../diff/output-change";
import type { Resolver } from "./expressions/resolver";
import { plain } from "./expressions/unresolved";
import type { Change } from "../report/report";
import { isSecretPath } from "@edge-anomaly-detection/azure-facts";
import { section } from "./instances";
import type { Block, SynthStack } from "./stack";
import { isObject, same } from "../json-values";

/** A stack on both sides, and what works out its expressions. */
export interface Side {
  readonly stack: SynthStack;
  readonly resolver: Resolver;
}

/** What is compared as a whole: its address, its type and its content on both sides. */
interface Part {
  readonly address: string;
  readonly type: string;
  readonly before: unknown;
  readonly after: unknown;
  /** What is sensitive although its name does not say so, in the shape of the content. */
  readonly mark?: unknown;
}

const ANOTHER_STATE =
  "Terraform looks for its state elsewhere: without a migration it finds none, makes everything again, and no longer knows what exists.";

/** Changes of what stands beside the resources of a stack: where its state is, versions, providers, variables. */
export function settingChanges(source: string, before: Side, after: Side): Change[] {
  const parts = [
    ...moduleParts(before, after),
    ...ephemeralParts(before, after),
    ...providerParts(before, after),
    ...variableParts(before, after),
    { address: "terraform", type: "terraform", before: versions(before), after: versions(after) },
  ];
  return [backendChange(source, before, after), ...parts.map((part) => changeOfPart(source, part))].filter(
    (change) => change !== undefined,
  );
}

/** Changes of outputs; one side may be missing. */
export function outputChanges(source: string, before: Side | undefined, after: Side | undefined): Change[] {
  const [old, next] = [outputsOf(before), outputsOf(after)];
  return namesOf(old, next).flatMap((name) => {
    const [was, is] = [old[name], next[name]];
    const change = same(was, is)
      ? undefined
      : outputChangeOf(source, name, {
          actions: actionsOf(was, is),
          before: was?.value,
          after: is?.value,
          before_sensitive: was?.sensitive === true,
          after_sensitive: is?.sensitive === true,
        });
    return change ?? [];
  });
}

function outputsOf(side: Side | undefined): Readonly<Record<string, Block>> {
  return blocksOf(side, "output");
}

function backendChange(source: string, before: Side, after: Side): Change | undefined {
  const change = changeOfPart(source, {
    address: "terraform.backend",
    type: "backend",
    before: backendOf(before),
    after: backendOf(after),
  });
  return change === undefined
    ? undefined
    : {
        ...change,
        action: "update",
        level: "danger",
        consequence: ANOTHER_STATE,
        risks: [{ kind: "destruction", level: "danger", text: ANOTHER_STATE }],
      };
}

function terraformOf({ stack }: Side): Block {
  const block: unknown = Array.isArray(stack.json.terraform) ? stack.json.terraform[0] : stack.json.terraform;
  return isObject(block) ? block : {};
}

/** Where the state is: a backend's settings by its kind. Without one it is a file beside the configuration. */
function backendOf(side: Side): Block {
  const { backend, cloud } = terraformOf(side);
  return cloud === undefined ? (isObject(backend) ? backend : { local: {} }) : { cloud };
}

function versions(side: Side): Block {
  return Object.fromEntries(
    Object.entries(terraformOf(side)).filter(([name]) => name !== "backend" && name !== "cloud"),
  );
}

function providerParts(before: Side, after: Side): Part[] {
  const [old, next] = [providersOf(before), providersOf(after)];
  return namesOf(old, next).map((address) => ({
    address,
    type: "provider",
    before: old[address],
    after: next[address],
  }));
}

/** Configurations of providers by address, `provider.azurerm` or `provider.azurerm.west` for an alias. */
function providersOf({ stack, resolver }: Side): Readonly<Record<string, unknown>> {
  const providers = isObject(stack.json.provider) ? stack.json.provider : {};
  return Object.fromEntries(
    Object.entries(providers).flatMap(([name, blocks]) =>
      (Array.isArray(blocks) ? (blocks as readonly unknown[]) : [blocks]).map((block) => {
        const alias = isObject(block) && typeof block.alias === "string" ? `.${block.alias}` : "";
        return [`provider.${name}${alias}`, plain(resolver.resolve(block))];
      }),
    ),
  );
}

function variableParts(before: Side, after: Side): Part[] {
  const [old, next] = [blocksOf(before, "variable"), blocksOf(after, "variable")];
  return namesOf(old, next).map((name) => {
    const isHidden = [old[name], next[name]].some((block) => block?.sensitive === true) || isSecretPath(name);
    return {
      address: `var.${name}`,
      type: "variable",
      before: old[name],
      after: next[name],
      mark: { default: isHidden },
    };
  });
}

function ephemeralParts(before: Side, after: Side): Part[] {
  const [old, next] = [before, after].map(({ stack }) => flat(section(stack, "ephemeral")));
  return namesOf(old ?? {}, next ?? {}).map((address) => ({
    address: `ephemeral.${address}`,
    type: `ephemeral.${address.split(".")[0] ?? ""}`,
    before: old?.[address],
    after: next?.[address],
  }));
}

function moduleParts(before: Side, after: Side): Part[] {
  const [old, next] = [blocksOf(before, "module"), blocksOf(after, "module")];
  return namesOf(old, next).map((name) => ({
    address: `module.${name}`,
    type: "module",
    before: old[name],
    after: next[name],
  }));
}

/** Blocks by `TYPE.NAME`. */
export function flat(
  types: Readonly<Record<string, Readonly<Record<string, Block>>>>,
): Readonly<Record<string, Block>> {
  return Object.fromEntries(
    Object.entries(types).flatMap(([type, blocks]) =>
      Object.entries(blocks).map(([name, block]) => [`${type}.${name}`, block]),
    ),
  );
}

function blocksOf(side: Side | undefined, name: string): Readonly<Record<string, Block>> {
  const blocks = side?.stack.json[name];
  return Object.fromEntries(
    Object.entries(isObject(blocks) ? blocks : {}).flatMap(([id, block]) => {
      const only: unknown = Array.isArray(block) ? block[0] : block;
      return isObject(only) ? [[id, only]] : [];
    }),
  );
}

/** Names on either side, in order. */
export function namesOf(before: object, after: object): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
}

function actionsOf(before: unknown, after: unknown): readonly string[] {
  return [before === undefined ? "create" : after === undefined ? "delete" : "update"];
}

function changeOfPart(source: string, { address, type, before, after, mark }: Part): Change | undefined {
  const change = same(before, after)
    ? undefined
    : changeOf(source, {
        address,
        type,
        change: {
          actions: actionsOf(before, after),
          before: before ?? null,
          after: after ?? null,
          before_sensitive: mark,
          after_sensitive: mark,
        },
      });
  // Taking away a provider or a variable deletes nothing; what a module holds is not known here.
  return change === undefined || type === "module" ? change : { ...change, level: "change", risks: [] };
}
