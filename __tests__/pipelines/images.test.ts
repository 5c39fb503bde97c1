import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outputsIn } from "../support/runner-commands";
import { ScriptFolder } from "../support/stand-ins";
import { IMAGE_SOURCES } from "../../edge-manifests/image-sources";

let folder: ScriptFolder;

afterEach(() => {
  folder.remove();
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const RUNNER = {
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "contoso/factory",
  GITHUB_SHA: "a".repeat(40),
  GITHUB_RUN_NUMBER: "7",
  GITHUB_RUN_ATTEMPT: "1",
};

describe("build-images.sh", () => {
  const run = (docker: string): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({ docker });
    return folder.run(".github/scripts/build-images.sh", ["images"], {
      ...RUNNER,
      GITHUB_OUTPUT: join(folder.path, "output"),
    });
  };
  const WRITES =
    'for argument in "$@"; do case $argument in type=oci,dest=*) echo built >"${argument#*dest=}" ;; esac; done';

  test("builds each image of the repository for both architectures, with SBOM and provenance", () => {
    expect(run(WRITES)).toMatchObject({ status: 0 });
    const builds = folder.calls.filter((call) => call.startsWith("docker buildx build"));
    expect(builds).toHaveLength(Object.keys(IMAGE_SOURCES).length);
    for (const { repository, dockerfile } of Object.values(IMAGE_SOURCES)) {
      const build = builds.find((call) => call.includes(`dest=images/${repository}.tar`));
      expect(build).toContain("--platform linux/amd64,linux/arm64 --provenance mode=max --sbom true");
      expect(build).toContain(`--label org.opencontainers.image.revision=${"a".repeat(40)} --file ${dockerfile} `);
    }
    const sums = folder.read("images/SHA256SUMS") ?? "";
    expect(outputsIn(folder.read("output") ?? "")).toEqual({ sha256: sha256(sums) });
  });

  test("ends where an image cannot be built", () => {
    expect(run('[ "$2" != build ]')).toMatchObject({ status: 1 });
    expect(folder.read("output")).toBeUndefined();
  });
});

describe("main-only.sh", () => {
  const run = (policy: string, branches: string): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({
      gh: `case $2 in *deployment-branch-policies) echo "${branches}" ;; *) ${policy} ;; esac`,
    });
    return folder.run(".github/scripts/main-only.sh", ["images"], { ...RUNNER, GH_TOKEN: "token" });
  };

  test("takes an environment that main alone may use", () => {
    expect(run("echo true", "main")).toMatchObject({ status: 0 });
    expect(folder.calls[0]).toContain("gh api repos/contoso/factory/environments/images");
  });

  test.each([
    ["is not there", "exit 1", "main"],
    ["takes every branch", "echo null", "main"],
    ["takes protected branches, whichever they are", "echo false", "main"],
    ["takes another branch as well", "echo true", "main release/*"],
    ["takes none", "echo true", ""],
  ])("refuses one that %s", (_what, policy, branches) => {
    expect(run(policy, branches)).toMatchObject({ status: 1 });
  });
});

