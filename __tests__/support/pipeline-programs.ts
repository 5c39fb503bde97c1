import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScriptFolder } from "./stand-ins";
import { OIDC } from "./workflow-runner";

/** Values that must not leave a job, by where they come from. */
export const SECRETS = {
  state: "s3cr3t-of-the-state",
  plan: "TERRAFORM-PLAN-FILE",
  oidc: OIDC.ACTIONS_ID_TOKEN_REQUEST_TOKEN,
  federated: "federated-token-of-the-job",
  hcp: "token-of-hcp-terraform",
} as const;

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const RUN = "run-CZcmD7eagjhyX0vN";

/** Text of an attacker in what Terraform prints: a tag, a display name, an error of a provider. */
export const HOSTILE = [
  "::add-mask::staging",
  "::stop-commands::x",
  "::x::",
  "  ::error title=forged::forged",
  "::set-output name=sha256::forged",
  "##[add-mask]staging",
  "text ##[error]forged",
  "before\\r::warning::forged",
] as const;

const PLAN_JSON = JSON.stringify({
  format_version: "1.2",
  terraform_version: "1.14.8",
  resource_changes: [
    {
      address: "azurerm_key_vault_secret.one",
      mode: "managed",
      type: "azurerm_key_vault_secret",
      name: "one",
      provider_name: "registry.terraform.io/hashicorp/azurerm",
      change: {
        actions: ["create"],
        before: null,
        after: { name: "one", value: SECRETS.state },
        after_unknown: {},
        before_sensitive: false,
        after_sensitive: { value: true },
      },
    },
  ],
  prior_state: { values: { outputs: { key: { sensitive: true, value: SECRETS.state } } } },
});

const hostile = HOSTILE.map((line) => `printf '${line}\\n'`).join("; ");

/** Terraform: plans with a status, once; then there is nothing to do. */
const terraform = (planStatus: number, planFile: string): string => `
  [ "$2" = show ] || { ${hostile}; }
  { ${hostile}; } >&2
  case "$2" in
    init) echo 'locked' >"\${1#-chdir=}/.terraform.lock.hcl" ;;
    plan)
      for argument in "$@"; do
        case $argument in -out=*) printf '%s' '${planFile}' >"\${argument#-out=}" ;; esac
      done
      echo "https://app.terraform.io/app/contoso/staging/runs/${RUN}"
      echo "https://app.terraform.io/app/contoso/staging/runs/run-forged"
      # Written after the program has ended, and without a line break.
      (sleep 0.1; printf '::error::late') &
      [ -f "$TMPDIR/applied" ] || exit ${planStatus}
      ;;
    apply) touch "$TMPDIR/applied" ;;
    show) printf '%s' '${PLAN_JSON}' ;;
  esac`;

const curl = `
  case "$*" in
    *token.example*) echo '{"value":"${SECRETS.federated}"}' ;;
    *json-output*) printf 'https://archivist.example/plan' ;;
    *archivist*) printf '%s' '${PLAN_JSON}' >"$(sed 's/.*--output \\([^ ]*\\).*/\\1/' <<<"$*")" ;;
    *api/v2/runs/${RUN}*) echo '{"data":{"relationships":{"plan":{"data":{"id":"plan-1"}}}}}' ;;
    *) exit 22 ;;
  esac`;

/** Azure's blobs, below the folder. */
const az = `
  name=$(sed -n 's/.*--name \\([^ ]*\\).*/\\1/p' <<<"$*"); file=$(sed -n 's/.*--file \\([^ ]*\\).*/\\1/p' <<<"$*")
  mkdir -p "$TMPDIR/blobs"
  case "$*" in
    *upload*) cp "$file" "$TMPDIR/blobs/$name" ;;
    *download*) cp "$TMPDIR/blobs/$name" "$file" ;;
    *blob\\ delete*) rm "$TMPDIR/blobs/$name" ;;
  esac`;

const npm = (environments: string): string => `
  env >>"$TMPDIR/npm-environment"
  case "$*" in
    *--expectations) echo '{"environment":"staging"}' ;;
    *synth) mkdir -p cdktf.out/stacks; cp -r "$TMPDIR"/prepared/stacks/* cdktf.out/stacks ;;
    *compile) mkdir -p dist/packages/plan-review/src dist/packages/doctor/src dist/stacks/commands
      cp "$TMPDIR"/prepared/doctor.js dist/packages/doctor/src/bin.js
      cp "$TMPDIR"/prepared/review.js dist/packages/plan-review/src/bin.js
      cp "$TMPDIR"/prepared/pipelines.js dist/stacks/commands ;;
    *environments*) printf '%s' '${environments}' ;;
    *policy*) ${hostile}; exit "\${POLICY_STATUS:-0}" ;;
    *--synth*) echo 'by synth' >"\${@: -1}"; exit 2 ;;
  esac`;

