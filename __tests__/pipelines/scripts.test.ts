import { createHash } from "node:crypto";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { lockFileOf } from "../../environments/validation/lock-files";
import { commandsIn, outputsIn } from "../support/runner-commands";
import { ScriptFolder } from "../support/stand-ins";
import { scripts } from "../support/workflows";

let folder: ScriptFolder;

afterEach(() => {
  folder.remove();
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const REVIEW = "# review of the plan\n";

/** Terraform that plans with a status; the plan's text is `the plan` or a run of HCP Terraform, its JSON has a secret in it. */
function terraform(planStatus: number, plan = "the plan"): string {
  return `
    case "$2" in
      init) touch "\${1#-chdir=}/.terraform.lock.hcl" ;;
      plan)
        for argument in "$@"; do
          case $argument in -out=*) printf '${plan}' >"\${argument#-out=}" ;; esac
        done
        echo "To view this run in a browser, visit:"
        echo "https://app.terraform.io/app/contoso/staging/runs/run-CZcmD7eagjhyX0vN"
        exit ${planStatus}
        ;;
      show) echo '{"secret":"hunter2"}' ;;
    esac`;
}

const BOOKMARK = '{"remote_plan_format":1,"run_id":"run-1","hostname":"app.terraform.io"}';

/** Programs that isolate, and in the end review with a status; HCP Terraform's API. */
const around = (reviewStatus: number): Record<string, string> => ({
  id: "echo 0",
  install: `[ "$1" != -m ] || cp "\${@: -2:1}" "\${@: -1}"`,
  unshare: `[ ${reviewStatus} = 1 ] || printf '${REVIEW.replace("\n", "\\n")}'; exit ${reviewStatus}`,
  curl: `
    case "$*" in
      *json-output) printf 'https://archivist.example/x' ;;
      *archivist*) echo '{}' >"\${@: -2:1}" ;;
      *) echo '{"data":{"relationships":{"plan":{"data":{"id":"plan-1"}}}}}' ;;
    esac`,
});

/** A test that needs a program of Debian's; says so where it is not there. */
function testWith(program: string, title: string, run: () => void): void {
  const there = spawnSync(program, ["--version"]).status === 0;
  (there ? test : test.skip)(there ? title : `${title} (${program} is not here)`, run);
}

describe("plan.sh", () => {
  const run = (
    planStatus: number,
    reviewStatus: number,
    backend = "azurerm",
    purpose = "save",
  ): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({
      ...around(reviewStatus),
      terraform: terraform(planStatus, backend === "cloud" ? BOOKMARK : undefined),
    });
    folder.write("cdktf.out/stacks/staging/cdk.tf.json", "{}");
    folder.write("review.js", "");
    return folder.run(".github/scripts/plan.sh", ["staging", backend, purpose, "plan", "review.js"], {
      TF_TOKEN_app_terraform_io: "the-token",
    });
  };
  const outputs = (): Record<string, string> => outputsIn(folder.read("output") ?? "");
  const files = (): string[] =>
    ["review", "saved", "private"].flatMap((part) =>
      readdirSync(`${folder.path}/plan/${part}`).map((name) => `${part}/${name}`),
    );

  test("saves a plan that changes something, with its checksum and its providers", () => {
    expect(run(2, 2).status).toBe(0);
    expect(outputs()).toEqual({
      changes: "true",
      verdict: "changes",
      sha256: sha256("the plan"),
      "lock-sha256": sha256(""),
      review: `${folder.path}/plan/review`,
      saved: `${folder.path}/plan/saved`,
      plan: `${folder.path}/plan/private/plan.tfplan`,
    });
    expect(files()).toEqual([
      "review/staging.changes",
      "review/staging.md",
      "saved/terraform.lock.hcl",
      "private/plan.tfplan",
    ]);
    expect(folder.read("plan/private/plan.tfplan")).toBe("the plan");
    expect(folder.read("plan/review/staging.md")).toBe(REVIEW);
    expect(folder.read("plan/review/staging.changes")).toBe("true\n");
    expect(folder.read("summary")).toBe(REVIEW);
  });

  test("saves nothing where nothing changes", () => {
    expect(run(0, 0).status).toBe(0);
    expect(outputs()).toMatchObject({ changes: "false", verdict: "nothing", sha256: "" });
    expect(files()).toEqual(["review/staging.changes", "review/staging.md"]);
  });

  test("says that something changes where only an output does, which the review does not count", () => {
    expect(run(2, 0).status).toBe(0);
    expect(outputs()).toMatchObject({ changes: "true", verdict: "nothing", sha256: sha256("the plan") });
  });

  test("warns of dangerous changes and still saves the plan: people decide", () => {
    const { status, output } = run(2, 3);
    expect(status).toBe(0);
    expect(output).toContain("::warning title=Dangerous changes in staging::");
    expect(outputs()).toMatchObject({ changes: "true", verdict: "dangerous" });
  });

  test("fails where Terraform does, and offers nothing", () => {
    const { status, output } = run(1, 0);
    expect(status).toBe(1);
    expect(output).toContain("::error title=staging::terraform plan failed with status 1");
    expect(folder.read("output")).toBeUndefined();
    expect(folder.calls.filter((call) => call.startsWith("unshare"))).toEqual([]);
  });

  test("fails where the plan cannot be reviewed, and offers nothing", () => {
    const { status, output } = run(2, 1);
    expect(status).toBe(1);
    expect(output).toContain("could not be reviewed (status 1)");
    expect(folder.read("output")).toBeUndefined();
    expect(files().filter((file) => file.endsWith(".tfplan"))).toEqual([]);
  });

  test("leaves no JSON of the plan behind", () => {
    run(2, 2);
    // Everything below the folder, the temporary one of the script included, and where the review runs.
    const places = [
      folder.path,
      ...readdirSync("/tmp")
        .filter((name) => name.startsWith("isolated-"))
        .map((name) => `/tmp/${name}`),
    ];
    const found = spawnSync("grep", ["-r", "-s", "-l", "--exclude-dir=programs", "hunter2", ...places]);
    expect(found.stdout.toString()).toBe("");
  });

  test("takes no lock with azurerm, whose plan identity may not write", () => {
    run(2, 2);
    expect(folder.calls.filter((call) => call.includes(" plan "))).toEqual([
      expect.stringMatching(/ -detailed-exitcode -lock=false -out=/),
    ]);
  });

  test("looks at HCP Terraform by a speculative run, which nobody can apply, and reads that run's plan", () => {
    expect(run(2, 2, "cloud", "look").status).toBe(0);
    expect(folder.calls.filter((call) => call.includes(" plan "))).toEqual([
      "terraform -chdir=cdktf.out/stacks/staging plan -input=false -no-color -detailed-exitcode",
    ]);
    const asked = folder.calls.filter((call) => call.startsWith("curl"));
    expect(asked.map((call) => /https:.*$/.exec(call)?.[0])).toEqual([
      "https://app.terraform.io/api/v2/runs/run-CZcmD7eagjhyX0vN",
      "https://app.terraform.io/api/v2/plans/plan-1/json-output",
      "https://archivist.example/x",
    ]);
    // The token goes to HCP Terraform alone, and by no argument.
    expect(asked.map((call) => call.includes("--header"))).toEqual([true, true, false]);
    expect(asked.join()).not.toContain("the-token");
    expect(outputs()).toMatchObject({ changes: "true", sha256: "" });
    expect(files()).toEqual(["review/staging.changes", "review/staging.md"]);
  });

  test("saves a plan of HCP Terraform as a run to apply", () => {
    expect(run(2, 2, "cloud", "save").status).toBe(0);
    expect(folder.calls.filter((call) => call.includes(" plan "))).toEqual([expect.stringContaining(" -out=")]);
    expect(outputs()).toMatchObject({ sha256: sha256(BOOKMARK), plan: `${folder.path}/plan/saved/plan.tfplan` });
  });

  test("takes exactly the providers of a lock file of the repository", () => {
    folder = new ScriptFolder({ ...around(0), terraform: terraform(0) });
    folder.write("cdktf.out/stacks/staging/cdk.tf.json", "{}");
    folder.write("review.js", "");
    folder.write(lockFileOf("staging"), "the lock");
    folder.run(".github/scripts/plan.sh", ["staging", "azurerm", "look", "plan", "review.js"]);
    expect(folder.read("cdktf.out/stacks/staging/.terraform.lock.hcl")).toBe("the lock");
    expect(folder.calls[0]).toBe(
      "terraform -chdir=cdktf.out/stacks/staging init -input=false -no-color -lockfile=readonly",
    );
  });

  test("takes no path for a name", () => {
    folder = new ScriptFolder({ terraform: "" });
    expect(folder.run(".github/scripts/plan.sh", ["../x", "azurerm", "look", "plan", "review.js"]).status).toBe(1);
    expect(folder.calls).toEqual([]);
  });
});

describe("apply.sh", () => {
  const COMMIT = "0123456789abcdef0123456789abcdef01234567";
  const run = (
    checksum: string,
    commit: string,
    planStatus = 0,
    applyStatus = 0,
    lock = "the lock",
  ): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({
      terraform: `case "$2" in plan) exit ${planStatus} ;; apply) exit ${applyStatus} ;; esac`,
      git: `echo ${COMMIT}`,
    });
    folder.write("cdktf.out/stacks/staging/cdk.tf.json", "{}");
    folder.write("saved/plan.tfplan", "the plan");
    folder.write("saved/terraform.lock.hcl", "the lock");
    return folder.run(".github/scripts/apply.sh", ["staging", "saved", checksum, sha256(lock), commit]);
  };
  const called = (): string[] => folder.calls.filter((call) => call.startsWith("terraform"));

  test("applies the saved plan with its own providers, then plans to prove that nothing is left", () => {
    expect(run(sha256("the plan"), COMMIT).status).toBe(0);
    expect(called()).toEqual([
      "terraform -chdir=cdktf.out/stacks/staging init -input=false -no-color -lockfile=readonly",
      "terraform -chdir=cdktf.out/stacks/staging apply -input=false -no-color ./saved/plan.tfplan",
      "terraform -chdir=cdktf.out/stacks/staging plan -input=false -no-color -detailed-exitcode",
    ]);
    expect(folder.read("cdktf.out/stacks/staging/.terraform.lock.hcl")).toBe("the lock");
    expect(folder.read("summary")).toBe("staging: applied; a plan now changes nothing\n");
    expect(folder.read("saved/plan.tfplan")).toBeUndefined();
  });

  test("refuses a plan with another checksum", () => {
    const { status, output } = run(sha256("another plan"), COMMIT);
    expect(status).toBe(1);
    expect(output).toMatch(/the saved plan has the checksum [0-9a-f]{64}, the reviewed one had [0-9a-f]{64}; nothing/);
    expect(called()).toEqual([]);
  });

  test("refuses other providers than the plan's", () => {
    const { status, output } = run(sha256("the plan"), COMMIT, 0, 0, "another lock");
    expect(status).toBe(1);
    expect(output).toContain("the lock file has the checksum");
    expect(called()).toEqual([]);
  });

  test("refuses a plan without checksum", () => {
    expect(run("", COMMIT).status).toBe(1);
    expect(called()).toEqual([]);
  });

  test("refuses a plan of another commit", () => {
    const { status, output } = run(sha256("the plan"), "f".repeat(40));
    expect(status).toBe(1);
    expect(output).toContain(`but ${COMMIT} is checked out; nothing was applied`);
    expect(called()).toEqual([]);
  });

  test("fails where the apply fails, and plans no more", () => {
    expect(run(sha256("the plan"), COMMIT, 0, 1).status).toBe(1);
    expect(called()).toHaveLength(2);
    expect(folder.read("summary")).toBeUndefined();
  });

  test.each([
    [2, "a plan right after it still changes something"],
    [1, "the plan right after it failed with status 1"],
  ])("fails where the plan after it ends with %d", (planStatus, message) => {
    const { status, output } = run(sha256("the plan"), COMMIT, planStatus);
    expect(status).toBe(1);
    expect(output).toContain(message);
  });
});