describe("push-images.sh", () => {
  const MANIFEST = "the index of all architectures";
  const programs = {
    curl: `cat >/dev/null; echo '{"value":"the-workflow"}'`,
    az: `[ "$1" = login ] || echo token-of-the-registry`,
    skopeo: `case $1 in login) cat >"$REGISTRY_AUTH_FILE" ;; inspect) printf '${MANIFEST}' ;; esac`,
    cosign: "",
  };
  const IMAGES = { "anomaly-detector.tar": "detector", "anomaly-training.tar": "training" };
  const SUMS = Object.entries(IMAGES)
    .map(([name, text]) => `${sha256(text)}  ${name}\n`)
    .join("");

  const run = (
    changed: Readonly<Record<string, string>> = {},
    registry = "crfactory.azurecr.io",
    more: Readonly<Record<string, string>> = {},
  ): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({ ...programs, ...more });
    for (const [name, text] of Object.entries({ ...IMAGES, SHA256SUMS: SUMS, ...changed })) {
      folder.write(`images/${name}`, text);
    }
    return folder.run(".github/scripts/push-images.sh", ["images", sha256(SUMS), registry], {
      ...RUNNER,
      AZURE_CLIENT_ID: "client",
      AZURE_TENANT_ID: "tenant",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example/?v=1",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
      GITHUB_STEP_SUMMARY: join(folder.path, "summary"),
    });
  };
  const pushed = (): string[] => folder.calls.filter((call) => /^(skopeo copy|cosign)/.test(call));

  test("pushes every architecture of each image, signs the digest and says what to deploy", () => {
    expect(run()).toMatchObject({ status: 0 });
    const digest = `sha256:${sha256(MANIFEST)}`;
    expect(pushed()).toEqual(
      ["anomaly-detector", "anomaly-training"].flatMap((repository) => [
        `skopeo copy --all --preserve-digests oci-archive:images/${repository}.tar docker://crfactory.azurecr.io/${repository}:1.0.7-1`,
        `cosign sign --yes crfactory.azurecr.io/${repository}@${digest}`,
      ]),
    );
    expect(folder.read("summary")).toContain(`\`anomaly-detector\`: \`1.0.7-1@${digest}\``);
  });

  test("what the summary says is what an environment takes", () => {
    run();
    const [, value = ""] = /`anomaly-detector`: `([^`]+)`/.exec(folder.read("summary") ?? "") ?? [];
    const rules = readFileSync("constructs/edge/edge-settings-problems.ts", "utf8");
    expect(rules).toContain('pinnedTag("detector", version.detector, "1.0.0", "(@sha256:[0-9a-f]{64})?")');
    expect(value).toMatch(/^[A-Za-z0-9_][\w.-]{0,127}@sha256:[0-9a-f]{64}$/);
  });

  test("no token is in an argument of a program that others can see, but the one that has a few minutes", () => {
    run();
    expect(folder.calls.join("\n")).not.toMatch(/request-token|token-of-the-registry/);
  });

  test.each([
    ["an image is another", { "anomaly-detector.tar": "other" }, undefined],
    ["the list of checksums is another", { SHA256SUMS: SUMS.toUpperCase() }, undefined],
    ["the registry is somewhere else", {}, "registry.example.com"],
  ])("pushes nothing where %s", (_what, changed, registry) => {
    expect(run(changed, registry)).toMatchObject({ status: 1 });
    expect(folder.calls).toEqual([]);
  });

  test("signs nothing that was not pushed", () => {
    const skopeo = `case $1 in login) cat >/dev/null ;; copy) exit 1 ;; esac`;
    expect(run({}, undefined, { skopeo })).toMatchObject({ status: 1 });
    expect(folder.calls.some((call) => call.startsWith("cosign"))).toBe(false);
  });

  test("pushes nothing where Azure refuses to sign in", () => {
    expect(run({}, undefined, { az: "exit 1" })).toMatchObject({ status: 1 });
    expect(pushed()).toEqual([]);
  });
});

describe("push-model-image.sh", () => {
  const MODEL = "a model";
  const MANIFEST = "the index of all architectures";
  const TAG = "model-0123456789ab";
  const REQUEST = {
    build: true,
    registry: "crfactory.azurecr.io",
    base: `crfactory.azurecr.io/anomaly-detector@sha256:${"e".repeat(64)}`,
    repository: "anomaly-detector",
    tag: TAG,
    models: [sha256(MODEL)],
  };
  /** Fails to find an image until it was pushed. */
  const programs = (isThere: boolean): Record<string, string> => ({
    curl: `cat >/dev/null; echo '{"value":"the-workflow"}'`,
    az: `case "$1 $2" in
      "acr login") echo token-of-the-registry ;;
      "storage blob") while [ "$1" != --file ]; do shift; done; printf '${MODEL}' >"$2" ;;
    esac`,
    skopeo: `case $1 in
      login) cat >"$REGISTRY_AUTH_FILE" ;;
      copy) touch pushed ;;
      inspect) [ -e pushed ] || ${isThere} || exit 1; printf '${MANIFEST}' ;;
    esac`,
    docker:
      'for argument in "$@"; do last=$argument; done; [ "$2" = create ] || find "$last" -type f -printf "context %P %T@\\n" >>calls',
    cosign: "",
  });
  const run = (
    changed: object = {},
    { isThere = false, more = {} }: { isThere?: boolean; more?: Record<string, string> } = {},
  ): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({ ...programs(isThere), ...more });
    folder.write("image.json", JSON.stringify({ ...REQUEST, ...changed }));
    return folder.run(".github/scripts/push-model-image.sh", ["image.json", "crfactory.azurecr.io", "stfactorylake"], {
      ...RUNNER,
      AZURE_CLIENT_ID: "client",
      AZURE_TENANT_ID: "tenant",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example/?v=1",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
      GITHUB_OUTPUT: join(folder.path, "output"),
      GITHUB_STEP_SUMMARY: join(folder.path, "summary"),
    });
  };
  const image = { image: `${TAG}@sha256:${sha256(MANIFEST)}` };

  test("copies the models into an image on the detector's, at no time, pushes and signs it", () => {
    expect(run()).toMatchObject({ status: 0 });
    expect(outputsIn(folder.read("output") ?? "")).toEqual(image);
    const build = folder.calls.find((call) => call.startsWith("docker buildx build")) ?? "";
    expect(build).toContain(`--build-arg DETECTOR_IMAGE=${REQUEST.base} --build-arg SOURCE_DATE_EPOCH=0`);
    expect(build).toContain("--platform linux/amd64,linux/arm64");
    expect(folder.read("calls")).toContain(`context models/${sha256(MODEL)}/model.onnx 0.0`);
    expect(folder.calls.filter((call) => /^(skopeo copy|cosign)/.test(call))).toEqual([
      expect.stringMatching(new RegExp(`^skopeo copy .*docker://crfactory.azurecr.io/anomaly-detector:${TAG}$`)),
      `cosign sign --yes crfactory.azurecr.io/anomaly-detector@sha256:${sha256(MANIFEST)}`,
    ]);
  });

  test("takes an image that the registry has under the same tag", () => {
    expect(run({}, { isThere: true })).toMatchObject({ status: 0 });
    expect(outputsIn(folder.read("output") ?? "")).toEqual(image);
    expect(folder.calls.some((call) => /^(docker|skopeo copy|cosign|az storage)/.test(call))).toBe(false);
  });

  test.each([
    ["a model has another hash", { models: [sha256("another")] }],
    ["a model's hash is none", { models: ["../x"] }],
    ["no model is named", { models: [] }],
    ["the environment has another registry", { registry: "crother.azurecr.io" }],
    ["the detector comes from another registry", { base: "crother.azurecr.io/anomaly-detector:1" }],
    ["the registry's dots are other letters", { base: "crfactoryXazurecr.io/anomaly-detector:1" }],
    ["the tag is another's", { tag: "1.0.0" }],
    ["the repository is none", { repository: "a/../b" }],
  ])("pushes nothing where %s", (_what, changed) => {
    expect(run(changed)).toMatchObject({ status: 1 });
    expect(folder.calls.some((call) => /^(docker|skopeo copy|cosign)/.test(call))).toBe(false);
    expect(folder.read("output")).toBeUndefined();
  });

  test("hands nothing on where the build fails", () => {
    expect(run({}, { more: { docker: '[ "$2" != build ]' } })).toMatchObject({ status: 1 });
    expect(folder.read("output")).toBeUndefined();
  });
});

