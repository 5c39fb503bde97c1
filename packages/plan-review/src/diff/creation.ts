import { fewDetails, leavesOf, shown } from "./details";
import type { Differences } from "./differences";
import { manifestDetails } from "./manifest-differences";
import type { ValueChange } from "../plan/plan";
import type { Detail, Shown } from "../report/report";
import { isMarked, isSecretProperty, markAt, marksAnything, wholeOf, within } from "../plan/sensitive";
import { below } from "../show-values";
import { isEmpty, isObject, jsonIn, property } from "../json-values";

/** Arguments that tell a reader what a new object is, who gets what where, and what it calls; the others are folded. */
const TELLING = new Set(
  `name display_name location region type kind sku sku_name size vm_size instance_type account_tier account_replication_type
  device_id deployment_id target_condition priority tier capacity engine engine_version
  role_definition_name role_definition_id role role_id principal_id principal_type principal_object_id member members
  member_object_id group_object_id app_role_id resource_object_id scope condition subject issuer audience audiences
  policy_arn principal lock_level
  direction access protocol source_address_prefix source_address_prefixes source_port_range destination_address_prefix
  destination_address_prefixes destination_port_range destination_port_ranges start_ip_address end_ip_address
  cidr_blocks ipv6_cidr_blocks cidr_ipv4 cidr_ipv6 from_port to_port ip_protocol source_ranges public_network_access_enabled
  action method resource_id parent_id when api_version publisher script_uri policy_definition_id enforce`
    .split(/\s+/)
    .filter((name) => name !== ""),
);

/** Blocks that tell who gets in, and what gets which rights. */
const TELLING_BLOCKS = new Set(
  "security_rule ingress access_policy network_rules network_acls network_rule_set ip_restriction permissions rule allow".split(
    " ",
  ),
);

/** What a new object is, as far as it tells it from others; the paths of the rest. */
export function creationOf(
  type: string,
  { after, after_unknown, after_sensitive }: ValueChange,
  clean: (text: string) => string,
): Differences {
  const details: Detail[] = [];
  const folded: string[] = [];
  const names = new Set([after, after_unknown].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
  for (const name of [...names].sort()) {
    const value = property(after, name);
    const mark = markAt(after_sensitive, name);
    const isHidden = isMarked(mark, value) || isSecretProperty(after, name, value, wholeOf(type));
    const isPending = markAt(after_unknown, name) === true;
    const detail = isHidden ? undefined : detailOf(type, name, value, mark, isPending, clean);
    if (detail !== undefined) {
      details.push(detail);
    } else if (!isEmpty(value) || isPending) {
      folded.push(below("", clean(name)));
    }
  }
  return { details, folded };
}

/** Arguments of which it matters that they are not known yet. */
const TELLING_WHEN_UNKNOWN =
  /^(principal_id|principal_object_id|member_object_id|role_definition_id|scope|subject|issuer|resource_id|parent_id|source_address_prefix)$/;

function detailOf(
  type: string,
  name: string,
  value: unknown,
  mark: unknown,
  isPending: boolean,
  clean: (text: string) => string,
): Detail | undefined {
  const path = below("", clean(name));
  if (isPending) {
    const isTold = TELLING_WHEN_UNKNOWN.test(name) && /role|credential|action|security_rule|_iam_/.test(type);
    return isTold ? { kind: "unknown", path, forcesReplacement: false } : undefined;
  }
  const manifest = manifestDetails(undefined, jsonIn(value) ?? {}, clean);
  if (manifest !== undefined) {
    return { kind: "document", path, isNew: true, ...fewDetails(manifest), forcesReplacement: false };
  }
  if (isEmpty(value)) {
    return undefined;
  }
  if (TELLING_BLOCKS.has(name) && typeof value === "object") {
    return {
      kind: "added",
      path,
      ...fewDetails(leavesOf(value, mark, within(wholeOf(type), name), clean)),
      forcesReplacement: false,
    };
  }
  if (!TELLING.has(name)) {
    return undefined;
  }
  if (typeof value !== "object") {
    return { kind: "set", path, after: shown(value, clean), forcesReplacement: false };
  }
  const isPlainList =
    Array.isArray(value) &&
    value.length <= 20 &&
    value.every((item) => typeof item !== "object") &&
    !marksAnything(mark);
  return isPlainList
    ? { kind: "set", path, after: value.map((item): Shown => shown(item, clean)), forcesReplacement: false }
    : undefined;
}
