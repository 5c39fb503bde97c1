import type { Risk } from "../report/report";
import { isObject, property } from "../json-values";
import { blocksAt, type Facts, remembered, textsAt } from "./facts";
import type { RiskSubject } from "./changed-resource";

/** Whoever may send to some ports. */
interface OpenRule {
  readonly ports: string;
  readonly from: string;
}

/** Whether an address or a range of addresses is the internet, or a large part of it. */
export function isWorld(source: string): boolean {
  const text = source.trim().toLowerCase();
  const [, prefix] = /^[0-9a-f.:]+\/(\d{1,3})$/.exec(text) ?? [];
  if (prefix !== undefined) {
    const isPrivate = /^(10\.|fc|fd|fe80|127\.)/.test(text);
    return !isPrivate && Number(prefix) <= (text.includes(":") ? 16 : 7);
  }
  return ["*", "internet", "any", "0.0.0.0-255.255.255.255", "all"].includes(text);
}

const worldsIn = (sources: readonly string[]): readonly string[] =>
  sources.flatMap((source) => source.split(",")).filter(isWorld);

/** Rules of a network security group or a firewall that let the internet in. */
function openRules(type: string, value: unknown): OpenRule[] {
  switch (type) {
    case "azurerm_network_security_rule":
      return azureRule(value);
    case "azurerm_network_security_group":
      return blocksAt(value, "security_rule").flatMap(azureRule);
    case "aws_security_group":
    case "aws_default_security_group":
      return blocksAt(value, "ingress").flatMap(awsRule);
    case "aws_security_group_rule":
      return property(value, "type") === "ingress" ? awsRule(value) : [];
    case "aws_vpc_security_group_ingress_rule":
      return awsRule(value);
    case "aws_network_acl_rule":
      return property(value, "egress") !== true && property(value, "rule_action") === "allow" ? awsRule(value) : [];
    case "google_compute_firewall":
      return googleRule(value);
    case "azurerm_firewall_nat_rule_collection":
      return blocksAt(value, "rule").flatMap((rule) =>
        opened(textsAt(rule, ["source_addresses"]), textsAt(rule, ["destination_ports"]), textsAt(rule, ["protocols"])),
      );
    default:
      return [];
  }
}

function opened(sources: readonly string[], ports: readonly string[], protocols: readonly string[]): OpenRule[] {
  const from = worldsIn(sources);
  const all = ports.length === 0 || ports.some((port) => ["*", "0-65535", "-1", "0-0"].includes(port));
  const named = protocols.filter((protocol) => !["*", "-1", "all", "any"].includes(protocol.toLowerCase()));
  return from.length === 0
    ? []
    : [
        {
          ports: `${all ? "all ports" : `port ${[...ports].sort().slice(0, 10).join(", ")}`}${named.length > 0 ? ` (${named.join(", ")})` : ""}`,
          from: [...from].sort().join(", "),
        },
      ];
}

function azureRule(rule: unknown): OpenRule[] {
  const is = (name: string, value: string): boolean => String(property(rule, name)).toLowerCase() === value;
  return is("direction", "inbound") && is("access", "allow")
    ? opened(
        textsAt(rule, ["source_address_prefix", "source_address_prefixes"]),
        textsAt(rule, ["destination_port_range", "destination_port_ranges"]),
        textsAt(rule, ["protocol"]),
      )
    : [];
}

function awsRule(rule: unknown): OpenRule[] {
  const [[from], [to]] = [textsAt(rule, ["from_port"]), textsAt(rule, ["to_port"])];
  return opened(
    textsAt(rule, ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "cidr_block", "ipv6_cidr_block"]),
    from === undefined ? [] : [to === undefined || to === from ? from : `${from}-${to}`],
    textsAt(rule, ["protocol", "ip_protocol"]),
  );
}

function googleRule(value: unknown): OpenRule[] {
  if (property(value, "direction") === "EGRESS" || property(value, "disabled") === true) {
    return [];
  }
  const sources = textsAt(value, ["source_ranges"]);
  return blocksAt(value, "allow").flatMap((allow) =>
    opened(sources, textsAt(allow, ["ports"]), textsAt(allow, ["protocol"])),
  );
}

