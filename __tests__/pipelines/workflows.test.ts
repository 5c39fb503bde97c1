import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { IMAGE_SOURCES } from "../../edge-manifests/image-sources";
import { actions, job, scripts, steps, workflow, workflows } from "../support/workflows";

const { scripts: npmScripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};
const files = [...workflows, ...actions];

describe("actions", () => {
  const written = files.flatMap(({ path, text }) =>
    [...text.matchAll(/^\s*(?:- )?uses: (\S+)(?: # (\S+))?$/gm)].map(([, action = "", version]) => ({
      path,
      action,
      version,
    })),
  );

  test("are all found by these tests", () => {
    const called = workflows.flatMap(({ content }) => Object.values(content.jobs).filter(({ uses }) => uses));
    expect(written).toHaveLength(steps.filter(({ uses }) => uses).length + called.length);
  });

  test("from outside are pinned to a commit, with the version beside it", () => {
    const outside = written.filter(({ action }) => !action.startsWith("./"));
    expect(outside.length).toBeGreaterThan(0);
    for (const { path, action, version } of outside) {
      expect(`${path} ${action} ${version ?? ""}`).toMatch(/ [\w-]+\/[\w-]+@[0-9a-f]{40} v\d+\.\d+\.\d+$/);
    }
  });

  test("have one pin each", () => {
    const pins = new Map<string, Set<string>>();
    for (const { action, version = "" } of written) {
      const [name = "", commit = ""] = action.split("@");
      pins.set(name, (pins.get(name) ?? new Set()).add(`${commit} ${version}`));
    }
    expect([...pins.values()].filter(({ size }) => size > 1)).toEqual([]);
  });

  test("of this repository exist", () => {
    const own = written.filter(({ action }) => action.startsWith("./"));
    expect(own.length).toBeGreaterThan(0);
    for (const { action } of own) {
      expect({ action, exists: existsSync(action.endsWith(".yml") ? action : `${action}/action.yml`) }).toEqual({
        action,
        exists: true,
      });
    }
  });
});

describe("calls within this repository", () => {
  const inputsOf = (path: string): Readonly<Record<string, { readonly required?: boolean }>> =>
    path.endsWith(".yml")
      ? (workflow("deploy-environment.yml").on.workflow_call as { inputs: Record<string, { required?: boolean }> })
          .inputs
      : (actions.find((action) => action.path === `${path.slice(2)}/action.yml`)?.content.inputs ?? {});
  const calls = [...steps, ...workflows.flatMap(({ content }) => Object.values(content.jobs))].filter(({ uses }) =>
    uses?.startsWith("./"),
  );

  test("give the inputs that there are, and all that are required", () => {
    expect(calls.length).toBeGreaterThan(0);
    for (const { uses = "", with: given = {} } of calls) {
      const inputs = inputsOf(uses);
      const required = Object.keys(inputs).filter((name) => inputs[name]?.required === true);
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
      expect(Object.keys(given)).toEqual(expect.arrayContaining(required));
    }
  });

  test("read the outputs that there are", () => {
    const plan = actions.find(({ path }) => path.includes("/plan/"))?.content.outputs ?? {};
    const read = new Set(
      workflows.flatMap(({ text }) => [...text.matchAll(/steps\.plan\.outputs\.([\w-]+)/g)].map(([, name]) => name)),
    );
    expect(Object.keys(plan)).toEqual(expect.arrayContaining([...read]));
    expect(read.size).toBeGreaterThan(0);
  });
});

