import type { Risk, Unjudged } from "../report/report";
import { isObject } from "../json-values";
import { factsOf, remembered } from "./facts";
import { grantRisks, isGrant } from "./grants/grants";
import type { Found } from "./grants/principals";
import { guardRisks, isGuard } from "./guards";
import { invocationRisks, isInvocation } from "./invocations";
import { lowered, mayBeLowered } from "./lowered";
import { networkRisks } from "./network";
import type { RiskSubject } from "./changed-resource";
import { isSwitch, switchesAt, weakens } from "./switches/switches";

/** Risks and paths of one object that are told; more are left out. */
const MAX_RISKS = 20;
const MAX_PATHS = 10;

/** What the rules say of a change. */
export interface Assessment {
  readonly risks: readonly Risk[];
  readonly unjudged?: Unjudged;
}

/** Providers of which the rules know every type, by general arguments at least; parts of a configuration, too. */
const KNOWN_PROVIDERS =
  /^(azurerm_|azuread_|azapi_|iothub_|time_|random_|null_|tls_|terraform|backend$|provider$|variable$|local$|ephemeral\.|output$)/;

/** Types of others that rules are written for. */
const KNOWN_TYPES =
  /^(aws_(default_)?security_group|aws_security_group_rule|aws_vpc_security_group_(in|e)gress_rule|aws_network_acl_rule|aws_s3_bucket(_acl|_public_access_block|_versioning)?|aws_db_instance|aws_rds_cluster|aws_cloudwatch_log_group|aws_dynamodb_table|google_compute_firewall|google_storage_bucket|kubernetes_(cluster_)?role_binding(_v1)?|google_sql_database_instance)$/;

const isKnown = remembered(
  (type) =>
    KNOWN_PROVIDERS.test(type) || KNOWN_TYPES.test(type) || isGrant(type) || isGuard(type) || isInvocation(type),
);

const RANK = { danger: 0, caution: 1 } as const;

/** Why a change of an object is dangerous or needs caution, beside what it deletes; and what could not be judged. */
export function assess(given: Omit<RiskSubject, "old" | "next">): Assessment {
  const { type, action, before, after } = given;
  const [old, next] = [factsOf(action === "create" ? undefined : before), factsOf(after)];
  const subject: RiskSubject = { ...given, old, next };
  const grants: Found = action === "delete" ? { risks: [], unjudged: [] } : grantRisks(subject);
  const found = [
    ...grants.risks,
    ...(action === "delete" ? [] : networkRisks(subject)),
    ...(action === "delete" ? [] : argumentRisks(subject)),
    ...guardRisks(subject),
    ...invocationRisks(subject),
  ];
  const risks = found.sort((a, b) => RANK[a.level] - RANK[b.level]).slice(0, MAX_RISKS);
  const paths = [...new Set([...grants.unjudged, ...(action === "delete" ? [] : unknownArguments(subject))])];
  const isUnchecked = action !== "delete" && !isKnown(type);
  return {
    risks,
    ...((isUnchecked || paths.length > 0) && { unjudged: { type: isUnchecked, paths: paths.slice(0, MAX_PATHS) } }),
  };
}

const isJudged = remembered((path) => isSwitch(path) || mayBeLowered(path));

/** Arguments that open something, or lower a protection. */
function argumentRisks({ type, action, shown, unknown, old, next }: RiskSubject): Risk[] {
  const isNew = action === "create";
  const paths = [...new Set([...next.keys(), ...old.keys()])].filter(isJudged);
  const pending = paths.length === 0 ? new Set<string>() : pendingPaths(unknown);
  return paths.flatMap((path): Risk[] => {
    if (pending.has(path)) {
      return [];
    }
    const said = switchesAt(type, path).flatMap((one): Risk[] => {
      const level = isNew ? one.created : (one.updated ?? "danger");
      const isRisk = level !== undefined && weakens(one, path, old, next);
      return isRisk ? [{ kind: one.kind, level, text: shown(`${one.text} (${path}).`) }] : [];
    });
    const less = lowered(type, path, old, next, isNew);
    return less === undefined ? said : [...said, { kind: "protection", level: less.level, text: shown(less.text) }];
  });
}

/** Arguments that protect now and are known after apply. */
function unknownArguments({ type, unknown, old }: RiskSubject): string[] {
  return [...pendingPaths(unknown)].filter((path) => old.has(path) && switchesAt(type, path).length > 0);
}

function pendingPaths(unknown: unknown): ReadonlySet<string> {
  const marks = isObject(unknown) ? [...factsOf(unknown)] : [];
  return new Set(marks.filter(([, values]) => values.includes(true)).map(([path]) => path));
}