/** Paths whose values are addresses that may get in. */
const ALLOWED =
  /(ip_rules|ip_range|ip_mask|authorized_(ip|net)|public_access_cidrs|allowed_(ip|cidr)|ip_restriction|ip_filter_rule|ip_allow|network_rule)/;

/** What lets more of the internet in than before. */
export function networkRisks({ type, before, after, old: oldFacts, next, shown }: RiskSubject): Risk[] {
  const keyOf = ({ ports, from }: OpenRule): string => `${ports} from ${from}`;
  const old = new Set(openRules(type, before).map(keyOf));
  const rules = [...new Set(openRules(type, after).map(keyOf))].filter((rule) => !old.has(rule));
  return [
    ...rules.map((rule) => danger(`Opens ${shown(rule)}, that is, to everybody on the internet.`)),
    ...rangeRisks(type, before, after),
    ...listRisks(oldFacts, next, shown),
    ...addressRisks(type, before, after),
  ];
}

const danger = (text: string): Risk => ({ kind: "access", level: "danger", text });
const caution = (text: string): Risk => ({ kind: "access", level: "caution", text });

/** Firewall rules of databases and caches: a first and a last address. */
function rangeRisks(type: string, before: unknown, after: unknown): Risk[] {
  const [start, end] = rangeOf(after);
  const [oldStart, oldEnd] = rangeOf(before);
  if (
    start === undefined ||
    end === undefined ||
    !type.includes("firewall_rule") ||
    (start === oldStart && end === oldEnd)
  ) {
    return [];
  }
  if (start === "0.0.0.0" && end === "0.0.0.0") {
    return [danger("Lets in everything that runs in Azure, other tenants' too (0.0.0.0).")];
  }
  const size = numberOf(end) - numberOf(start);
  return size >= 2 ** 24
    ? [danger(`Lets in ${start} to ${end}, a large part of the internet.`)]
    : [caution(`Lets in ${start} to ${end}.`)];
}

const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;

function rangeOf(value: unknown): (string | undefined)[] {
  const texts = [
    ["start_ip_address", "start_ip"],
    ["end_ip_address", "end_ip"],
  ].map((names) => textsAt(value, names)[0]);
  return texts.map((text) => (text !== undefined && ADDRESS.test(text) ? text : undefined));
}

const numberOf = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

/** Lists of addresses that may get in. */
function listRisks(before: Facts, after: Facts, shown: (text: string) => string): Risk[] {
  const opened = [...worldPaths(after)];
  const old = opened.length === 0 ? new Map<string, string>() : worldPaths(before);
  return opened
    .filter(([path]) => !old.has(path))
    .map(([path, source]) => danger(`Lets everybody on the internet in: ${shown(path)} has ${shown(source)}.`));
}

function worldPaths(facts: Facts): Map<string, string> {
  const found = new Map<string, string>();
  for (const [path, values] of facts) {
    const world =
      isAllowedPath(path) && !isDenied(facts, path)
        ? values.find(
            (one) => typeof one === "string" && one.length < 60 && /[./:]/.test(one) && one.split(",").some(isWorld),
          )
        : undefined;
    if (typeof world === "string") {
      found.set(path, world);
    }
  }
  return found;
}

/** Whether some of the rules at a path refuse: `{ action: "Deny", ip_address: "0.0.0.0/0" }` lets nobody in. */
function isDenied(facts: Facts, path: string): boolean {
  const actions = facts.get(`${path.slice(0, path.lastIndexOf(".") + 1)}action`) ?? [];
  return actions.some((action) => typeof action === "string" && !/^(allow|accept)$/i.test(action));
}

const isAllowedPath = remembered((path) => ALLOWED.test(path));

/** A network interface or a machine that gets an address on the internet. */
function addressRisks(type: string, before: unknown, after: unknown): Risk[] {
  const has = (value: unknown): boolean =>
    blocksAt(value, "ip_configuration").some(
      (block) => isObject(block) && typeof block.public_ip_address_id === "string",
    );
  return type === "azurerm_network_interface" && has(after) && !has(before)
    ? [caution("Gets an address on the internet.")]
    : [];
}
