import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MACHINE_LEARNING_API } from "../../constructs/machine-learning/machine-learning-workspace";
import { MODEL_NAME } from "../../constructs/machine-learning/training-pipeline";
import { staging } from "../../environments/staging";
import { organization } from "../../environments/organization";
import { promote } from "../../stacks/commands/promote";
import { REGISTERED } from "../../stacks/commands/promotion/candidates";
import { modelImageTag } from "../../edge-manifests/model-image";
import { withVersion } from "../../stacks/commands/promotion/edit";
import { type Configured, planImage, planPromotion } from "../../stacks/commands/promotion/plan";
import { readPromotion } from "../../stacks/commands/promotion/promotion";
import { listenToConsole } from "../support/console";
import { PullRequestStandIn } from "../support/pull-requests";

const { printed, complained } = listenToConsole();

const WORKSPACE =
  "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/mlw-anomaly";
const STORE = "https://models.example.com/models";
const FILE = "environments/staging.ts";
const SOURCE = readFileSync(FILE, "utf8");
const [VERSION = ""] = Object.keys(staging.edge?.versions ?? {});
const SIGNALS = (staging.streamAnalytics?.signals ?? [{ name: "temperature" }, { name: "pressure" }])
  .map(({ name }) => name)
  .join();

type Tags = Record<string, string>;
const hash = (digit: string): string => digit.repeat(64);
const DIGEST = `sha256:${"d".repeat(64)}`;
const DETECTOR = staging.edge?.versions[VERSION]?.detector ?? "";
/** The image that the registry would have of these models. */
const imageOf = (...models: string[]): string => `${modelImageTag({ detector: DETECTOR, models })}@${DIGEST}`;

/** A registered version as Resource Manager lists it. */
function registered(digit: string, day: number, tags: Partial<Tags> = {}): Record<string, unknown> {
  return {
    name: digit.repeat(12),
    systemData: { createdAt: `2026-11-${day}T02:10:00Z` },
    properties: {
      tags: {
        sha256: hash(digit),
        window: "16",
        bytes: "40000",
        signals: SIGNALS,
        kind: "autoencoder",
        faultsFound: "0.8",
        faultsFoundBySimpler: "0.3",
        falseAlertsPerMachineMonth: "0.5",
        confirmedFaults: "2/3",
        ...tags,
      },
    },
  };
}

let models: Record<string, unknown>[];
let workspace: Server;
let azure: string;
let github: PullRequestStandIn;
let githubAddress: string;
let folder: string;
let source: string;
let environment: typeof staging;
/** Whether the workspace answers for itself. */
let workspaceIsThere: boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "promote-"));
  models = [];
  source = SOURCE;
  environment = staging;
  workspaceIsThere = true;
  // Two a page, with links to the next one.
  workspace = createServer((request, response) => {
    const url = new URL(request.url ?? "/", azure);
    if (models.length === 0 || url.pathname === WORKSPACE) {
      const isFound = url.pathname === WORKSPACE && workspaceIsThere;
      response.writeHead(isFound ? 200 : 404).end("{}");
      return;
    }
    const page = Number(url.searchParams.get("page") ?? 0);
    const isKnown = url.pathname === `${WORKSPACE}/models/anomaly-detector/versions`;
    const allowed = request.headers.authorization === "Bearer azure-token" && isKnown;
    const next = (page + 1) * 2 < models.length ? `${azure}${url.pathname}?page=${page + 1}` : undefined;
    const value = models.slice(page * 2, page * 2 + 2);
    response
      .writeHead(allowed ? 200 : 403)
      .end(JSON.stringify({ value, ...(next !== undefined && { nextLink: next }) }));
  }).listen(0, "127.0.0.1");
  await once(workspace, "listening");
  azure = `http://127.0.0.1:${(workspace.address() as AddressInfo).port}`;
  github = new PullRequestStandIn("github-token");
  githubAddress = await github.start();
  github.branches.set("main", new Map([[FILE, source]]));
});

afterEach(async () => {
  workspace.closeAllConnections();
  workspace.close();
  await github.stop();
  rmSync(folder, { recursive: true });
});

const configured = (): Configured => ({
  organization,
  environments: [environment],
  files: new Map([["staging", FILE]]),
  read: () => source,
  format: (_file, text) => Promise.resolve(text),
});

