import { pipelines, type Surroundings } from "../../stacks/commands/pipelines";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { listenToConsole } from "../support/console";
import { minimal } from "../support/environments";
import { GITHUB_TOKEN, GithubStandIn, REPOSITORY } from "../support/github";

const hosted: EnvironmentConfig = {
  ...minimal,
  name: "prod",
  backend: { kind: "cloud", organization: "contoso", workspace: "edge" },
};
const { printed, complained } = listenToConsole();
let github: GithubStandIn;
let address: string;
let waited: number[];

beforeEach(async () => {
  github = new GithubStandIn();
  address = await github.start();
  waited = [];
});

afterEach(async () => {
  await github.stop();
});

function run(args: readonly string[], around: Partial<Surroundings> = {}): Promise<number> {
  return pipelines(args, {
    environments: [{ ...minimal, name: "dev" }, hosted],
    pullRequestPlans: [],
    github: { owner: "contoso", repository: "edge" },
    variables: { GH_TOKEN: GITHUB_TOKEN, GITHUB_API_URL: address },
    wait: (milliseconds) => {
      waited.push(milliseconds);
      return Promise.resolve();
    },
    ...around,
  });
}

interface Report {
  readonly environments: readonly string[];
  readonly findings: readonly {
    readonly level: string;
    readonly where: string;
    readonly what: string;
    readonly is: string;
  }[];
}
const findings = async (around: Partial<Surroundings> = {}): Promise<string[]> => {
  await run(["check", "--json"], around);
  const report = JSON.parse(printed.at(-1) ?? "") as Report;
  return report.findings.map(({ level, where, what, is }) => `${level} ${where} ${what} ${is}`);
};

describe("check", () => {
  test("finds nothing where everything is protected, and writes nothing", async () => {
    github.add("prod-plan", {}, ["main"]);
    github.addProtected("prod");
    expect(await run(["check"])).toBe(0);
    expect(printed).toEqual([`${REPOSITORY}: 2 GitHub environments, 0 errors, 0 warnings`]);
    expect(github.writes).toEqual([]);
  });

  test("refuses an environment that nobody has created: a reference would create it without protection", async () => {
    expect(await findings()).toEqual(["error prod-plan environment missing", "error prod environment missing"]);
    expect(await run(["check"])).toBe(2);
    expect(printed.join("\n")).toContain("do:      npm run -s pipelines -- apply --reviewers NAMES");
  });

  test("refuses one that a reference created", async () => {
    github.add("prod-plan");
    github.add("prod");
    expect(await findings()).toEqual([
      "error prod-plan branches all",
      "error prod branches all",
      "error prod required reviewers none",
    ]);
  });

  test("tells every setting that protects less than it must", async () => {
    github.add("prod-plan", { policy: { protected_branches: true, custom_branch_policies: false } });
    github.add("prod", { reviewers: [{ type: "User", id: 11 }], adminsBypass: true }, ["main", "release/*", "hotfix"]);
    github.branchProtected = false;
    expect(await findings()).toEqual([
      "error prod-plan branches every protected branch",
      // On two pages.
      "error prod branches hotfix, main, release/*",
      "error prod self-review allowed",
      "warning prod administrators may skip reviewers",
      "error main branch not protected",
    ]);
  });

  test("takes no tag for a branch, and no pattern for main", async () => {
    github.add("prod-plan", {}, ["mai*"]);
    const prod = github.addProtected("prod");
    prod.patterns.splice(0, 1, { id: 1, name: "main", type: "tag" });
    expect(await findings()).toEqual(["error prod-plan branches mai*", "error prod branches tag main"]);
  });

  test("takes a ruleset for protection of the branch, on whatever page its rule is", async () => {
    github.add("prod-plan", {}, ["main"]);
    github.addProtected("prod");
    github.branchProtected = false;
    github.rules = [{ type: "deletion" }, { type: "non_fast_forward" }, { type: "creation" }];
    expect(await findings()).toEqual(["error main branch not protected"]);
    github.rules.push({ type: "pull_request" });
    expect(await findings()).toEqual([]);
  });

  test("asks for reviewers of pull requests' plans where there are such plans, whatever the branch", async () => {
    github.add("prod-plan", {}, ["main"]);
    github.addProtected("prod");
    github.add("prod-pull-request");
    expect(await findings()).toEqual([]);
    expect(await findings({ pullRequestPlans: ["prod"] })).toEqual(["error prod-pull-request required reviewers none"]);
    github.add("prod-pull-request", { reviewers: [{ type: "User", id: 11 }], preventSelfReview: true });
    expect(await findings({ pullRequestPlans: ["prod"] })).toEqual([]);
  });

  test("asks nothing of what no pipeline deploys, and refuses it by name", async () => {
    expect(await run(["check"], { environments: [{ ...minimal, name: "dev" }] })).toBe(0);
    expect(github.received).toEqual([]);
    expect(await run(["check", "--pipeline", "dev"])).toBe(1);
    expect(complained.join("\n")).toContain("dev keeps its state in a local file");
  });
});

