import { isObject } from "../../../edge-manifests/json";
import { allOf, COMPLIANT, knownLater, NOT_APPLICABLE, type Rule, type Verdict, verdictOf } from "../rule";
import { isExpression, LATER, type Subject } from "../subject";

const ANYBODY = new Set(["*", "0.0.0.0/0", "::/0", "any", "internet"]);

export const networkClosedInbound: Rule = {
  id: "network-closed-inbound",
  level: "error",
  what: "No network lets everybody in.",
  why: "Edge devices call out and are never called; an open port is found within minutes.",
  checkov: ["CKV_AZURE_9", "CKV_AZURE_10"],
  psrule: ["Azure.NSG.AnyInboundSource"],
  check: (subject) => {
    switch (subject.kind) {
      case "azurerm_network_security_rule":
        return openness(subject, subject.arguments_, "");
      case "azurerm_network_security_group":
        return groupVerdict(subject);
      default:
        return NOT_APPLICABLE;
    }
  },
};

function groupVerdict(group: Subject): Verdict {
  const rules = group.read("security_rule");
  if (rules === LATER) {
    return knownLater("security_rule");
  }
  const list: readonly unknown[] = Array.isArray(rules) ? rules : rules === undefined ? [] : [rules];
  return allOf(list.map((rule, index) => openness(group, rule, `security_rule[${index}].`)));
}

function openness(subject: Subject, rule: unknown, prefix: string): Verdict {
  if (!isObject(rule)) {
    return COMPLIANT;
  }
  const of = (name: string): string => String(subject.resolve(rule[name])).toLowerCase();
  const sources = ["source_address_prefix", "source_address_prefixes"]
    .flatMap((name) => subject.resolve(rule[name]))
    .map((source) => String(subject.resolve(source)).toLowerCase());
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
