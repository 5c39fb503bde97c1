import { RemoteError } from "@edge-anomaly-detection/common";
import { minutes } from "./checks/check";
import type { Check } from "./checks/check";
import { CHECKS } from "./checks/table";
import { type Endpoints, PUBLIC_CLOUD } from "./endpoints";
import type { Expectations } from "./expectations";
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
  const around: Around = { http, endpoints, expected, now };
  const reads = new Map<Source, Promise<Facts[Source]>>();
  const load: Load = <Name extends Source>(name: Name) => {
    const known = reads.get(name) ?? SOURCES[name](around, load);
    reads.set(name, known);
    return known as Promise<Facts[Name]>;
  };
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
  const read = new Map(
    await Promise.all(
      [...new Set(checks.flatMap(({ needs }) => needs))].map(
        async (name) => [name, await attempt(name, load)] as const,
      ),
    ),
  );
  const failures = [...read].flatMap(([name, one]) => (one.ok ? [] : [[name, one.error] as const]));
  const facts = Object.fromEntries(
    [...read].flatMap(([name, one]) => (one.ok ? [[name, one.fact]] : [])),
  ) as unknown as Facts;
  const isReadable = ({ needs }: Check): boolean => !failures.some(([name]) => needs.includes(name));
  const made = checks.filter(isReadable);
  const findings = made.flatMap((one) => findingsOf(one, facts, expected, now));
  const notChecked = reasonsOf(checks, failures);
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
    facts: factsOf(facts, now),
    checks: made.length,
    requests: http.requests,
    seconds: (Date.now() - started) / 1000,
  };
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

function factsOf(facts: Partial<Facts>, now: Date): Fact[] {
  const { devices, hubCounts, lakeTelemetry, lakeAnomaly, loggedAnomaly, budget } = facts;
  const shown = (what: string, value: string | undefined): Fact[] => (value === undefined ? [] : [{ what, value }]);
  const age = (time: string | undefined): string => (time === undefined ? "never" : `${ago(minutes(time, now))} ago`);
  const connected = devices && devices.count - devices.silent.items.length;
  return [
    ...shown("devices connected", devices && `${connected ?? 0} of ${devices.count}`),
    ...shown("messages within a day", hubCounts && String(hubCounts.received)),
    ...shown("last message in the lake", lakeTelemetry && age(lakeTelemetry.last)),
    ...shown("last anomaly in the lake", lakeAnomaly && age(lakeAnomaly.last)),
    ...shown("last anomaly in the logs", loggedAnomaly && age(loggedAnomaly.last)),
    ...shown(
      "spent this month",
      budget && `${Math.round(budget.spent)} of ${Math.round(budget.amount)} ${budget.unit}`.trim(),
    ),
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
