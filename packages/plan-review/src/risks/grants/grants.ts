import { property, same } from "../../json-values";
import type { RiskSubject } from "../changed-resource";
import { textsAt } from "../facts";
import { type Grant, GRANTS, roleOf } from "./grant-types";
import { documentRisks, holdsPolicy } from "./policy-documents";
import { type Found, NOTHING, PENDING } from "./principals";

/** Whether a rule about grants knows a type. */
export const isGrant = (type: string): boolean => GRANTS.some(({ types }) => types.test(type)) || holdsPolicy(type);

/** Who gets what where. */
export function grantRisks(subject: RiskSubject): Found {
  const { type, before, after, action } = subject;
  const grant = GRANTS.find(({ types }) => types.test(type));
  if (grant === undefined) {
    return documentRisks(subject);
  }
  const names = [...grant.who, ...grant.what, ...grant.where];
  const isSame = (name: string): boolean => same(property(before, name), property(after, name));
  const pending = [grant.who, grant.what, grant.where].flatMap((all) => pendingOf(all, subject));
  if (action !== "create" && names.every(isSame) && pending.length === 0) {
    return NOTHING;
  }
  const said = (all: readonly string[]): string => {
    const name = all.find((one) => textsAt(after, [one]).some((text) => text !== ""));
    if (name === undefined) {
      const [missing] = pendingOf(all, subject);
      return missing === undefined ? "" : subject.isSensitive(missing) ? "(sensitive)" : PENDING;
    }
    return textsAt(after, [name]).slice(0, 5).map(roleOf).join(", ");
  };
  const [who, what, where] = [said(grant.who), said(grant.what), said(grant.where)];
  const text = subject.shown(sentence(grant, who, what, where));
  return { risks: [{ kind: "access", level: grant.level(what, where, who), text }], unjudged: pending };
}

/** The arguments that would say something and are known after apply, where none of them is known. */
function pendingOf(names: readonly string[], { after, unknown, isSensitive }: RiskSubject): string[] {
  const isKnown = names.some((name) => textsAt(after, [name]).some((text) => text !== ""));
  return isKnown ? [] : names.filter((name) => property(unknown, name) === true || isSensitive(name)).slice(0, 1);
}

function sentence({ verb }: Grant, who: string, what: string, where: string): string {
  const on = where === "" ? "" : ` on ${where}`;
  switch (verb) {
    case "lets sign in":
      return `Lets ${who || "somebody"}${what === "" ? "" : ` of ${what}`} sign in as ${where || "an identity"}.`;
    case "makes a credential":
      return `Makes a credential${who === "" ? "" : ` (${who})`}${on}.`;
    case "adds to":
      return `Adds ${who || "somebody"} to ${where || "a group"}.`;
    default:
      return `Gives ${what || "access"}${on}${who === "" ? "" : ` to ${who}`}.`;
  }
}
