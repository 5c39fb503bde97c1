import { leavesOf } from "./details";
import type { ActionInvocation, Provisioners } from "../plan/plan";
import { deferredInWords } from "../report/replacement-reasons";
import type { Change, Detail, Risk } from "../report/report";
import { fittingMark, wholeOf } from "../plan/sensitive";
import { SensitiveTexts } from "../plan/sensitive-texts";
import { shortened } from "../show-values";
import { visible } from "@edge-anomaly-detection/common";
import { property } from "../json-values";

/** Longest address that is shown, and arguments of one action. */
const MAX_ADDRESS = 400;
const MAX_DETAILS = 40;

const asShown = (text: string): string => visible(shortened(text, MAX_ADDRESS));

/** An action that the plan invokes, with what is called on what. */
export function changeOfInvocation(source: string, invocation: ActionInvocation, deferredFor?: string): Change {
  const { type, config_values: values, config_sensitive, config_unknown } = invocation;
  const mark = fittingMark(values, config_sensitive, config_unknown);
  const texts = new SensitiveTexts(wholeOf(type));
  texts.collect(values, mark);
  const { clean } = texts;
  const trigger = triggerInWords(invocation, clean);
  const details = leavesOf(values, mark, wholeOf(type), clean);
  const risk: Risk = {
    kind: "invocation",
    level: "caution",
    text: `Terraform runs the action ${asShown(clean(type))}, which a plan does not say more about.`,
  };
  return {
    source,
    address: asShown(clean(invocation.address)),
    type: visible(shortened(clean(type))),
    action: "invoke",
    level: "caution",
    risks: [risk],
    ...(deferredFor !== undefined && { deferred: asShown(deferredInWords(clean(deferredFor))) }),
    forcedBy: [],
    ...(trigger !== undefined && { reason: asShown(trigger) }),
    details: details.slice(0, MAX_DETAILS),
    folded: unknownNames(invocation.config_unknown, clean),
  };
}

function triggerInWords(invocation: ActionInvocation, clean: (text: string) => string): string | undefined {
  const { lifecycle_action_trigger: lifecycle, invoke_action_trigger: invoke } = invocation;
  const resource = property(lifecycle, "triggering_resource_address");
  const event = property(lifecycle, "action_trigger_event");
  if (typeof resource === "string") {
    return `${typeof event === "string" ? `${eventInWords(clean(event))} of ` : ""}${clean(resource)}`;
  }
  return invoke === undefined || invoke === null ? undefined : "asked for by -invoke";
}

/** `BeforeCreate` and `before_create` as words. */
const eventInWords = (event: string): string =>
  event
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();

function unknownNames(unknown: unknown, clean: (text: string) => string): string[] {
  return Object.entries(typeof unknown === "object" && unknown !== null ? unknown : {})
    .filter(([, mark]) => mark === true)
    .map(([name]) => visible(shortened(clean(name))));
}

/** What provisioners of a resource run when it is created, or destroyed. */
export function changesOfProvisioners(
  source: string,
  { address, provisioners }: Provisioners,
  isDestroyed: boolean,
): Change[] {
  const { clean } = new SensitiveTexts(wholeOf(undefined));
  return provisioners.map(({ type, command }): Change => {
    const where = type === "local-exec" ? "on the machine that applies the plan" : "on the new machine";
    const details: Detail[] =
      command === undefined
        ? []
        : [{ kind: "set", path: "command", after: asShown(clean(command)), forcesReplacement: false }];
    return {
      source,
      address: asShown(`${clean(address)} (${clean(type)})`),
      type: visible(shortened(clean(type))) || "provisioner",
      action: "invoke",
      level: "caution",
      risks: [
        {
          kind: "invocation",
          level: "caution",
          text: isDestroyed
            ? "A provisioner may run when it is destroyed; a plan does not say which do."
            : `A provisioner runs ${where}, with its rights and outside of Terraform's state.`,
        },
      ],
      forcedBy: [],
      details,
      folded: [],
    };
  });
}