/** gh that lists what `listed` prints and keeps the body that it is given. */
function gh(listed: string): string {
  return `
    for argument in "$@"; do
      case $argument in body=@*) cp "\${argument#body=@}" "$TMPDIR/body" ;; esac
    done
    case "$*" in *--paginate*) printf '${listed}' ;; esac`;
}

describe("comment.sh", () => {
  const run = (
    reviews: Readonly<Record<string, string>>,
    listed = "",
    plans = "success",
  ): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({ gh: gh(listed) });
    for (const [name, text] of Object.entries(reviews)) {
      folder.write(`reviews/${name}.md`, text);
    }
    return folder.run(".github/scripts/comment.sh", ["7", "reviews", plans]);
  };

  test("makes one comment, plans before what is known without state, alerts last", () => {
    expect(run({ alerts: "of alerts\n", synth: "by synth\n", staging: "of staging\n", prod: "of prod\n" }).status).toBe(
      0,
    );
    expect(folder.calls.at(-1)).toMatch(
      /^gh api --silent --method POST repos\/contoso\/factories\/issues\/7\/comments --field body=@/,
    );
    const body = folder.read("body") ?? "";
    expect(body.startsWith("<!-- plan-review -->\n")).toBe(true);
    const places = ["of prod", "of staging", "by synth", "of alerts"].map((text) => body.indexOf(text));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
  });

  test("updates its comment where there is one", () => {
    expect(run({ synth: "by synth\n" }, "111\\n222\\n").status).toBe(0);
    expect(folder.calls.at(-1)).toMatch(
      /^gh api --silent --method PATCH repos\/contoso\/factories\/issues\/comments\/111 /,
    );
    expect(folder.calls).toHaveLength(2);
  });

  testWith("jq", "takes for its own only what its own account wrote under its own mark", () => {
    run({ synth: "by synth\n" });
    const filter = /--jq (.*)$/.exec(folder.calls[0] ?? "")?.[1] ?? "";
    const comment = (login: string, body: string, id: number): object => ({ user: { login }, body, id });
    const comments = [
      comment("somebody", "<!-- plan-review -->\nmine", 1),
      comment("github-actions[bot]", "quoting <!-- plan-review -->", 2),
      comment("github-actions[bot]", "<!-- plan-review -->\nours", 3),
    ];
    const found = execFileSync("jq", ["--raw-output", filter], { input: JSON.stringify(comments), encoding: "utf8" });
    expect(found).toBe("3\n");
  });

  test("stays within what GitHub takes, and says where the rest is", () => {
    // Characters of three bytes: GitHub counts characters.
    run({ synth: "→".repeat(40_000), prod: "→".repeat(60_000), staging: "→".repeat(30_000) });
    const body = folder.read("body") ?? "";
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(body).toContain("→".repeat(60_000));
    expect(body.match(/is too long to stand here as well; it is in the summary of \[the run]/g)).toHaveLength(2);
    expect(body).toContain("https://github.com/contoso/factories/actions/runs/42");
  });

  test("says where a plan failed", () => {
    run({ synth: "by synth\n" }, "", "failure");
    expect(folder.read("body")).toContain("Not every environment could be planned");
  });

  test("fails where GitHub cannot be asked, and writes nothing", () => {
    folder = new ScriptFolder({ gh: "exit 1" });
    folder.write("reviews/synth.md", "by synth");
    expect(folder.run(".github/scripts/comment.sh", ["7", "reviews", "success"]).status).not.toBe(0);
    expect(folder.calls).toHaveLength(1);
  });
});