/** All steps, as the workflow runs them; the registry has a digest for what it is asked to build. */
async function run(...options: string[]): Promise<number> {
  const [list, wanted, change] = ["models.json", "image.json", "promotion.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const variables = {
    AZURE_RESOURCE_MANAGER: azure,
    GITHUB_API_URL: githubAddress,
    GITHUB_REPOSITORY: "contoso/edge",
    GH_TOKEN: "github-token",
  };
  const around = {
    variables,
    tokenFor: () => Promise.resolve("azure-token"),
    planning: {
      planImage: (...[name, version, found, asked]: Parameters<typeof planImage>) =>
        planImage(name, version, found, asked, configured()),
      planPromotion: (...[name, version, found, asked]: Parameters<typeof planPromotion>) =>
        planPromotion(name, version, found, asked, configured()),
    },
  };
  const given = ["staging", VERSION, "--models", list, ...options];
  let status = await promote(["models", "--workspace", WORKSPACE, "--out", list], around);
  status ||= await promote(["image", ...given, "--out", wanted], around);
  if (status !== 0) return status;
  const request = JSON.parse(readFileSync(wanted, "utf8")) as ReturnType<typeof planImage>;
  const built = typeof request !== "string" && request.build ? ["--image", `${request.tag}@${DIGEST}`] : [];
  status = await promote(["plan", ...given, ...built, "--out", change], around);
  return status === 0 ? promote(["open", change], around) : status;
}

const BRANCH = `promote/staging-${VERSION}`;
const proposed = (): string => github.branches.get(BRANCH)?.get(FILE) ?? "";

/** Lines of one text that the other does not have. */
const added = (after: string, before: string): string[] =>
  after.split("\n").filter((line) => !before.split("\n").includes(line));

test("the newest model becomes a pull request that changes one place", async () => {
  models = [registered("a", 10), registered("c", 24), registered("b", 17)];
  expect(await run()).toBe(0);
  expect(github.pulls).toMatchObject([{ state: "open", head: BRANCH, title: expect.stringContaining("cccccccccccc") }]);
  expect(github.pulls[0]?.body).toContain("| injected faults found | 80 % | no model |");
  expect(github.pulls[0]?.body).toContain("| found by the detector without a model | not compared | no model |");
  expect(added(proposed(), SOURCE)).toHaveLength(1);
  expect(proposed()).toContain(
    `model: { version: "cccccccccccc", sha256: "${hash("c")}", window: 16 }, modelImage: "${imageOf(hash("c"))}"`,
  );
  expect(github.branches.get("main")?.get(FILE)).toBe(SOURCE);
});

test("it is left alone while nothing changes, and updated by a newer model", async () => {
  models = [registered("a", 10)];
  await run();
  const writes = github.writes.length;
  expect(await run()).toBe(0);
  expect(github.writes.length).toBe(writes);
  expect(printed.at(-1)).toBe(`pull request of ${BRANCH}: unchanged`);
  models.push(registered("b", 17));
  expect(await run()).toBe(0);
  expect(printed.at(-1)).toBe(`pull request of ${BRANCH}: updated`);
  expect(github.pulls).toHaveLength(1);
  expect(github.pulls[0]?.title).toContain("bbbbbbbbbbbb");
  expect(proposed()).toContain(hash("b"));
  expect(proposed()).not.toContain(hash("a"));
});

test("it is closed with the reason when a worse model comes after it, and its branch goes", async () => {
  models = [registered("a", 10)];
  await run();
  models.push(registered("b", 17, { faultsFound: "0.3", faultsFoundBySimpler: "0.3" }));
  expect(await run()).toBe(0);
  expect(github.pulls[0]?.state).toBe("closed");
  expect(github.comments).toEqual([
    "Nothing to promote any more: model bbbbbbbbbbbb finds no more faults than a simpler one.",
  ]);
  expect([...github.branches.keys()]).toEqual(["main"]);
});

test.each<[string, Partial<Tags>, string]>([
  ["finds no more than a simpler one", { faultsFound: "0.3" }, "no more faults than a simpler one"],
  [
    "finds no more than the detector",
    { faultsFoundByDetector: "0.8" },
    "no more faults than the detector without a model",
  ],
  ["has no figures", { faultsFound: "" }, "no more faults than a simpler one"],
  ["takes other signals", { signals: "flow,power" }, "it takes flow,power"],
  ["has a hash that is none", { sha256: "abc" }, "its hash is none"],
  ["has a window that the detector refuses", { window: "20000" }, "its window is 20000"],
  ["is too large", { bytes: "300000000" }, "its size is 300000000 bytes"],
])("a model that %s opens none", async (_what, tags, reason) => {
  models = [registered("a", 10, tags)];
  expect(await run()).toBe(0);
  expect(printed.join("\n")).toContain(reason);
  expect(github.writes).toEqual([]);
});

