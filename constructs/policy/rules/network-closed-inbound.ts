import { isObject } from "@edge-anomaly-detection/common";
import { allOf, COMPLIANT, knownLater, type Rule, type Verdict, verdictOf } from "../rule";
import { isExpression, LATER, type WrittenElement } from "../written-element";

const ANYBODY = new Set(["*", "0.0.0.0/0", "::/0", "any", "internet"]);

export const networkClosedInbound: Rule = {
  id: "network-closed-inbound",
  level: "error",
  what: "No network lets everybody in.",
  why: "Edge devices call out and are never called; an open port is found within minutes.",
  checkov: ["CKV_AZURE_9", "CKV_AZURE_10"],
  psrule: ["Azure.NSG.AnyInboundSource"],
  kinds: ["azurerm_network_security_group", "azurerm_network_security_rule"],
  check: (subject) =>
    subject.kind === "azurerm_network_security_group" ? groupVerdict(subject) : openness(subject.arguments_, ""),
};

function groupVerdict(group: WrittenElement): Verdict {
  const rules = group.read("security_rule");
  if (rules === LATER) {
    return knownLater("security_rule");
  }
  const list: readonly unknown[] = Array.isArray(rules) ? rules : rules === undefined ? [] : [rules];
  return allOf(list.map((rule, index) => openness(rule, `security_rule[${index}].`)));
}

function openness(rule: unknown, prefix: string): Verdict {
  if (!isObject(rule)) {
    return COMPLIANT;
  }
  const of = (name: string): string => String(rule[name]).toLowerCase();
  const sources = ["source_address_prefix", "source_address_prefixes"]
    .flatMap((name) => rule[name])
    .map((source) => String(source).toLowerCase());
  const [direction, access] = [of("direction"), of("access")];
  if (!mayBe(direction, "inbound") || !mayBe(access, "allow")) {
    return COMPLIANT;
  }
  const open = sources.find((source) => ANYBODY.has(source));
  const path = `${prefix}source_address_prefix`;
  if (open === undefined) {
    return sources.some(isExpression) ? knownLater(path) : COMPLIANT;
  }
  return [direction, access].some(isExpression)
    ? knownLater(`${prefix}direction or access`)
    : verdictOf([
        {
          path,
          value: open,
          allowed: "addresses that are known",
          remedy: "name who may come in, or remove the rule",
        },
      ]);
}

const mayBe = (value: string, word: string): boolean => value === word || isExpression(value);
