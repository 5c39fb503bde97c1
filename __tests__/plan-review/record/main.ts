import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { stableJson } from "@edge-anomaly-detection/common";
import type { EnvironmentConfig } from "../../../environments/environment-config";
import { buildApp } from "../../../stacks/app";
import { organization } from "../../support/environments";
import { base, type Block, type Scenario, scenarios } from "./scenarios";
import { slim } from "./slim";

const HELP = `Records the plans in packages/plan-review/__tests__/plans from the real Terraform core.

  npm run record-plans            record all; needs terraform and ../shared/tfcheck
  npm run record-plans -- --help  print this`;

const TFCHECK = resolve("../shared/tfcheck/tfcheck.mjs");
const PLANS = resolve("packages/plan-review/__tests__/plans");

/** What tfcheck runs in place of Terraform: the same, and at the second plan one plan for each scenario before it. */
const WRAPPER = `#!/usr/bin/env node
const { execFileSync, spawnSync } = require("node:child_process");
const { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { TERRAFORM, RECORD } = process.env;
const args = process.argv.slice(2);
const show = (file, name) =>
  writeFileSync(join(RECORD, name + ".json"), execFileSync(TERRAFORM, ["show", "-json", file], { maxBuffer: 1 << 30 }));
if (args[0] === "plan" && args.includes("-detailed-exitcode")) {
  copyFileSync("cdk.tf.json", "base.saved");
  for (const name of readdirSync(join(RECORD, "variants"))) {
    copyFileSync(join(RECORD, "variants", name, "cdk.tf.json"), "cdk.tf.json");
    spawnSync(TERRAFORM, ["plan", "-out=scenario.tfplan", "-no-color"], { stdio: "ignore" });
    show("scenario.tfplan", name);
  }
  copyFileSync("base.saved", "cdk.tf.json");
}
const result = spawnSync(TERRAFORM, args, { stdio: "inherit" });
if (args[0] === "plan" && args.includes("-out=tfplan")) {
  show("tfplan", "first-creation");
}
process.exit(result.status ?? 1);
`;

/** A stack's JSON without a backend: tfcheck keeps the state itself. */
function synthesize(record: EnvironmentConfig): StackJson {
  const outdir = mkdtempSync(join(tmpdir(), "record-"));
  const { app } = buildApp({ organization, environments: [record] }, { outdir });
  app.synth();
  const stack = JSON.parse(readFileSync(join(outdir, "stacks", record.name, "cdk.tf.json"), "utf8")) as StackJson;
  rmSync(outdir, { recursive: true });
  delete stack.terraform.backend;
  return stack;
}

interface StackJson {
  readonly terraform: { backend?: unknown };
  readonly resource: Record<string, Record<string, Block>>;
}

/** The stack of a scenario. */
function planned({ record: configuration, edit }: Scenario): StackJson {
  const stack = synthesize(configuration);
  const blocks = Object.entries((edit && stack.resource[edit.type]) ?? {});
  if (edit !== undefined && blocks.length !== 1) {
    throw new Error(`${configuration.name} has ${blocks.length} ${edit.type} and not one`);
  }
  for (const [id, block] of blocks) {
    stack.resource[edit?.type ?? ""] = { [id]: edit?.change(block) ?? block };
  }
  return stack;
}

function record(): void {
  const folder = mkdtempSync(join(tmpdir(), "record-plans-"));
  const stackDir = join(folder, base.name);
  const bin = join(folder, "bin");
  for (const path of [stackDir, bin]) {
    mkdirSync(path);
  }
  writeFileSync(join(stackDir, "cdk.tf.json"), JSON.stringify(synthesize(base)));
  for (const [name, scenario] of Object.entries(scenarios)) {
    const variant = join(folder, "variants", name);
    mkdirSync(variant, { recursive: true });
    writeFileSync(join(variant, "cdk.tf.json"), JSON.stringify(planned(scenario)));
  }
  const wrapper = join(bin, "terraform");
  writeFileSync(wrapper, WRAPPER);
  chmodSync(wrapper, 0o755);
  const terraform = execFileSync("which", ["terraform"], { encoding: "utf8" }).trim();
  const result = spawnSync(TFCHECK, ["--apply", "--mocks", "__tests__/tfcheck-mocks.json", stackDir], {
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
      TERRAFORM: terraform,
      RECORD: folder,
    },
  });
  if (result.status !== 0) {
    throw new Error(`tfcheck ended with ${String(result.status)}; ${folder} is kept`);
  }
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const plan: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
    writeFileSync(join(PLANS, file), `${stableJson(slim(plan), 1)}\n`);
  }
  rmSync(folder, { recursive: true });
}

if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
  process.stdout.write(`${HELP}\n`);
} else {
  record();
}