describe("apply", () => {
  test("creates an environment with reviewers and branch policy in one request, closed until its branch is named", async () => {
    expect(await run(["apply", "--reviewers", "jane-doe,contoso/platform"])).toBe(0);
    const of = (name: string): unknown[] =>
      github.received.filter(({ method, path }) => method !== "GET" && path.includes(`/environments/${name}`));
    expect(of("prod")).toContainEqual({
      method: "PUT",
      path: "/repos/contoso/edge/environments/prod",
      body: {
        prevent_self_review: true,
        reviewers: [
          { type: "User", id: 11 },
          { type: "Team", id: 22 },
        ],
        deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
      },
    });
    // The environment is never there without them.
    expect(github.writes.slice(0, 1)).toEqual(["PUT /repos/contoso/edge/environments/prod-plan"]);
    expect(await findings()).toEqual([]);
    github.received.length = 0;
    expect(await run(["apply", "--reviewers", "jane-doe"])).toBe(0);
    expect(github.writes).toEqual([]);
  });

  test("keeps what is there and stricter: reviewers and a timer", async () => {
    github.add("prod-plan", {}, ["main"]);
    github.add("prod", { reviewers: [{ type: "Team", id: 77 }], waitTimer: 5 }, ["main", "release/*", "x"]);
    expect(await run(["apply", "--reviewers", "jane-doe"])).toBe(0);
    expect(github.environments.get("prod")).toMatchObject({
      reviewers: [{ type: "Team", id: 77 }],
      waitTimer: 5,
      preventSelfReview: true,
      patterns: [{ name: "main" }],
    });
  });

  test("asks who approves, and who that is, before it creates what needs them", async () => {
    github.add("prod-plan", {}, ["main"]);
    expect(await run(["apply"])).toBe(1);
    expect(complained.join("\n")).toMatch(/prod needs reviewers\n {2}do: say who/);
    expect(await run(["apply", "--reviewers", "nobody"])).toBe(1);
    expect(complained.join("\n")).toContain("GitHub knows no user nobody");
    expect(github.writes).toEqual([]);
  });

  test("says what a private repository without a paid plan lacks, and leaves no environment open", async () => {
    github.hasReviewers = false;
    expect(await run(["apply", "--reviewers", "jane-doe"])).toBe(1);
    expect(complained.join("\n")).toMatch(/status 422: .*billing plan.*\n {2}do: .*GitHub Enterprise/);
    expect(github.environments.has("prod")).toBe(false);
    // The one without reviewers is for main alone, which every paid plan has.
    expect(github.environments.get("prod-plan")?.patterns).toMatchObject([{ name: "main" }]);
  });
});

