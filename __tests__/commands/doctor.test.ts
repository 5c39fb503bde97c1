import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKS, type Endpoints, type Report } from "@edge-anomaly-detection/doctor";
import { organization } from "../../environments/organization";
import { bootstrap } from "../../environments/bootstrap";
import { dev } from "../../environments/dev";
import type { LoadedConfiguration } from "../../environments/validation/load";
import { doctor, type DoctorSurroundings, expectationsOf } from "../../stacks/commands/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { listenToConsole } from "../support/console";

const SUBSCRIPTION = "77777777-7777-4777-8777-777777777777";
const configuration: LoadedConfiguration = {
  organization: { ...organization, nameSeed: "a-seed-of-our-own" },
  environments: [{ ...dev, alerts: { ...dev.alerts, receivers: { team: "team@factories.de" } } }],
  bootstrap,
  files: new Map(),
  unlisted: [],
};
const { printed, complained } = listenToConsole();
let azure: AzureStandIn;
let endpoints: Endpoints;
let around: DoctorSurroundings;

beforeEach(async () => {
  const base = { configuration, subscriptionId: SUBSCRIPTION };
  const expected = expectationsOf("dev", base);
  if (typeof expected === "string") {
    throw new Error(expected);
  }
  azure = new AzureStandIn(expected);
  endpoints = await azure.start();
  around = { ...base, tokenFor, endpoints, now: azure.plant.now };
});

afterEach(async () => {
  await azure.stop();
});

const reported = (): Report => JSON.parse(printed.join("\n")) as Report;

it("ends with 3 where something is broken, with the reason, its beginning and the remedy", async () => {
  azure.plant.workflow = { state: "Enabled", failedAt: ["2026-11-25T10:30:00Z"] };
  expect(await doctor(["dev"], around)).toBe(3);
  const text = printed.join("\n");
  expect(text).toMatch(/^dev: broken \(\d+ checks, \d+ requests, [\d.]+ s\)$/m);
  expect(text).toContain(
    "broken anomaly-feed: logic-anomaly-feed: a run of the workflow failed, since 2026-11-25 10:30 UTC",
  );
  expect(text).toMatch(/^ {4}why: alerts do not name the machine/m);
  expect(text).toMatch(/^ {4}do: {2}open the workflow's last run/m);
  expect(text).toMatch(/^ {4}see: docs\/doctor\.md$/m);
});

it("ends with 2 where something is not as it should be but works", async () => {
  azure.plant.budget.spent = 10_000;
  // The repository has no lock files, which is one more.
  expect(await doctor(["dev", "--json"], around)).toBe(2);
  expect(reported().findings.map(({ check }) => check)).toEqual(["provider-lock", "budget"]);
});

it("follows a probe, and says how long each step took", async () => {
  let time = azure.plant.now.getTime();
  azure.clock = () => time;
  const clocked = {
    ...around,
    clock: () => time,
    wait: (milliseconds: number) => {
      time += milliseconds;
      return Promise.resolve();
    },
  };
  expect(await doctor(["dev", "--probe"], clocked)).toBe(0);
  expect(printed.slice(0, -1)).toEqual([
    "  edge hub  arrived after 0.0 s (0.012 s on the device)",
    expect.stringMatching(/^ {2}logs {6}arrived after \d\d s$/),
    expect.stringMatching(/^ {2}lake {6}arrived after \d\d s$/),
    expect.stringMatching(/^ {2}alert {5}arrived after 4\d\d s \(machine-anomalies\)$/),
  ]);
  expect(printed.at(-1)).toMatch(/^dev: the probe [0-9a-f-]{36} of factory-sim-01 arrived$/);
  azure.plant.probe.lake = undefined;
  expect(await doctor(["dev", "--probe", "--wait", "9", "--json"], clocked)).toBe(3);
});

it("expects of a virtual machine what it needs, before a deployment", async () => {
  azure.plant.usages.cores = { used: 99, limit: 100 };
  expect(await doctor(["dev", "--before", "--json"], around)).toBe(3);
  expect(reported().findings[0]).toMatchObject({ check: "quota", what: "99 of 100 are used, and 2 more are needed" });
});

it("does what needs no Azure where no subscription is known", async () => {
  expect(await doctor(["dev"], { ...around, subscriptionId: undefined })).toBe(2);
  expect(printed.join("\n")).toMatch(
    /not checked: no subscription is known: write subscriptionId into environments\/dev\.ts, or set ARM_SUBSCRIPTION_ID \(\d+ checks\)/,
  );
  // What was not checked is not said to work.
  expect(printed[0]).toMatch(/^dev: (\d+ findings?, )?not fully checked\b/);
  expect(printed.join("\n").split("\n")[0]).not.toMatch(/works|healthy/);
  expect(azure.received).toEqual([]);
});

it.each([
  [["prod"], "name one of the environments dev"],
  [["dev", "dev"], "name one environment"],
  [["dev", "--before", "--after"], "choose --before or --after"],
  [["dev", "--limit", "0"], "--limit is 1 to 3600 seconds"],
  [["dev", "--wait", "5"], "--device and --wait go with --probe"],
  [["dev", "--probe", "--wait", "500"], "--wait is 1 to 120 minutes"],
  [["dev", "--fix"], "unknown argument --fix"],
])("refuses %j", async (args, reason) => {
  expect(await doctor(args, around)).toBe(1);
  expect(complained.join("\n")).toContain(reason);
});

it("lists every check with the page that helps, which is there", async () => {
  expect(await doctor(["--checks"], around)).toBe(0);
  expect(printed.join("\n").match(/^[\w-]+ \((broken|finding)\)$/gm)).toHaveLength(CHECKS.length);
  for (const page of new Set(CHECKS.map((one) => one.page))) {
    const [file = "", anchor] = page.split("#");
    const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(anchor === undefined || headings.includes(anchor) ? page : `no heading for ${page}`).toBe(page);
  }
});

it("loads the sign-in only when a token is asked for", () => {
  const script = `require("esbuild").buildSync({ entryPoints: ["packages/doctor/index.ts"], bundle: true, platform: "node", conditions: ["source"], external: ["@azure/identity", "cdktf"], outfile: process.argv[1] });
    const { signIn } = require(process.argv[1]);
    const loaded = () => Object.keys(require.cache).some((file) => file.includes("@azure/identity"));
    const before = loaded();
    const tokenFor = signIn({});
    const made = loaded();
    console.log(JSON.stringify([before, made]));`;
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  const { stdout } = spawnSync(process.execPath, ["-e", script, join(folder, "doctor.js")], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(stdout.trim()).toBe("[false,false]");
});