test("no registered model, or one without the tags of training, opens none", async () => {
  expect(await run()).toBe(0);
  models = [{ name: "1", systemData: { createdAt: "2026-11-24T00:00:00Z" }, properties: { tags: { by: "hand" } } }];
  expect(await run()).toBe(0);
  expect(printed).toContain("nothing to promote: no model is registered");
  expect(github.writes).toEqual([]);
});

test("an environment with a store of models takes the address, and no image", async () => {
  environment = { ...staging, edge: staging.edge && { ...staging.edge, modelStore: STORE } };
  models = [registered("c", 24)];
  expect(await run()).toBe(0);
  expect(proposed()).toContain(
    `model: { uri: "${STORE}/${hash("c")}/model.onnx", version: "cccccccccccc", sha256: "${hash("c")}", window: 16 } }`,
  );
});

test("a version whose detector is built from source is left alone", async () => {
  const versions = { [VERSION]: { detector: "source" } };
  environment = { ...staging, edge: staging.edge && { ...staging.edge, versions } };
  models = [registered("c", 24)];
  expect(await run()).toBe(0);
  expect(printed.join("\n")).toContain("modelImage: source takes models there");
});

test("what is to be built names the environment's registry, the detector's image and the models, and nothing else", () => {
  const found = planImage("staging", VERSION, [candidate("c", 0.8)], {}, configured());
  expect(found).toEqual({
    build: true,
    registry: expect.stringMatching(/^cr\w+\.azurecr\.io$/),
    base: expect.stringMatching(new RegExp(`^cr\\w+\\.azurecr\\.io/anomaly-detector[:@]${DETECTOR}$`)),
    repository: "anomaly-detector",
    tag: modelImageTag({ detector: DETECTOR, models: [hash("c")] }),
    models: [hash("c")],
  });
});

type Candidates = Parameters<typeof planPromotion>[2];

function candidate(digit: string, faultsFound: number): Candidates[number] {
  return {
    version: digit.repeat(12),
    createdAt: "2026-11-24T00:00:00Z",
    sha256: hash(digit),
    window: 16,
    bytes: 1000,
    signals: SIGNALS.split(","),
    kind: "autoencoder",
    faultsFound,
    faultsFoundBySimpler: 0.1,
    faultsFoundByDetector: NaN,
    falseAlertsPerMachineMonth: 0,
    confirmedFaults: "0/0",
  };
}

