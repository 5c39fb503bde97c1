import { RemoteError } from "@edge-anomaly-detection/common";
import { minutes } from "./checks/check";
import type { Check } from "./checks/check";
import { CHECKS } from "./checks/table";
import { type Endpoints, PUBLIC_CLOUD } from "./endpoints";
import { type Expectations, ofEachHub } from "./expectations";
import { type Facts, type Load, type Source, SOURCES } from "./facts";
import type { Fact, Finding, NotChecked, Report } from "./finding";
import { AzureHttp, type TokenFor } from "./http";
import type { Around } from "./sources/around";

/** What an examination is given. */
export interface Examination {
  readonly expected: Expectations;
  readonly tokenFor: TokenFor;
  /** `before`: what a deployment needs; `after`: what is deployed; `both`: whichever it is. @default "both" */
  readonly phase?: "before" | "after" | "both";
  /** Seconds in which everything must be read. @default 120 */
  readonly limitSeconds?: number;
  /** @default - Azure's public cloud */
  readonly endpoints?: Endpoints;
  /** @default - now */
  readonly now?: Date;
  /** How requests wait before they are sent again. @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

type Read<Name extends Source> =
  { readonly ok: true; readonly fact: Facts[Name] } | { readonly ok: false; readonly error: RemoteError };

/**
 * Examines an environment: reads what the checks need, each fact once, and judges it. Never throws for what Azure answers: what
 * could not be read is named with the checks that could not be made.
 */
export async function examine(examination: Examination): Promise<Report> {
  const { expected, tokenFor, phase = "both", limitSeconds = 120, endpoints = PUBLIC_CLOUD, wait } = examination;
  const now = examination.now ?? new Date();
  const started = Date.now();
  const http = new AzureHttp({ tokenFor, limitMs: limitSeconds * 1000, ...(wait !== undefined && { wait }) });
  const [everything, ...hubs] = ofEachHub(expected);
  const aroundHub = (one: Expectations): Around => ({ http, endpoints, expected: one, now });
  const first = aroundHub(everything);
  const load = loaderOf(first);
  const resources = await attempt("resources", load);
  const isDeployed = resources.ok ? resources.fact !== undefined : undefined;
  const phases =
    phase === "both"
      ? isDeployed === false
        ? ["before"]
        : isDeployed === true
          ? ["after"]
          : ["before", "after"]
      : [phase];
  const checks = CHECKS.filter((one) => one.phases.some((each) => phases.includes(each)));
  const views = await Promise.all([
    viewOf(first, checks, load),
    ...hubs.map(aroundHub).map((other) => viewOf(other, checks.filter(isOfHub), loaderOf(other, load))),
  ]);
  const findings = views.flatMap((view) => view.findings);
  const notChecked = merged(views.flatMap((view) => view.notChecked));
  return {
    environment: expected.environment,
    at: now.toISOString(),
    verdict: findings.some(({ level }) => level === "broken")
      ? "broken"
      : findings.length > 0 || notChecked.length > 0
        ? "findings"
        : "healthy",
    deployed: isDeployed,
    findings: [...findings].sort((a, b) => Number(a.level === "finding") - Number(b.level === "finding")),
    notChecked,
    facts: factsOf(
      views.map((view) => view.facts),
      now,
    ),
    checks: views.reduce((sum, { made }) => sum + made, 0),
    requests: http.requests,
    seconds: (Date.now() - started) / 1000,
  };
}

/** Facts of one hub; all others are read once, whatever the number of hubs. */
const HUB_SOURCES: ReadonlySet<Source> = new Set<Source>([
  "hub",
  "endpointHealth",
  "certificates",
  "sentCategories",
  "hubCounts",
  "devices",
  "deployments",
  "agentReports",
  "detectorReports",
  "lakeAnomaly",
  "lakeTelemetry",
]);

/** Whether a check is about a hub alone, and so is made for each. */
const isOfHub = ({ needs }: Check): boolean =>
  needs.some((name) => HUB_SOURCES.has(name)) && needs.every((name) => HUB_SOURCES.has(name) || name === "resources");

/** Reads each fact once. With `shared`, for one of several hubs: what is not about the hub comes from there. */
function loaderOf(around: Around, shared?: Load): Load {
  const reads = new Map<Source, Promise<Facts[Source]>>();
  const load: Load = <Name extends Source>(name: Name) => {
    if (shared !== undefined && !HUB_SOURCES.has(name)) {
      return shared(name);
    }
    const known = reads.get(name) ?? SOURCES[name](around, load);
    reads.set(name, known);
    return known as Promise<Facts[Name]>;
  };
  return load;
}

/** What checks find of one hub, or of everything with the first one. */
interface View {
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
  readonly facts: Partial<Facts>;
  /** Checks that were made. */
  readonly made: number;
}

async function viewOf({ expected, now }: Around, checks: readonly Check[], load: Load): Promise<View> {
  const sources = [...new Set(checks.flatMap(({ needs }) => needs))];
  const read = new Map(await Promise.all(sources.map(async (name) => [name, await attempt(name, load)] as const)));
  const failures = [...read].flatMap(([name, one]) => (one.ok ? [] : [[name, one.error] as const]));
  const facts = Object.fromEntries(
    [...read].flatMap(([name, one]) => (one.ok ? [[name, one.fact]] : [])),
  ) as unknown as Facts;
  const made = checks.filter(({ needs }) => !failures.some(([name]) => needs.includes(name)));
  const { name } = expected.hub;
  const isOneOfSeveral = (expected.otherHubs ?? []).length > 0;
  const found = made.flatMap((one) =>
    findingsOf(one, facts, expected, now).map((finding) =>
      isOneOfSeveral && isOfHub(one) && finding.subject !== name
        ? { ...finding, subject: `${finding.subject} on ${name}` }
        : finding,
    ),
  );
  return { findings: found, notChecked: reasonsOf(checks, failures), facts, made: made.length };
}

/** The same reason once, with the checks of all hubs. */
function merged(all: readonly NotChecked[]): NotChecked[] {
  const byReason = new Map<string, readonly string[]>();
  for (const { reason, checks } of all) {
    byReason.set(reason, [...new Set([...(byReason.get(reason) ?? []), ...checks])]);
  }
  return [...byReason].map(([reason, checks]) => ({ reason, checks }));
}

async function attempt<Name extends Source>(name: Name, load: Load): Promise<Read<Name>> {
  try {
    return { ok: true, fact: await load(name) };
  } catch (error) {
    if (error instanceof RemoteError) {
      return { ok: false, error };
    }
    throw error;
  }
}

function findingsOf(one: Check, facts: Facts, expected: Expectations, now: Date): Finding[] {
  const { id, level, why, remedy, page } = one;
  return one.find(facts, expected, now).map((found) => ({ check: id, level, why, remedy, page, ...found }));
}

/** Checks that could not be made, by reason: who is not signed in needs to read that once. */
function reasonsOf(checks: readonly Check[], failures: readonly (readonly [Source, RemoteError])[]): NotChecked[] {
  const byReason = new Map<string, Set<string>>();
  for (const { id, needs } of checks) {
    const failure = failures.find(([name]) => needs.includes(name));
    if (failure !== undefined) {
      const [, { problem, remedy }] = failure;
      const reason = `${problem}: ${remedy}`;
      byReason.set(reason, (byReason.get(reason) ?? new Set()).add(id));
    }
  }
  return [...byReason].map(([reason, ids]) => ({ reason, checks: [...ids] }));
}

/** What is worth knowing of all hubs together. */
function factsOf(views: readonly Partial<Facts>[], now: Date): Fact[] {
  const all = <Name extends Source>(name: Name): NonNullable<Facts[Name]>[] =>
    views.map((facts) => facts[name]).filter((fact) => fact !== undefined);
  const shown = (what: string, values: readonly unknown[], value: () => string): Fact[] =>
    values.length === 0 ? [] : [{ what, value: value() }];
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const age = (found: readonly { readonly last: string | undefined }[]): string => {
    const last = found
      .flatMap((one) => one.last ?? [])
      .sort()
      .at(-1);
    return last === undefined ? "never" : `${ago(minutes(last, now))} ago`;
  };
  const devices = all("devices");
  const counts = all("hubCounts");
  const [telemetry, anomaly, logged] = [all("lakeTelemetry"), all("lakeAnomaly"), all("loggedAnomaly")];
  const [budget] = all("budget");
  const count = sum(devices.map((one) => one.count));
  return [
    ...shown(
      "devices connected",
      devices,
      () => `${count - sum(devices.map(({ silent }) => silent.items.length))} of ${count}`,
    ),
    ...shown("messages within a day", counts, () => String(sum(counts.map(({ received }) => received)))),
    ...shown("last message in the lake", telemetry, () => age(telemetry)),
    ...shown("last anomaly in the lake", anomaly, () => age(anomaly)),
    ...shown("last anomaly in the logs", logged, () => age(logged)),
    ...(budget === undefined
      ? []
      : [
          {
            what: "spent this month",
            value: `${Math.round(budget.spent)} of ${Math.round(budget.amount)} ${budget.unit}`.trim(),
          },
        ]),
  ];
}

/** A length of time as people say it. */
export function ago(length: number): string {
  return length < 1
    ? `${Math.max(0, Math.round(length * 60))} s`
    : length < 120
      ? `${Math.round(length)} min`
      : length < 2880
        ? `${Math.round(length / 60)} h`
        : `${Math.round(length / 1440)} days`;
}