describe("what goes wrong", () => {
  const PATH = "GET /repos/contoso/edge/environments/prod-plan";
  const answers = async (...interruptions: [number, Record<string, string>, string?][]): Promise<string> => {
    github.interruptions.set(PATH, interruptions);
    expect(await run(["check"])).toBe(1);
    return complained.join("\n");
  };

  test("a wrong token", async () => {
    expect(await run(["check"], { variables: { GH_TOKEN: "ghp_wrong", GITHUB_API_URL: address } })).toBe(1);
    expect(complained.join("\n")).toMatch(/status 401: Bad credentials\n {2}do: the token is wrong or has expired/);
    expect(complained.join("\n")).not.toContain("ghp_wrong");
  });

  test("a token that may not, with what it needs", async () => {
    const text = await answers([403, { "x-accepted-github-permissions": "actions=read" }]);
    expect(text).toContain("it needs actions=read");
  });

  test("a rate limit: waited for where it is short, told where it is long", async () => {
    github.add("prod-plan", {}, ["main"]);
    github.addProtected("prod");
    github.interruptions.set(PATH, [[429, { "retry-after": "7" }]]);
    expect(await run(["check"])).toBe(0);
    expect(waited).toEqual([7000]);
    const reset = String(Math.ceil(Date.now() / 1000) + 600);
    const text = await answers([403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }]);
    expect(text).toMatch(/rate limit is reached: try again in (10|11) min/);
    expect(await answers([403, { "retry-after": "120" }])).toContain("try again in 2 min");
  });

  test("a server that is down is asked again, then told", async () => {
    const text = await answers(...Array.from({ length: 5 }, (): [number, Record<string, string>] => [502, {}]));
    expect(waited).toHaveLength(4);
    expect(text).toContain("githubstatus.com");
  });

  test("an answer that is none", async () => {
    expect(await answers([200, {}, "<html>"])).toContain("is not what GitHub's API documents");
    expect(await answers([200, {}, "[]"])).toContain("is not what GitHub's API documents");
  });

  test("a redirect is not followed, and neither is a next page elsewhere: the token stays", async () => {
    const stranger = new GithubStandIn();
    const elsewhere = await stranger.start();
    try {
      expect(await answers([301, { location: `${elsewhere}/` }])).toContain("status 301");
      github.add("prod-plan", {}, ["main"]);
      github.addProtected("prod");
      github.branchProtected = false;
      github.interruptions.set("GET /repos/contoso/edge/rules/branches/main", [
        [200, { link: `<${elsewhere}/x>; rel="next"` }, "[]"],
      ]);
      expect(await run(["check"])).toBe(2);
      expect(stranger.received).toEqual([]);
    } finally {
      await stranger.stop();
    }
  });

  test("nobody there, no token, no repository, another repository, an address that is none", async () => {
    const variables = { GH_TOKEN: GITHUB_TOKEN, GITHUB_API_URL: address };
    const told = async (around: Partial<Surroundings>): Promise<string> => {
      expect(await run(["check"], around)).toBe(1);
      return complained.at(-1) ?? "";
    };
    expect(await told({ variables: { GITHUB_API_URL: address } })).toContain("there is no token");
    expect(await told({ variables: { ...variables, GH_TOKEN: "" } })).toContain("there is no token");
    expect(await told({ github: undefined })).toContain("no repository is known");
    expect(await told({ variables: { ...variables, GITHUB_REPOSITORY: "evil/fork" } })).toContain(
      "identities trust jobs of contoso/edge, but this is evil/fork",
    );
    expect(await told({ variables: { ...variables, GITHUB_API_URL: "api" } })).toContain("is no address");
    expect(await told({ variables: { ...variables, GITHUB_API_URL: "http://127.0.0.1:2" } })).toContain(
      "cannot be reached",
    );
  });

  test.each([[[]], [["look"]], [["check", "prod"]], [["check", "--all"]]])("arguments %j", async (args) => {
    expect(await run(args)).toBe(1);
    expect(complained.join("\n")).toContain("npm run -s pipelines -- check");
  });

  test("help is printed where it is asked for", async () => {
    expect(await run(["--help"])).toBe(0);
    expect(printed.join("\n")).toContain("Exit status:");
  });
});
