import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hcpTerraform, type Surroundings } from "../../stacks/commands/hcp-terraform";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { listenToConsole } from "../support/console";
import { minimal } from "../support/environments";
import { HcpTerraformStandIn, TOKEN } from "../support/hcp-terraform";

const ORGANIZATION = "contoso";
const PROJECT = "edge-anomaly";
const id = (digit: number): string => String(digit).repeat(8) + "-1111-4111-8111-111111111111";
const environment = (name: string, subscriptionId?: string): EnvironmentConfig => ({
  ...minimal,
  name,
  backend: { kind: "cloud", organization: ORGANIZATION, workspace: `edge-${name}` },
  ...(subscriptionId !== undefined && { subscriptionId }),
});
const OUTPUTS = {
  tenant_id: { sensitive: false, type: "string", value: id(1) },
  identities: {
    sensitive: false,
    value: {
      staging: { plan_client_id: id(2), apply_client_id: id(3) },
      prod: { plan_client_id: id(4), apply_client_id: id(5) },
    },
  },
};
const TERRAFORM = readFileSync(".terraform-version", "utf8").trim();

let standIn: HcpTerraformStandIn;
let folder: string;
let around: Surroundings;
let waited: number[];
const { printed, complained } = listenToConsole();

beforeEach(async () => {
  standIn = new HcpTerraformStandIn(ORGANIZATION);
  const address = await standIn.start();
  folder = mkdtempSync(join(tmpdir(), "hcp-"));
  waited = [];
  around = {
    environments: [minimal, environment("staging"), environment("prod", id(7))],
    project: PROJECT,
    subscriptionId: id(6),
    addressOf: () => address,
    tokenFor: () => TOKEN,
    wait: (milliseconds) => {
      waited.push(milliseconds);
      return Promise.resolve();
    },
  };
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await standIn.stop();
});