describe("drift-issues.sh", () => {
  const run = (changes: string, listed = ""): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({ gh: gh(listed) });
    folder.write("drift/staging.changes", `${changes}\n`);
    folder.write("drift/staging.md", REVIEW);
    return folder.run(".github/scripts/drift-issues.sh", ["drift"]);
  };
  const written = (): string[] => folder.calls.filter((call) => call.includes("--method"));

  test("opens an issue with the review", () => {
    expect(run("true").output).toBe("staging: issue opened\n");
    expect(written()).toEqual([
      expect.stringMatching(/POST repos\/contoso\/factories\/issues --raw-field title=Drift in staging --field body=@/),
    ]);
    expect(folder.read("body")).toContain(REVIEW);
  });

  test("updates the issue that is open", () => {
    expect(run("true", "12\\n").output).toBe("staging: issue 12 updated\n");
    expect(written()).toEqual([expect.stringMatching(/PATCH repos\/contoso\/factories\/issues\/12 --field body=@/)]);
  });

  test("closes the issue when the drift is gone, and says so in it", () => {
    expect(run("false", "12\\n").output).toBe("staging: issue 12 closed\n");
    expect(written()).toEqual([
      expect.stringContaining("POST repos/contoso/factories/issues/12/comments"),
      expect.stringContaining("PATCH repos/contoso/factories/issues/12 --raw-field state=closed"),
    ]);
  });

  test("does nothing where there is neither drift nor issue", () => {
    expect(run("false").output).toBe("staging: no drift\n");
    expect(written()).toEqual([]);
  });

  test("does nothing where nothing was planned", () => {
    folder = new ScriptFolder({ gh: "exit 1" });
    folder.write("drift/readme", "");
    expect(folder.run(".github/scripts/drift-issues.sh", ["drift"])).toEqual({ status: 0, output: "" });
  });
});

