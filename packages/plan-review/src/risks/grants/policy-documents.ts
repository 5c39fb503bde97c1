import type { Risk } from "../../report/report";
import { isObject, jsonIn, property, same } from "../../json-values";
import type { RiskSubject } from "../changed-resource";
import { blocksAt, textsAt } from "../facts";
import { EVERYBODY, type Found, isPrivileged, NOTHING, PENDING } from "./principals";

/** Arguments that hold a policy as JSON, of types that attach it. */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  aws_iam_policy: ["policy"],
  aws_iam_role_policy: ["policy"],
  aws_iam_user_policy: ["policy"],
  aws_iam_group_policy: ["policy"],
  aws_iam_role: ["assume_role_policy"],
  aws_s3_bucket_policy: ["policy"],
  aws_sqs_queue_policy: ["policy"],
  aws_sqs_queue: ["policy"],
  aws_sns_topic_policy: ["policy"],
  aws_kms_key: ["policy"],
  aws_ecr_repository_policy: ["policy"],
  aws_secretsmanager_secret_policy: ["policy"],
};

/** Whether a type says in a document of its own what somebody may do. */
export const holdsPolicy = (type: string): boolean =>
  Object.hasOwn(POLICIES, type) || type === "azurerm_role_definition";

/** Roles, policies and lists of policies that say in a document what somebody may. */
export function documentRisks(subject: RiskSubject): Found {
  const { type, before, after, unknown } = subject;
  if (type === "azurerm_role_definition") {
    return isSame(before, after, "permissions") ? NOTHING : { risks: roleDefinition(after), unjudged: [] };
  }
  if (/^azurerm_key_vault(_access_policy)?$/.test(type)) {
    return vaultRisks(subject);
  }
  if (/^kubernetes_(cluster_)?role_binding(_v1)?$/.test(type)) {
    return kubernetesRisks(subject);
  }
  const names = Object.hasOwn(POLICIES, type) ? (POLICIES[type] ?? []) : [];
  return {
    risks: names.flatMap((name) =>
      isSame(before, after, name) ? [] : policyRisks(jsonIn(property(after, name)), subject),
    ),
    unjudged: names.filter((name) => property(unknown, name) === true),
  };
}

const isSame = (before: unknown, after: unknown, name: string): boolean =>
  same(property(before, name), property(after, name));

function roleDefinition(after: unknown): Risk[] {
  const actions = blocksAt(after, "permissions").flatMap((block) => textsAt(block, ["actions", "data_actions"]));
  const wide = actions.filter((one) =>
    /^\*$|^\*\/(write|delete|action)$|^microsoft\.authorization\/(\*|.*\/(write|\*))/i.test(one),
  );
  return wide.length > 0
    ? [{ kind: "access", level: "danger", text: `The role allows ${wide.slice(0, 5).join(", ")}.` }]
    : actions.length > 0
      ? [
          {
            kind: "access",
            level: "caution",
            text: `The role allows ${actions.slice(0, 5).join(", ")}${actions.length > 5 ? ` and ${actions.length - 5} more` : ""}.`,
          },
        ]
      : [];
}

const PERMISSIONS = ["secret_permissions", "key_permissions", "certificate_permissions", "storage_permissions"];

/** Access policies of a key vault, in it or beside it. */
function vaultRisks(subject: RiskSubject): Found {
  const { type, before, after, unknown } = subject;
  const policies = (value: unknown): readonly unknown[] =>
    type === "azurerm_key_vault" ? blocksAt(value, "access_policy") : isObject(value) ? [value] : [];
  const told = (policy: unknown): string =>
    [
      ...textsAt(policy, ["object_id", "application_id"]),
      ...PERMISSIONS.flatMap((name) => textsAt(policy, [name]).sort()),
    ].join(" ");
  const old = new Set(policies(before).map(told));
  const risks = policies(after)
    .filter((policy) => !old.has(told(policy)) && PERMISSIONS.some((name) => textsAt(policy, [name]).length > 0))
    .map((policy): Risk => {
      const given = PERMISSIONS.flatMap((name) => {
        const all = textsAt(policy, [name]);
        return all.length > 0 ? [`${name.replace("_permissions", "s")}: ${all.join(", ")}`] : [];
      });
      const isWide = PERMISSIONS.some((name) =>
        textsAt(policy, [name]).some((one) => /^(all|purge|delete|set|import|release)$/i.test(one)),
      );
      const who = textsAt(policy, ["object_id"])[0] ?? PENDING;
      return {
        kind: "access",
        level: isWide ? "danger" : "caution",
        text: subject.shown(`Gives ${given.join("; ")} to ${who}.`),
      };
    });
  const isPending = type !== "azurerm_key_vault" && property(unknown, "object_id") === true;
  return { risks, unjudged: isPending ? ["object_id"] : [] };
}

function kubernetesRisks({ before, after, shown }: RiskSubject): Found {
  if (isSame(before, after, "role_ref") && isSame(before, after, "subject")) {
    return NOTHING;
  }
  const role = blocksAt(after, "role_ref").flatMap((block) => textsAt(block, ["name"]))[0] ?? PENDING;
  const who = blocksAt(after, "subject")
    .flatMap((block) => textsAt(block, ["name"]))
    .join(", ");
  const level = isPrivileged(role) || EVERYBODY.test(who) ? "danger" : "caution";
  return { risks: [{ kind: "access", level, text: shown(`Gives ${role} to ${who || PENDING}.`) }], unjudged: [] };
}

/** Statements of a policy of AWS that allow everything, or everybody. */
function policyRisks(document: unknown, { shown }: RiskSubject): Risk[] {
  const statements = property(document, "Statement");
  const all: readonly unknown[] = Array.isArray(statements) ? (statements as readonly unknown[]) : [statements];
  return all.flatMap((statement): Risk[] => {
    if (property(statement, "Effect") !== "Allow") {
      return [];
    }
    const actions = textsAt(statement, ["Action"]);
    const principal = property(statement, "Principal");
    const who = principal === "*" ? ["*"] : textsAt(principal, ["AWS", "Federated", "CanonicalUser"]);
    const isOpen = who.includes("*") && property(statement, "Condition") === undefined;
    const isWide =
      actions.some((one) => one === "*" || /^iam:\*$/i.test(one)) &&
      principal === undefined &&
      textsAt(statement, ["Resource"]).includes("*");
    if (isOpen || isWide) {
      const what = actions.slice(0, 5).join(", ");
      return [
        {
          kind: "access",
          level: "danger",
          text: shown(isOpen ? `Lets everybody do ${what}.` : `Allows ${what} on everything.`),
        },
      ];
    }
    return who.some((one) => one !== "*")
      ? [
          {
            kind: "access",
            level: "caution",
            text: shown(`Lets ${who.slice(0, 5).join(", ")} do ${actions.slice(0, 5).join(", ")}.`),
          },
        ]
      : [];
  });
}