const outputs = (content: unknown = OUTPUTS): string => {
  const file = join(folder, "bootstrap.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
};

describe("check", () => {
  test("says what is missing, writes nothing, and ends with 2", async () => {
    expect(await hcpTerraform(["check", outputs(), "--json"], around)).toBe(2);
    const found = JSON.parse(printed.join("\n")) as { environment: string; what: string; is: string }[];
    expect(found.filter((one) => one.environment === "staging").map(({ what, is }) => `${what} ${is}`)).toEqual([
      "project missing",
      "workspace missing",
      "variable TFC_AZURE_PROVIDER_AUTH missing",
      "variable TFC_AZURE_PLAN_CLIENT_ID missing",
      "variable TFC_AZURE_APPLY_CLIENT_ID missing",
      "variable ARM_TENANT_ID missing",
      "variable ARM_SUBSCRIPTION_ID missing",
    ]);
    expect(standIn.writes).toEqual([]);
  });

  test("finds nothing after apply, and ends with 0", async () => {
    expect(await hcpTerraform(["apply", outputs()], around)).toBe(0);
    printed.length = 0;
    expect(await hcpTerraform(["check", outputs()], around)).toBe(0);
    expect(printed).toEqual(["2 workspaces: nothing differs"]);
  });

  test("says what somebody changed by hand", async () => {
    await hcpTerraform(["apply", outputs()], around);
    const [staging] = standIn.workspaces;
    Object.assign(staging?.attributes ?? {}, {
      "auto-apply": true,
      "execution-mode": "local",
      "terraform-version": "1.5.7",
      "vcs-repo": { identifier: "contoso/factories" },
    });
    const variables = standIn.variables.get(staging?.id ?? "") ?? [];
    Object.assign(variables[1]?.attributes ?? {}, { value: "somebody else" });
    printed.length = 0;
    expect(await hcpTerraform(["check", outputs()], around)).toBe(2);
    expect(printed).toEqual([
      "staging: execution-mode is local, wanted remote",
      "staging: auto-apply is true, wanted false",
      `staging: terraform-version is 1.5.7, wanted ${TERRAFORM}`,
      "staging: vcs-repo is contoso/factories, wanted none",
      `staging: variable TFC_AZURE_PLAN_CLIENT_ID is somebody else, wanted ${id(2)}`,
      "2 workspaces: 5 differ",
    ]);
  });
});

describe("apply", () => {
  test("makes project, workspaces and variables, each environment with its own identities and subscription", async () => {
    expect(await hcpTerraform(["apply", outputs()], around)).toBe(0);
    expect(standIn.projects.map(({ attributes }) => attributes.name)).toEqual([PROJECT]);
    const project = standIn.projects[0]?.id;
    expect(standIn.workspaces.map(({ attributes }) => attributes)).toEqual(
      ["edge-staging", "edge-prod"].map((name) => ({
        name,
        "execution-mode": "remote",
        "auto-apply": false,
        "terraform-version": TERRAFORM,
        "vcs-repo": null,
        "setting-overwrites": { "execution-mode": true },
      })),
    );
    expect(standIn.workspaces.map(({ relationships }) => relationships)).toEqual([
      { project: { data: { type: "projects", id: project } } },
      { project: { data: { type: "projects", id: project } } },
    ]);
    const values = standIn.workspaces.map((workspace): unknown =>
      Object.fromEntries(
        (standIn.variables.get(workspace.id) ?? []).map(({ attributes }) => [attributes.key, attributes.value]),
      ),
    );
    expect(values).toEqual([
      {
        TFC_AZURE_PROVIDER_AUTH: "true",
        TFC_AZURE_PLAN_CLIENT_ID: id(2),
        TFC_AZURE_APPLY_CLIENT_ID: id(3),
        ARM_TENANT_ID: id(1),
        ARM_SUBSCRIPTION_ID: id(6),
      },
      {
        TFC_AZURE_PROVIDER_AUTH: "true",
        TFC_AZURE_PLAN_CLIENT_ID: id(4),
        TFC_AZURE_APPLY_CLIENT_ID: id(5),
        ARM_TENANT_ID: id(1),
        ARM_SUBSCRIPTION_ID: id(7),
      },
    ]);
  });

  test("writes nothing the second time", async () => {
    await hcpTerraform(["apply", outputs()], around);
    standIn.received.length = 0;
    expect(await hcpTerraform(["apply", outputs()], around)).toBe(0);
    expect(standIn.writes).toEqual([]);
  });

  test("changes what differs and leaves alone what it does not know", async () => {
    const other = standIn.addProject("other");
    const project = standIn.addProject(PROJECT);
    const workspace = standIn.addWorkspace(
      { name: "edge-staging", "execution-mode": "remote", "auto-apply": true, description: "theirs" },
      other.id,
    );
    const theirs = standIn.addVariable(workspace.id, { key: "TF_LOG", value: "trace" });
    // The same name for Terraform itself is another variable.
    const terraforms = standIn.addVariable(workspace.id, { key: "ARM_TENANT_ID", value: "x", category: "terraform" });
    const tenant = standIn.addVariable(workspace.id, { key: "ARM_TENANT_ID", value: "old" });
    expect(await hcpTerraform(["apply", outputs()], around)).toBe(0);
    expect(workspace.attributes).toMatchObject({ "auto-apply": false, description: "theirs" });
    expect(workspace.relationships.project).toEqual({ data: { type: "projects", id: project.id } });
    const variables = standIn.variables.get(workspace.id) ?? [];
    expect(variables).toHaveLength(7);
    expect(variables).toEqual(expect.arrayContaining([theirs, terraforms]));
    expect(terraforms.attributes.value).toBe("x");
    expect(tenant.attributes.value).toBe(id(1));
  });

  test("finds a variable on a later page", async () => {
    await hcpTerraform(["apply", outputs()], around);
    const paths = standIn.received.filter(({ method, path }) => method === "GET" && path.endsWith("/vars"));
    standIn.received.length = 0;
    await hcpTerraform(["check", outputs()], around);
    // Five variables in pages of two: three requests for each of two workspaces.
    expect(standIn.received.filter(({ path }) => path.endsWith("/vars"))).toHaveLength(6);
    expect(paths.length).toBeGreaterThan(0);
  });

  test("makes a variable anew whose value is hidden", async () => {
    await hcpTerraform(["apply", outputs()], around);
    const variables = standIn.variables.get(standIn.workspaces[0]?.id ?? "") ?? [];
    Object.assign(variables[0]?.attributes ?? {}, { sensitive: true, value: "true" });
    printed.length = 0;
    expect(await hcpTerraform(["apply", outputs()], around)).toBe(0);
    expect(printed[0]).toContain("staging: variable TFC_AZURE_PROVIDER_AUTH is hidden, wanted true");
    expect(variables.filter(({ attributes }) => attributes.key === "TFC_AZURE_PROVIDER_AUTH")).toEqual([
      expect.objectContaining({ attributes: expect.objectContaining({ sensitive: false, value: "true" }) }),
    ]);
  });

  test("does not take a project for its own whose name differs in case", async () => {
    standIn.addProject(PROJECT.toUpperCase());
    await hcpTerraform(["apply", outputs()], around);
    expect(standIn.projects.map(({ attributes }) => attributes.name)).toEqual([PROJECT.toUpperCase(), PROJECT]);
  });
});

describe("refusals", () => {
  const projects = `GET /organizations/${ORGANIZATION}/projects`;

  test("of a token say what to do, and never the token", async () => {
    expect(await hcpTerraform(["check", outputs()], { ...around, tokenFor: () => "wrong-token" })).toBe(1);
    expect(complained.join("\n")).toMatch(/status 401: unauthorized\n {2}do: the token is wrong or has expired/);
    expect(complained.join("\n")).not.toContain("wrong-token");
    expect(waited).toEqual([]);
  });

  test("of an organisation say that it is not there or may not be seen", async () => {
    const elsewhere = {
      ...environment("staging"),
      backend: { ...environment("staging").backend, organization: "nope" },
    };
    const known = [elsewhere as EnvironmentConfig];
    expect(await hcpTerraform(["check", outputs()], { ...around, environments: known })).toBe(1);
    expect(complained.join("\n")).toMatch(
      /GET \/organizations\/nope\/projects.* status 404: not found\n {2}do: it is not/,
    );
  });

  test("of a value say which, as HCP Terraform does", async () => {
    // It is there, but this token may not see it.
    standIn.addWorkspace({ name: "edge-staging" }, "");
    standIn.interruptions.set(`GET /organizations/${ORGANIZATION}/workspaces/edge-staging`, [[404, {}]]);
    expect(await hcpTerraform(["apply", outputs()], around)).toBe(1);
    expect(complained.join("\n")).toContain("status 422: invalid attribute: Name has already been taken");
  });

  test("for want of time are tried again, as long as the server asks", async () => {
    standIn.interruptions.set(projects, [
      [429, { "retry-after": "2.5" }],
      [429, {}],
      [503, {}],
      [429, { "retry-after": "3600" }],
    ]);
    expect(await hcpTerraform(["check", outputs()], around)).toBe(2);
    expect(waited).toEqual([2500, 2000, 4000, 30_000]);
  });

  test("that do not end are told after five attempts", async () => {
    standIn.interruptions.set(
      projects,
      Array.from({ length: 9 }, () => [429, {}] as const),
    );
    expect(await hcpTerraform(["check", outputs()], around)).toBe(1);
    expect(waited).toHaveLength(4);
    expect(complained.join("\n")).toMatch(/status 429.*\n {2}do: HCP Terraform takes 30 requests a second/);
  });

  test("of what creates are not tried again after a server's error: it may have been done", async () => {
    standIn.interruptions.set(`POST /organizations/${ORGANIZATION}/projects`, [[500, {}]]);
    expect(await hcpTerraform(["apply", outputs()], around)).toBe(1);
    expect(waited).toEqual([]);
    expect(standIn.writes).toHaveLength(1);
  });

  test("leave what was written before them in the report", async () => {
    standIn.interruptions.set(`POST /organizations/${ORGANIZATION}/workspaces`, [[403, {}]]);
    expect(await hcpTerraform(["apply", outputs(), "--json"], around)).toBe(1);
    expect(JSON.parse(printed.join("\n"))).toEqual([
      { environment: "staging", what: "project", is: "missing", wanted: PROJECT },
    ]);
  });

  test("by a proxy that answers in its place are named as such", async () => {
    standIn.pages.set(`/organizations/${ORGANIZATION}/projects`, (response) => {
      response.end("<html>please sign in</html>");
    });
    expect(await hcpTerraform(["check", outputs()], around)).toBe(1);
    expect(complained.join("\n")).toContain("is not what HCP Terraform's API documents");
  });

  test("of a host that is not there name it", async () => {
    expect(await hcpTerraform(["check", outputs()], { ...around, addressOf: () => "http://127.0.0.1:1" })).toBe(1);
    expect(complained.join("\n")).toContain("http://127.0.0.1:1 cannot be reached");
  });
});

describe("outputs of the bootstrap stack", () => {
  const { identities, ...rest } = OUTPUTS;
  test.each([
    ["that are not JSON", "{", /bootstrap\.json is not JSON/],
    [
      "without the environment",
      { ...rest, identities: { value: { prod: identities.value.prod } } },
      /no UUID at identities\.value\.staging\.plan_client_id, identities\.value\.staging\.apply_client_id/,
    ],
    [
      "with everything wrong",
      { tenant_id: { value: "contoso" }, identities: [] },
      /tenant_id\.value, identities\.value\.staging\.plan_client_id, identities/,
    ],
    ["that are a list", [], /no UUID at tenant_id\.value/],
  ])("%s are refused before anything is asked", async (_name, content, message) => {
    expect(await hcpTerraform(["apply", outputs(content)], around)).toBe(1);
    expect(complained.join("\n")).toMatch(message);
    expect(complained.join("\n")).toContain("do: write it anew");
    expect(standIn.received).toEqual([]);
  });

  test("that are not there are refused", async () => {
    expect(await hcpTerraform(["apply", join(folder, "nope.json")], around)).toBe(1);
    expect(complained.join("\n")).toContain("nope.json cannot be read (ENOENT)");
  });

  test("need a subscription that is known", async () => {
    expect(await hcpTerraform(["apply", outputs()], { ...around, subscriptionId: undefined })).toBe(1);
    expect(complained.join("\n")).toContain("no subscription is known for staging");
  });
});

describe("plan-json", () => {
  const RUN = "run-CZcmD7eagjhyX0vN";
  const PATH = `/runs/${RUN}/plan/json-output`;
  const file = (): string => join(folder, "plan.json");
  const download = (): Promise<number> => hcpTerraform(["plan-json", "staging", RUN, "--out", file()], around);

  /** Another host, which the link leads to. */
  async function withStorage(
    answer: (response: ServerResponse) => void,
    run: (seen: (string | undefined)[]) => Promise<void>,
  ): Promise<void> {
    const seen: (string | undefined)[] = [];
    const storage = createServer((request, response) => {
      seen.push(request.headers.authorization);
      answer(response);
    });
    await new Promise<void>((resolve) => storage.listen(0, "127.0.0.1", resolve));
    const link = `http://127.0.0.1:${(storage.address() as AddressInfo).port}/object/secret-of-the-link`;
    standIn.pages.set(PATH, (response) => {
      response.writeHead(307, { location: link }).end();
    });
    try {
      await run(seen);
    } finally {
      storage.closeAllConnections();
      await new Promise((resolve) => storage.close(resolve));
    }
  }

  test("writes the plan for its owner alone, and sends the token to nobody else", async () => {
    const plan = JSON.stringify({ format_version: "1.2", filler: "x".repeat(300_000) });
    await withStorage(
      (response) => response.end(plan),
      async (seen) => {
        expect(await download()).toBe(0);
        expect(seen).toEqual([undefined]);
      },
    );
    expect(readFileSync(file(), "utf8")).toBe(plan);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(printed).toEqual([]);
  });

  test("waits for a plan that is not finished", async () => {
    await withStorage(
      (response) => response.end("{}"),
      async () => {
        const redirect = standIn.pages.get(PATH);
        let asked = 0;
        standIn.pages.set(PATH, (response) => {
          asked += 1;
          if (asked < 3) {
            response.writeHead(204).end();
          } else {
            redirect?.(response);
          }
        });
        expect(await download()).toBe(0);
      },
    );
    expect(waited).toEqual([3000, 3000]);
  });

  test("gives up on a plan that does not finish", async () => {
    standIn.pages.set(PATH, (response) => {
      response.writeHead(204).end();
    });
    expect(await download()).toBe(1);
    expect(complained.join("\n")).toContain(`the plan of ${RUN} is not finished`);
  });

  test.each([
    [
      "breaks off",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("half");
        setTimeout(() => response.destroy(), 20);
      },
      "broke off",
    ],
    ["is refused", (response: ServerResponse) => response.writeHead(403).end(), "status 403"],
  ])("leaves no file where the download %s, and does not print the link", async (_name, answer, message) => {
    await withStorage(answer, async () => {
      expect(await download()).toBe(1);
    });
    expect(complained.join("\n")).toContain(message);
    expect(complained.join("\n")).not.toContain("secret-of-the-link");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("says that a run cannot be seen", async () => {
    expect(await download()).toBe(1);
    expect(complained.join("\n")).toMatch(/status 404.*\n.*an organization's token cannot read plans/);
  });

  test.each([
    [["plan-json", "test", RUN, "--out", "x"], "name one of the environments in HCP Terraform: staging, prod"],
    [["plan-json", "staging", "../../account", "--out", "x"], "name a run"],
    [["plan-json", "staging", RUN], "say where to write the plan"],
    [["check"], "name one file"],
    [["delete"], "unknown subcommand delete"],
    [["check", "--force", "x"], "unknown argument --force"],
    [[], "missing subcommand: check, apply or plan-json"],
  ])("refuses %j", async (args, message) => {
    expect(await hcpTerraform(args, around)).toBe(1);
    expect(complained.join("\n")).toContain(message);
    expect(standIn.received).toEqual([]);
  });
});