describe("rights", () => {
  /** Everything that a job may do beyond reading the repository. */
  const ELEVATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "deploy.yml protection": { actions: "read" },
    "deploy.yml deploy": { actions: "read", "id-token": "write" },
    "deploy-environment.yml plan": { "id-token": "write" },
    "deploy-environment.yml apply": { actions: "read", "id-token": "write" },
    "drift.yml protection": { actions: "read" },
    "drift.yml plan": { "id-token": "write" },
    "drift.yml doctor": { "id-token": "write" },
    "drift.yml issues": { issues: "write" },
    "image.yml protection": { actions: "read" },
    "image.yml push": { "id-token": "write" },
    "promote.yml protection": { actions: "read" },
    "promote.yml models": { "id-token": "write" },
    "promote.yml image": { "id-token": "write" },
    "promote.yml propose": { contents: "write", "pull-requests": "write" },
    "pull-request.yml protection": { actions: "read" },
    "pull-request.yml plan": { "id-token": "write" },
    "pull-request.yml comment": { "pull-requests": "write" },
  };
  const jobs = workflows.flatMap(({ path, content }) =>
    Object.entries(content.jobs).map(([name, one]) => ({ ...one, id: `${path.split("/").at(-1) ?? ""} ${name}` })),
  );

  test("of every workflow are to read the repository", () => {
    expect(workflows.map(({ content }) => content.permissions)).toEqual(workflows.map(() => ({ contents: "read" })));
  });

  test("beyond that are those of the list", () => {
    const elevated = jobs.flatMap(({ id, permissions }) => {
      const { contents = "read", ...more } = permissions ?? {};
      return permissions === undefined ? [] : [[id, contents === "read" ? more : { contents, ...more }]];
    });
    expect(Object.fromEntries(elevated) as unknown).toEqual(ELEVATIONS);
  });

  test("to speak to Azure are never in the same job as those to write in GitHub", () => {
    const both = jobs.filter(({ permissions = {} }) => {
      const rights = Object.entries(permissions).filter(([, right]) => right === "write");
      return permissions["id-token"] === "write" && rights.length > 1;
    });
    expect(both).toEqual([]);
  });

  test("to speak to Azure come with a GitHub environment", () => {
    const speaking = jobs.filter(({ permissions, uses }) => permissions?.["id-token"] !== undefined && !uses);
    expect(speaking.map(({ id, environment }) => [id, environment])).toEqual([
      ["deploy-environment.yml plan", "${{ inputs.name }}-plan"],
      ["deploy-environment.yml apply", "${{ inputs.name }}"],
      ["drift.yml plan", "${{ matrix.environment.name }}-plan"],
      ["drift.yml doctor", "${{ matrix.environment.name }}-plan"],
      ["image.yml push", "images"],
      ["promote.yml models", "models"],
      ["promote.yml image", "images"],
      ["pull-request.yml plan", "${{ matrix.environment.name }}-pull-request"],
    ]);
  });

  test("are never those of the base for code of a pull request", () => {
    const triggers = workflows.flatMap(({ content }) => Object.keys(content.on));
    expect(triggers).not.toContain("pull_request_target");
    expect(triggers).not.toContain("workflow_run");
    expect(triggers).toContain("pull_request");
  });

  test("stay with the checkout's own step", () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(0);
    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });

  test("come from one secret, HCP Terraform's token", () => {
    const used = new Set(files.flatMap(({ text }) => [...text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name)));
    expect([...used]).toEqual(["TF_API_TOKEN"]);
  });
});