describe("plan-blob.sh", () => {
  const TOKEN = "the-federated-token";
  const SHA = sha256("the plan");
  const run = (args: readonly string[]): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({ az: "", curl: `echo '{"value":"${TOKEN}"}'` });
    return folder.run(".github/scripts/plan-blob.sh", args, {
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example/?api-version=2.0",
      ARM_CLIENT_ID: "client",
      ARM_TENANT_ID: "tenant",
    });
  };

  test.each([
    ["put", ["plan.tfplan"], "upload", " --file plan.tfplan --overwrite true"],
    ["get", ["plan.tfplan"], "download", " --file plan.tfplan"],
    ["delete", [], "delete", ""],
  ])("%s signs in by OIDC and asks for exactly that blob", (action, file, command, rest) => {
    const { status, output } = run([action, "state", "staging-plans", `${SHA}.tfplan`, ...file]);
    expect(status).toBe(0);
    expect(folder.calls[0]).not.toContain("request-token");
    expect(folder.calls[0]).toContain("https://token.example/?api-version=2.0&audience=api://AzureADTokenExchange");
    expect(folder.calls.slice(1)).toEqual([
      `az login --service-principal --username client --tenant tenant --federated-token ${TOKEN} --allow-no-subscriptions`,
      `az storage blob ${command} --auth-mode login --account-name state --container-name staging-plans --name ${SHA}.tfplan${rest}`,
    ]);
    // Masked in the log before it is used, and not printed otherwise.
    expect(commandsIn(output)).toEqual([`::add-mask::${TOKEN}`]);
    expect(output.split(TOKEN)).toHaveLength(2);
  });

  test.each([
    ["@/proc/self/environ", "staging-plans", `${SHA}.tfplan`],
    ["state", "@/proc/self/environ", `${SHA}.tfplan`],
    ["state", "staging-plans", "@x"],
  ])("takes no file for a name: %s %s %s", (account, container, blob) => {
    expect(run(["put", account, container, blob, "plan.tfplan"]).status).toBe(1);
    expect(folder.calls).toEqual([]);
  });

  test("refuses what it does not know", () => {
    expect(run(["take", "state", "staging-plans", `${SHA}.tfplan`]).status).toBe(1);
  });
});