describe("with a model in use", () => {
  const model = { sha256: hash("a"), version: "aaaaaaaaaaaa", window: 16 };

  beforeEach(() => {
    const change = { model, modelImage: imageOf(hash("a")) };
    source = withVersion(SOURCE, "staging", VERSION, change) ?? "";
    github.branches.set("main", new Map([[FILE, source]]));
    const versions = { ...staging.edge?.versions, [VERSION]: { detector: DETECTOR, ...change } };
    environment = { ...staging, edge: staging.edge && { ...staging.edge, versions } };
  });

  test("one that finds fewer faults does not take its place, and itself is not promoted again", async () => {
    models = [registered("b", 24, { faultsFound: "0.7" }), registered("a", 23)];
    expect(await run()).toBe(0);
    expect(printed.join()).toContain("finds 70 % of the faults");
    models = [registered("a", 23)];
    expect(await run()).toBe(0);
    expect(printed.join()).toContain("aaaaaaaaaaaa is in use already");
    expect(github.writes).toEqual([]);
  });

  test("one that finds as many does, in one line, whose revert is the file of before", async () => {
    models = [registered("b", 24), registered("a", 23)];
    expect(await run()).toBe(0);
    expect(proposed()).toContain(`modelImage: "${imageOf(hash("b"))}"`);
    expect(proposed()).not.toContain(hash("a"));
    expect(added(source, proposed())).toHaveLength(1);
    const back = { model, modelImage: imageOf(hash("a")) };
    expect(withVersion(proposed(), "staging", VERSION, back)).toBe(source);
  });

  test("a candidate runs as a shadow beside it, in an image that holds both, and takes its place later", async () => {
    models = [registered("b", 24), registered("a", 23)];
    expect(await run("--shadow")).toBe(0);
    expect(github.pulls[0]).toMatchObject({
      title: `Promote model bbbbbbbbbbbb as a shadow to staging, version ${VERSION}`,
      body: expect.stringContaining("never alerts"),
    });
    const image = imageOf(hash("a"), hash("b"));
    const shadowModel = { version: "bbbbbbbbbbbb", sha256: hash("b"), window: 16 };
    expect(proposed()).toContain(`modelImage: "${image}"`);
    expect(proposed()).toContain(`shadowModel: { version: "bbbbbbbbbbbb", sha256: "${hash("b")}", window: 16 }`);
    // Merged.
    source = proposed();
    const versions = {
      ...staging.edge?.versions,
      [VERSION]: { detector: DETECTOR, model, shadowModel, modelImage: image },
    };
    environment = { ...environment, edge: environment.edge && { ...environment.edge, versions } };
    github.branches.set("main", new Map([[FILE, source]]));
    expect(await run("--shadow")).toBe(0);
    expect(printed.join()).toContain("bbbbbbbbbbbb is the shadow model already");
    expect(await run()).toBe(0);
    expect(proposed()).toContain(`model: { version: "bbbbbbbbbbbb"`);
    expect(proposed()).not.toContain("shadowModel");
  });

  test("another detector takes the model in use with it, in an image of its own", async () => {
    const detector = `1.0.9-1@sha256:${"e".repeat(64)}`;
    models = [registered("a", 23)];
    expect(await run("--detector", detector)).toBe(0);
    expect(github.pulls[0]?.title).toBe(`Promote detector 1.0.9-1 to staging, version ${VERSION}`);
    expect(proposed()).toContain(`modelImage: "${modelImageTag({ detector, models: [hash("a")] })}@${DIGEST}"`);
  });
});

test("a file that somebody changed meanwhile is not overwritten", async () => {
  models = [registered("a", 10)];
  github.branches.set("main", new Map([[FILE, `${SOURCE}// changed\n`]]));
  expect(await run()).toBe(1);
  expect(complained.join()).toContain("has changed on main");
  expect(github.pulls).toEqual([]);
});

test("a workspace that is not there is an error, and closes no pull request", async () => {
  models = [registered("a", 10)];
  await run();
  models = [];
  workspaceIsThere = false;
  expect(await run()).toBe(1);
  expect(complained.join()).toContain(`there is no workspace ${WORKSPACE}`);
  expect(github.pulls[0]?.state).toBe("open");
});

test("a refusal of the workspace is told without the token", async () => {
  models = [registered("a", 10)];
  const args = ["models", "--workspace", `${WORKSPACE}x`, "--out", join(folder, "m")];
  const around = { variables: { AZURE_RESOURCE_MANAGER: azure }, tokenFor: () => Promise.resolve("azure-token") };
  expect(await promote(args, around)).toBe(1);
  expect(complained.join()).toContain("the workspace answered 403");
  expect(complained.join()).not.toContain("azure-token");
});

test("what another job wrote may name no other branch and no other file", () => {
  const change = {
    promote: true,
    branch: BRANCH,
    base: "main",
    path: FILE,
    before: "",
    after: "",
    title: "",
    body: "",
  };
  expect(readPromotion(JSON.stringify(change))).toEqual(change);
  for (const damage of [
    { branch: "main" },
    { path: ".github/workflows/deploy.yml" },
    { path: "environments/../main.ts" },
    { base: "release" },
    { promote: "yes" },
    { title: 1 },
  ]) {
    expect(readPromotion(JSON.stringify({ ...change, ...damage }))).toBeUndefined();
  }
});

test.each([
  [[], "say models, image, plan or open"],
  [["plan", "staging"], "name an environment and one of its versions"],
  [["plan", "staging", "1", "--models", "m", "--out", "o", "--image", "model-1"], "tag and digest"],
  [["image", "staging", "1", "--models", "m"], "give --models and --out"],
  [["models", "--workspace", "mlw", "--out", "o"], "ARM id"],
  [["open"], "name the file"],
])("%j is refused", async (args, reason) => {
  expect(await promote(args, { variables: {} })).toBe(2);
  expect(complained.join()).toContain(reason);
});

test("what is read is what training registers", () => {
  expect(REGISTERED).toEqual({ name: MODEL_NAME, api: MACHINE_LEARNING_API });
});