describe("promotion.sh", () => {
  const run = (variables: Record<string, string>): ReturnType<ScriptFolder["run"]> => {
    folder = new ScriptFolder({ npm: "" });
    return folder.run(".github/scripts/promotion.sh", ["plan", "models.json", "promotion.json"], {
      ...RUNNER,
      PROMOTE: "prod 2026.12",
      ...variables,
    });
  };
  const CALL = "npm run -s promote -- plan prod 2026.12 --models models.json --out promotion.json";

  test.each([
    [{}, CALL],
    [{ SHADOW: "false", DETECTOR: "", IMAGE: "" }, CALL],
    [{ SHADOW: "true", DETECTOR: "1@d", IMAGE: "m@d" }, `${CALL} --shadow --detector 1@d --image m@d`],
  ])("with %j calls the program", (variables, call) => {
    expect(run(variables)).toMatchObject({ status: 0 });
    expect(folder.calls).toEqual([call]);
  });
});

describe("the program that promotes", () => {
  const receive = (checksum: string): ReturnType<ScriptFolder["run"]> =>
    folder.run(".github/scripts/receive-promotion.sh", ["handed/promote.js", checksum], RUNNER);

  test("is handed over to the byte, and another one is refused", () => {
    folder = new ScriptFolder({ npm: "" });
    folder.write("dist/promote.js", "the program");
    const output = join(folder.path, "output");
    const run = folder.run(".github/scripts/hand-over-promotion.sh", ["dist/promote.js", "handed"], {
      ...RUNNER,
      GITHUB_OUTPUT: output,
    });
    expect(run).toMatchObject({ status: 0 });
    expect(folder.calls).toEqual(["npm run --silent compile"]);
    const { sha256: checksum = "" } = outputsIn(folder.read("output") ?? "");
    expect(receive(checksum)).toMatchObject({ status: 0 });
    folder.write("handed/promote.js", "another program");
    expect(receive(checksum)).toMatchObject({ status: 1 });
  });
});
