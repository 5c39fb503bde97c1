import { coloured, RemoteError } from "@edge-anomaly-detection/common";
import { AUTHORITY_WARNING_DAYS } from "../../../constructs/monitoring/authority-expiry-alert";
import { serviceHost } from "./service-host";
import type { EnvironmentConfig, OrganizationConfig } from "../../../environments/environment-config";
import { type WantedGroup, wantedGroups } from "./group";
import { type EnrollmentPlan, planEnrollments, type Step } from "./plan";
import { EnrollmentService } from "./service";

/** How `fleet enrollments` runs. */
export interface EnrollmentOptions {
  readonly apply: boolean;
  /** Whether groups that the configuration no longer names are removed. */
  readonly remove: boolean;
  readonly json: boolean;
  readonly token: () => Promise<string>;
  /** Address of the service. @default - that of Azure's public cloud */
  readonly address?: string;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** @default - now */
  readonly now?: Date;
}

/** Plans or applies an environment's enrollment groups; returns the exit status. */
export async function enrollments(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  options: EnrollmentOptions,
): Promise<number> {
  const { provisioning } = environment;
  if (provisioning === undefined) {
    console.error(`${environment.name} has no provisioning in its configuration, so it has no enrollment groups`);
    return 1;
  }
  const address = options.address ?? `https://${serviceHost(organization, environment, provisioning)}`;
  const service = new EnrollmentService(address, options.token, options.wait);
  try {
    const wanted = wantedGroups(organization, environment, provisioning);
    const plan = planEnrollments(environment.name, wanted, await service.list());
    const warnings = expiryWarnings(wanted, options.now ?? new Date());
    if (!options.apply || !options.json) {
      console.log(options.json ? planJson(plan, warnings) : planText(environment.name, plan, warnings));
    }
    if (plan.refusals.length > 0) {
      return 1;
    }
    return options.apply ? await applyPlan(service, plan, options) : 0;
  } catch (error) {
    if (!(error instanceof RemoteError)) {
      throw error;
    }
    console.error(error.message);
    return 1;
  }
}

async function applyPlan(
  service: EnrollmentService,
  plan: EnrollmentPlan,
  options: EnrollmentOptions,
): Promise<number> {
  const due = plan.steps.filter(({ action }) => action !== "remove" || options.remove);
  const done: Step[] = [];
  try {
    for (const step of due) {
      await carryOut(service, step);
      done.push(step);
      if (!options.json) {
        console.log(`${step.id}: ${PAST[step.action]} (${done.length} of ${due.length})`);
      }
    }
  } finally {
    const left = due.slice(done.length).map(({ id }) => id);
    if (options.json) {
      console.log(JSON.stringify({ done: done.map(({ id, action }) => ({ id, action })), left }, undefined, 2));
    } else if (left.length > 0) {
      console.error(`not done: ${left.join(", ")}; apply again, what is done stays done`);
    }
  }
  const kept = plan.steps.length - due.length;
  if (kept > 0) {
    console.error(`${kept} not removed: devices of a removed group cannot register again; --remove removes`);
  }
  return 0;
}

function carryOut(service: EnrollmentService, step: Step): Promise<void> {
  switch (step.action) {
    case "create":
      return service.put(step.wanted);
    case "change":
      return service.put(step.wanted, step.found.etag);
    case "remove":
      return service.remove(step.found);
  }
}

const PAST = { create: "created", change: "changed", remove: "removed" } as const;
const SIGNS = { create: ["+", "green"], change: ["~", "yellow"], remove: ["-", "red"] } as const;

function expiryWarnings(wanted: readonly WantedGroup[], now: Date): string[] {
  return wanted.flatMap(({ id, expires }) =>
    expires.flatMap(({ file, on }) => {
      const days = Math.floor((on.getTime() - now.getTime()) / 86_400_000);
      const text = days < 0 ? "has ended; no device of it can register" : `ends in ${days} days`;
      return days >= AUTHORITY_WARNING_DAYS
        ? []
        : [
            `${id}: the certificate in ${file} ${text} (${on.toISOString().slice(0, 10)}); name its successor as nextCertificate`,
          ];
    }),
  );
}

function planJson({ steps, ...rest }: EnrollmentPlan, warnings: readonly string[]): string {
  const shown = steps.map((step) => ({
    action: step.action,
    id: step.id,
    ...(step.action === "change" && { differences: step.differences }),
  }));
  return JSON.stringify({ steps: shown, ...rest, warnings }, undefined, 2);
}

function planText(environment: string, plan: EnrollmentPlan, warnings: readonly string[]): string {
  const { steps, unchanged, foreign, refusals } = plan;
  const lines = steps.flatMap((step) => {
    const [sign, colour] = SIGNS[step.action];
    const head = coloured(`${sign} ${step.action} ${step.id}`, colour, process.stdout);
    return step.action === "change"
      ? [
          head,
          ...step.differences.map(
            ({ path, now, wanted }) => `    ${path}: ${now || "(none)"} -> ${wanted || "(none)"}`,
          ),
        ]
      : [head];
  });
  const of = (action: Step["action"]): number => steps.filter((step) => step.action === action).length;
  return [
    ...lines,
    ...refusals.map((text) => coloured(`! ${text}`, "red", process.stdout)),
    ...warnings.map((text) => coloured(`! ${text}`, "yellow", process.stdout)),
    `${environment}: ${of("create")} to create, ${of("change")} to change, ${of("remove")} to remove, ${unchanged.length} unchanged, ${foreign.length} of others left alone`,
  ].join("\n");
}