/** Without rights of their own, these pass on what they are to run. */
const ISOLATION = {
  id: "echo 1000",
  sudo: `shift; if [ "$1" = install ]; then cp "\${@: -2:1}" "\${@: -1}"; else exec "$@"; fi`,
  unshare: `while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
  setpriv: `while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
};

export interface PipelineOptions {
  readonly backend: "azurerm" | "cloud";
  /** Exit status of the first plan: 0 nothing to do, 2 something. */
  readonly planStatus?: number;
  /** What terraform writes where a plan is saved. @default - what the backend does */
  readonly planFile?: string;
  /** Answer of GitHub about approvals. @default - approved for staging */
  readonly approvals?: unknown;
}

const BOOKMARK = JSON.stringify({ remote_plan_format: 1, run_id: RUN, hostname: "app.terraform.io" });
export const approval = (name: string, state = "approved"): object => ({
  state,
  environments: [{ name }],
  user: { login: "jane-doe" },
});

/** Programs for a run of the pipelines, all of one environment `staging`. */
export function pipelinePrograms(options: PipelineOptions): Record<string, string> {
  const { backend, planStatus = 2, approvals = [approval("staging")] } = options;
  const planFile = options.planFile ?? (backend === "cloud" ? BOOKMARK : `${SECRETS.plan} ${SECRETS.state}`);
  const listed = [{ name: "staging", backend, storageAccount: "ststate", planContainer: "staging-plans" }];
  return {
    ...ISOLATION,
    terraform: terraform(planStatus, planFile),
    curl,
    az,
    npm: npm(JSON.stringify(listed, undefined, 2)),
    git: `case "$1" in rev-parse) echo ${COMMIT} ;; worktree) mkdir -p "$4" ;; esac`,
    gh: `case "$*" in
      */approvals*) printf '%s' '${JSON.stringify(approvals)}' ;;
      *) for argument in "$@"; do case $argument in body=@*) cp "\${argument#body=@}" "$TMPDIR/body" ;; esac; done ;;
    esac`,
  };
}

/** Synthesized stack of the environment `staging`, of the real form, with another backend. */
export function stackJson(backend: "azurerm" | "cloud"): string {
  const json = JSON.parse(readFileSync("__tests__/snapshots/staging.json", "utf8")) as {
    terraform: Record<string, unknown>;
  };
  if (backend === "azurerm") {
    delete json.terraform.cloud;
    json.terraform.backend = { azurerm: { storage_account_name: "ststate", container_name: "staging", key: "state" } };
  }
  return JSON.stringify(json);
}

/** The doctor: says by which identity it was started and with what, and ends with the status that the test chose. */
const DOCTOR = `const { readFileSync, writeFileSync } = require("node:fs");
const [, , expected, , report] = process.argv;
console.log("::error::forged", readFileSync(expected, "utf8").trim(), process.env.ARM_CLIENT_ID, process.env.ARM_TENANT_ID);
writeFileSync(report, "## Doctor: staging\\n");
process.exitCode = Number(process.env.DOCTOR_STATUS ?? 0);`;

let review: string | undefined;

/** What `npm run synth` leaves: the stack and the bundled programs, the review being the real one. */
export function prepare(folder: ScriptFolder, backend: "azurerm" | "cloud"): void {
  folder.write("prepared/stacks/staging/cdk.tf.json", stackJson(backend));
  folder.write("prepared/pipelines.js", "process.exitCode = Number(process.env.PIPELINES_STATUS ?? 0);");
  folder.write("prepared/doctor.js", DOCTOR);
  if (review === undefined) {
    const place = mkdtempSync(join(tmpdir(), "review-"));
    review = join(place, "review.js");
    execFileSync("node_modules/.bin/esbuild", [
      "packages/plan-review/src/bin.ts",
      "--bundle",
      "--platform=node",
      "--external:typescript",
      "--conditions=source",
      `--outfile=${review}`,
      "--log-level=error",
    ]);
    process.once("exit", () => {
      rmSync(place, { recursive: true, force: true });
    });
  }
  mkdirSync(join(folder.path, "prepared"), { recursive: true });
  copyFileSync(review, join(folder.path, "prepared/review.js"));
}

/** Whether a program is here. */
export const isHere = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;