describe("scripts", () => {
  test("of steps take everything from variables", () => {
    const running = steps.filter(({ run }) => run !== undefined);
    expect(running.length).toBeGreaterThan(0);
    expect(running.filter(({ run }) => run?.includes("${{"))).toEqual([]);
  });

  test("of jobs end at the first mistake", () => {
    for (const { content } of workflows) {
      expect(content.defaults?.run?.shell).toBe("bash -euo pipefail {0}");
    }
    // GitHub runs `shell: bash` with `--noprofile --norc -eo pipefail`.
    const inActions = actions.flatMap(({ content }) => content.runs.steps.filter(({ run }) => run !== undefined));
    expect(inActions.map(({ shell }) => shell)).toEqual(inActions.map(() => "bash"));
  });

  test("call npm scripts that exist", () => {
    const texts = [...files.map(({ text }) => text), ...scripts.map((path) => readFileSync(path, "utf8"))];
    const called = texts.flatMap((text) => [...text.matchAll(/npm run (?:(?:-s|--silent) )?([\w:-]+)/g)]);
    const names = new Set(called.map(([, name = ""]) => name));
    expect([...names].sort()).toEqual(
      [
        "compile",
        "docs",
        "doctor",
        "environments",
        "lint",
        "policy",
        "promote",
        "rehearse",
        "review",
        "synth",
        "typecheck",
      ].sort(),
    );
    expect([...names].filter((name) => !(name in npmScripts))).toEqual([]);
  });

  test("that are files exist, may be run, and are used", () => {
    const texts = [...files.map(({ text }) => text), ...scripts.map((path) => readFileSync(path, "utf8"))].join("\n");
    const named = new Set(
      [...texts.matchAll(/(?:\.github\/scripts|\$scripts|\$\(dirname "\$0"\))\/([\w-]+\.sh)/g)].map(([, name]) => name),
    );
    expect([...named].sort()).toEqual(scripts.map((path) => path.split("/").at(-1)));
    for (const path of scripts) {
      expect(() => {
        accessSync(path, constants.X_OK);
      }).not.toThrow();
      expect(readFileSync(path, "utf8")).toMatch(/^#!\/usr\/bin\/env bash\n(#.*\n)+set -euo pipefail\n/);
    }
  });

  test("have an end to their time", () => {
    const running = workflows.flatMap(({ content }) => Object.values(content.jobs).filter(({ uses }) => !uses));
    for (const { "timeout-minutes": minutes } of running) {
      expect(minutes).toBeGreaterThan(0);
      expect(minutes).toBeLessThanOrEqual(120);
    }
  });
});

describe("deploying", () => {
  const called = job("deploy.yml", "deploy");
  const plan = job("deploy-environment.yml", "plan");
  const apply = job("deploy-environment.yml", "apply");

  test("happens for what is on main only, one environment after the other", () => {
    expect(workflow("deploy.yml").on).toEqual({ push: { branches: ["main"] }, workflow_dispatch: null });
    expect(job("deploy.yml", "synthesize").if).toBe("github.ref == 'refs/heads/main'");
    expect(called.strategy).toMatchObject({ "max-parallel": 1, "fail-fast": true });
  });

  test("of one environment is never broken off by another run", () => {
    expect(called.concurrency).toEqual({
      group: "deploy-${{ matrix.environment.name }}",
      "cancel-in-progress": false,
    });
    expect(workflow("deploy.yml")).not.toHaveProperty("concurrency");
  });

  test("plans and saves without approval, and applies with it, only where there is something to do", () => {
    const planning = plan.steps?.find(({ uses }) => uses === "./.github/actions/plan");
    expect(planning?.with).toMatchObject({ purpose: "save" });
    expect(plan.environment).toBe("${{ inputs.name }}-plan");
    expect(apply.needs).toBe("plan");
    expect(apply.if).toBe("needs.plan.outputs.changes == 'true'");
    expect(apply.environment).toBe("${{ inputs.name }}");
  });

  test("applies with the checksum and the commit that were reviewed", () => {
    const applying = apply.steps?.find(({ run }) => run?.startsWith(".github/scripts/apply.sh"));
    expect(applying?.env).toMatchObject({
      SHA256: "${{ needs.plan.outputs.sha256 }}",
      LOCK_SHA256: "${{ needs.plan.outputs.lock-sha256 }}",
      COMMIT: "${{ needs.plan.outputs.commit }}",
    });
    const checkout = apply.steps?.find(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkout?.with).toMatchObject({ ref: "${{ needs.plan.outputs.commit }}" });
    expect(plan.outputs).toMatchObject({
      sha256: "${{ steps.plan.outputs.sha256 }}",
      commit: "${{ steps.commit.outputs.id }}",
    });
  });

  test("never plans again in the job that applies", () => {
    expect(apply.steps?.map(({ uses }) => uses)).not.toContain("./.github/actions/plan");
  });

  test("looks without keeping anything on pull requests and at night", () => {
    for (const file of ["pull-request.yml", "drift.yml"]) {
      const planning = job(file, "plan").steps?.find(({ uses }) => uses === "./.github/actions/plan");
      expect(planning?.with).toMatchObject({ purpose: "look" });
    }
  });

  test("runs on the Node.js that has long-term support", () => {
    const versions = steps.flatMap((step) => step.with?.["node-version"] ?? []);
    expect(versions).toEqual(versions.map(() => "24"));
    expect(versions.length).toBeGreaterThan(1);
  });

  test("leaves the bootstrap stack to people", () => {
    const texts = [...files.map(({ text }) => text), ...scripts.map((path) => readFileSync(path, "utf8"))];
    expect(texts.filter((text) => text.includes("stacks/bootstrap"))).toEqual([]);
  });
});

describe("images", () => {
  const build = job("image.yml", "build");
  const push = job("image.yml", "push");

  test("are built from main alone, where a registry is named, without any right", () => {
    expect(build.if).toBe("github.ref == 'refs/heads/main' && vars.IMAGE_REGISTRY != ''");
    expect(build.permissions).toBeUndefined();
  });

  test("are built again when something changes that one of them holds", () => {
    const { paths } = workflow("image.yml").on.push as { paths: string[] };
    const covers = (input: string): boolean =>
      paths.some((path) => path === input || (path.endsWith("/**") && input.startsWith(path.slice(0, -2))));
    // Scripts and settings of the root change often, and nothing in an image with them.
    const left = Object.values(IMAGE_SOURCES)
      .flatMap(({ inputs }) => [...inputs])
      .filter((input) => !covers(`${input}/`) && !covers(input));
    expect(left).toEqual(["package.json", "tsconfig.json"]);
  });

  test("are scanned before they are handed on, each of them", () => {
    const order = (build.steps ?? []).map(({ id, uses }) => id ?? uses?.split("@")[0]);
    expect(order.slice(-4)).toEqual([
      "images",
      "anchore/scan-action",
      "anchore/scan-action",
      "actions/upload-artifact",
    ]);
    const scanned = (build.steps ?? []).flatMap((step) => (step.uses?.startsWith("anchore/") ? [step.with] : []));
    expect(scanned.map((inputs) => inputs?.image)).toEqual(
      Object.values(IMAGE_SOURCES).map(({ repository }) => `oci-archive:\${{ runner.temp }}/images/${repository}.tar`),
    );
    expect(scanned.filter((inputs) => inputs?.["fail-build"] !== true)).toEqual([]);
  });

  test("are pushed after the environment was found to be protected, and run nowhere", () => {
    expect(push.needs).toEqual(["build", "protection"]);
    expect(push.steps?.flatMap(({ run }) => (run === undefined ? [] : [run]))).toEqual([
      '.github/scripts/push-images.sh "$RUNNER_TEMP/images" "$SHA256" "$REGISTRY"',
    ]);
  });
});

describe("promotion", () => {
  const runs = (name: string): string => (job("promote.yml", name).steps ?? []).map(({ run }) => run ?? "").join("\n");

  test("happens on main alone, where an environment and a version are named", () => {
    expect(job("promote.yml", "program").if).toBe("github.ref == 'refs/heads/main' && vars.PROMOTE != ''");
  });

  test("installs nothing where there is a token, and runs only the program whose checksum GitHub carries", () => {
    for (const name of ["models", "propose"]) {
      const uses = (job("promote.yml", name).steps ?? []).flatMap(({ uses: action }) => action ?? []);
      expect(uses.filter((action) => action.startsWith("./"))).toEqual([]);
      expect(runs(name)).not.toContain("npm");
      expect(runs(name)).toMatch(/receive-promotion\.sh "[^"]+promote\.js" "\$SHA256"\n\s*node "[^"]+promote\.js" /);
    }
  });

  test.each([
    ["choose", "image"],
    ["plan", "plan"],
  ])("%s runs with packages from npm and without any token", (name, command) => {
    expect(job("promote.yml", name).permissions).toBeUndefined();
    expect(runs(name)).toContain(`.github/scripts/promotion.sh ${command} `);
  });

  test("builds the image of models without packages, as the identity of images", () => {
    const { steps: own = [], environment, if: condition } = job("promote.yml", "image");
    expect({ environment, condition }).toEqual({
      environment: "images",
      condition: "needs.choose.outputs.build == 'true' && vars.IMAGE_REGISTRY != ''",
    });
    expect(own.flatMap(({ uses }) => (uses?.startsWith("./") ? [uses] : []))).toEqual([]);
    expect(own.flatMap(({ run }) => run ?? [])).toEqual([
      '.github/scripts/push-model-image.sh "$RUNNER_TEMP/image/image.json" "$REGISTRY" "$ACCOUNT"',
    ]);
  });
});
