import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments, RemoteError, runCommand } from "@edge-anomaly-detection/common";
import {
  CHECKS,
  type Endpoints,
  examine,
  type Expectations,
  probe,
  renderReport,
  renderStep,
  signIn,
  type TokenFor,
} from "@edge-anomaly-detection/doctor";
import { withoutTokenTraces } from "../../constructs/shared/faster-synthesis";
import { loadConfiguration, type LoadedConfiguration } from "../../environments/validation/load";
import { configurationWarnings } from "../../environments/validation/warnings";
import { buildApp } from "../app";
import { doctorExpectations } from "./doctor-expectations";

const HELP = `Examines an environment: before its first deployment what that needs, afterwards whether it works. Reads only,
except with --probe.

  npm run -s doctor -- ENV            findings: what, since when, why it matters, what to do, the page that helps
  npm run -s doctor -- ENV --json     the same as JSON
  npm run -s doctor -- ENV --before   what a deployment needs, also where the environment is deployed
  npm run -s doctor -- ENV --after    whether it works; an environment that is not there is broken
  npm run -s doctor -- ENV --probe [--device ID] [--wait MINUTES]
      has the detector of a device (default: the first that is connected) send one marked anomaly, and follows it to logs, lake and
      alert, for 25 minutes at most. It alerts people: the alert names the machine "probe". Needs IoT Hub Data Contributor.
  npm run -s doctor -- ENV --expectations
      prints what it expects, as JSON, for pipelines: they run the doctor where nothing from npm does
  npm run -s doctor -- --checks       every check, and what it is for
  npm run -s doctor -- --help         print this

  --limit SECONDS                     time to read everything in, 1 to 3600. Default 120

Signs in as Azure's tools do: a pipeline's OIDC token, AZURE_* variables, a managed identity, az login. The subscription is the
environment's own, or ARM_SUBSCRIPTION_ID. Without a sign-in or a network it does the checks that need none, and says so.
docs/doctor.md names the roles that it reads with, and has the runbooks.
Exit status: 0 healthy; 1 invalid arguments or configuration; 2 findings, or not everything could be checked; 3 broken.
NO_COLOR switches colours off; they are used on a terminal only.`;

/** What the command stands on; tests put their own in its place. */
export interface DoctorSurroundings {
  readonly configuration: LoadedConfiguration;
  readonly tokenFor: TokenFor;
  readonly subscriptionId: string | undefined;
  readonly endpoints?: Endpoints;
  readonly now?: Date;
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** Time in milliseconds, for probes. @default - `Date.now` */
  readonly clock?: () => number;
}

const FLAGS = ["--json", "--before", "--after", "--probe", "--expectations", "--checks", "--help", "-h"];
const STATUS = { healthy: 0, findings: 2, broken: 3 } as const;

/** Runs the command; returns its exit status. */
export async function doctor(args: readonly string[], given?: DoctorSurroundings): Promise<number> {
  const { words, flags, values, invalid } = readArguments(args, FLAGS, ["--limit", "--device", "--wait"]);
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const limit = Number(values.get("--limit") ?? 120);
  const minutes = Number(values.get("--wait") ?? 25);
  const mistake =
    invalid ??
    (flags.has("--before") && flags.has("--after") ? "choose --before or --after" : undefined) ??
    (Number.isFinite(limit) && limit >= 1 && limit <= 3600 ? undefined : "--limit is 1 to 3600 seconds") ??
    (Number.isFinite(minutes) && minutes >= 1 && minutes <= 120 ? undefined : "--wait is 1 to 120 minutes") ??
    (!flags.has("--probe") && (values.has("--device") || values.has("--wait"))
      ? "--device and --wait go with --probe"
      : undefined) ??
    (words.length > 1 ? "name one environment" : undefined);
  if (mistake !== undefined) {
    return unusable(mistake);
  }
  if (flags.has("--checks")) {
    console.log(flags.has("--json") ? JSON.stringify(CHECKS, undefined, 2) : checkList());
    return 0;
  }
  const around = given ?? surroundings();
  const expected = expectationsOf(words[0], around);
  if (typeof expected === "string") {
    return unusable(expected);
  }
  if (flags.has("--expectations")) {
    console.log(JSON.stringify(expected));
    return 0;
  }
  if (flags.has("--probe")) {
    return runProbe(expected, around, flags.has("--json"), minutes, values.get("--device"));
  }
  const { tokenFor, endpoints, now, wait } = around;
  const report = await examine({
    expected,
    tokenFor,
    phase: flags.has("--before") ? "before" : flags.has("--after") ? "after" : "both",
    limitSeconds: limit,
    ...(endpoints !== undefined && { endpoints }),
    ...(now !== undefined && { now }),
    ...(wait !== undefined && { wait }),
  });
  console.log(flags.has("--json") ? JSON.stringify(report, undefined, 2) : renderReport(report, process.stdout));
  return STATUS[report.verdict];
}

async function runProbe(
  expected: Expectations,
  { tokenFor, endpoints, wait, clock }: DoctorSurroundings,
  asJson: boolean,
  waitMinutes: number,
  deviceId: string | undefined,
): Promise<number> {
  try {
    const report = await probe({
      expected,
      tokenFor,
      waitMinutes,
      onStep: (step) => {
        if (!asJson) {
          console.log(renderStep(step, process.stdout));
        }
      },
      ...(deviceId !== undefined && { deviceId }),
      ...(endpoints !== undefined && { endpoints }),
      ...(wait !== undefined && { wait }),
      ...(clock !== undefined && { now: clock }),
    });
    const { arrived, id } = report;
    console.log(
      asJson
        ? JSON.stringify(report, undefined, 2)
        : `${expected.environment}: the probe ${id} of ${report.deviceId} ${arrived ? "arrived" : "did not arrive everywhere"}`,
    );
    return arrived ? STATUS.healthy : STATUS.broken;
  } catch (error) {
    if (!(error instanceof RemoteError)) {
      throw error;
    }
    console.error(error.message);
    return STATUS.findings;
  }
}

function unusable(reason: string): number {
  console.error(`${reason}\n\n${HELP}`);
  return 1;
}

function surroundings(): DoctorSurroundings {
  return {
    configuration: loadConfiguration(),
    tokenFor: signIn(),
    subscriptionId: process.env.ARM_SUBSCRIPTION_ID ?? process.env.AZURE_SUBSCRIPTION_ID,
  };
}

/** What is expected of an environment; a text where there is no such environment. */
export function expectationsOf(
  name: string | undefined,
  { configuration, subscriptionId }: Pick<DoctorSurroundings, "configuration" | "subscriptionId">,
): Expectations | string {
  const { organization, environments } = configuration;
  const environment = environments.find((one) => one.name === name);
  if (environment === undefined) {
    return `name one of the environments ${environments.map((one) => one.name).join(", ")}`;
  }
  const outdir = mkdtempSync(join(tmpdir(), "doctor-"));
  try {
    return withoutTokenTraces(() => {
      const { environments: stacks } = buildApp(
        { organization, environments: [environment], isValidated: true },
        { outdir },
      );
      const [stack] = stacks;
      if (stack === undefined) {
        throw new Error(`no stack was built for ${environment.name}`);
      }
      return doctorExpectations(organization, stack, configurationWarnings(configuration), subscriptionId);
    });
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function checkList(): string {
  return CHECKS.map(
    ({ id, level, holds, why, page }) => `${id} (${level})\n  ${holds}\n  why: ${why}\n  see: ${page}`,
  ).join("\n");
}

if (require.main === module) {
  runCommand(() => doctor(process.argv.slice(2)));
}