describe("the small ones", () => {
  test("environments.sh gives a matrix one line, and fails where the command does", () => {
    folder = new ScriptFolder({ npm: `printf '[\\n  { "name": "prod" }\\n]\\n'` });
    expect(folder.run(".github/scripts/environments.sh", ["prod", "--pull-requests"]).status).toBe(0);
    expect(outputsIn(folder.read("output") ?? "")).toEqual({ list: '[{"name":"prod"}]', names: "prod" });
    expect(folder.calls[0]).toBe("npm run -s environments -- --pipeline prod --pull-requests --json");
    folder.remove();
    folder = new ScriptFolder({ npm: "exit 1" });
    expect(folder.run(".github/scripts/environments.sh", ["nope"]).status).not.toBe(0);
    expect(folder.read("output")).toBeUndefined();
  });

  test.each([0, 1])("policy.sh shows the report and ends with its status %d", (status) => {
    folder = new ScriptFolder({ npm: `echo "error hub-local-auth"; exit ${status}` });
    expect(folder.run(".github/scripts/policy.sh", []).status).toBe(status);
    expect(folder.calls).toEqual(["npm run -s policy -- --markdown"]);
    expect(folder.read("summary")).toBe("error hub-local-auth\n");
  });

  test.each([
    [0, 0],
    [2, 0],
    [3, 0],
    [1, 1],
  ])("review-synth.sh makes %d of the review %d", (reviewStatus, status) => {
    folder = new ScriptFolder({ npm: `[ ${reviewStatus} = 1 ] || echo by synth >"\${@: -1}"; exit ${reviewStatus}` });
    const run = folder.run(".github/scripts/review-synth.sh", ["base", "head", "reviews"]);
    expect(run.status).toBe(status);
    expect(folder.calls).toEqual([
      expect.stringMatching(/^npm run -s review -- --synth base head .* --out reviews\/synth.md$/),
    ]);
    expect(run.output.includes("::warning")).toBe(reviewStatus === 3);
    expect(folder.read("summary")).toBe(status === 0 ? "by synth\n" : undefined);
  });
});

describe("compare-alerts.sh", () => {
  test.each([
    ["nothing changes", 0, undefined, false],
    ["alerts change", 2, "new alerts\n", false],
    ["it cannot be told", 1, undefined, true],
  ])("%s", (_, compareStatus, report, isWarned) => {
    folder = new ScriptFolder({ npm: `echo "new alerts" >"\${@: -1}"; exit ${compareStatus}` });
    const run = folder.run(".github/scripts/compare-alerts.sh", ["base", "head", "data.csv", "reviews"]);
    expect(run.status).toBe(0);
    expect(folder.calls).toEqual([
      expect.stringMatching(/^npm run -s rehearse -- compare base head --data data.csv .* --out reviews\/alerts.md$/),
    ]);
    expect(folder.read("reviews/alerts.md")).toBe(report);
    expect(folder.read("summary")).toBe(report);
    expect(run.output.includes("::warning")).toBe(isWarned);
  });
});

describe("shellcheck", () => {
  testWith("shellcheck", "has nothing to say about any script", () => {
    folder = new ScriptFolder({});
    const { stdout } = spawnSync("shellcheck", scripts, { encoding: "utf8" });
    expect(stdout).toBe("");
  });
});
