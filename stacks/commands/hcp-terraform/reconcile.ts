import { isObject } from "@edge-anomaly-detection/common";
import type { ApiObject, HcpTerraformApi } from "@edge-anomaly-detection/hcp-terraform";
import type { WantedWorkspace } from "./wanted-workspace";

/** Something that is not as it should be. */
export interface Difference {
  readonly environment: string;
  /** What it is about: `project`, `workspace`, `auto-apply`, `variable ARM_TENANT_ID`. */
  readonly what: string;
  /** What it is now; `missing` where it is not there, `hidden` where a sensitive variable does not show its value. */
  readonly is: string;
  readonly wanted: string;
}

/**
 * Compares a workspace with what it should be and, where `write` says so, makes it that: creates what is missing, changes
 * what differs, leaves everything else alone. A second call then finds nothing.
 *
 * @param found is told of each difference; with `write` after it is gone
 * @throws HcpTerraformError at the first thing that is refused
 */
export async function reconcile(
  api: HcpTerraformApi,
  wanted: WantedWorkspace,
  write: boolean,
  found: (difference: Difference) => void,
): Promise<void> {
  const step = async <T>(what: string, is: string, value: string, change: () => Promise<T>): Promise<T | undefined> => {
    const result = write ? await change() : undefined;
    found({ environment: wanted.environment, what, is, wanted: value });
    return result;
  };
  const project =
    (await findProject(api, wanted)) ??
    (await step("project", "missing", wanted.project, () => createProject(api, wanted)));
  const workspace =
    (await api.find(`${organizationPath(wanted)}/workspaces/${encodeURIComponent(wanted.name)}`)) ??
    (await step("workspace", "missing", wanted.name, () => createWorkspace(api, wanted, project?.id)));
  if (workspace !== undefined) {
    await reconcileSettings(api, wanted, workspace, project, step);
  }
  await reconcileVariables(api, wanted, workspace, step);
}

type Step = <T>(what: string, is: string, value: string, change: () => Promise<T>) => Promise<T | undefined>;

const organizationPath = ({ organization }: WantedWorkspace): string =>
  `/organizations/${encodeURIComponent(organization)}`;

async function findProject(api: HcpTerraformApi, wanted: WantedWorkspace): Promise<ApiObject | undefined> {
  const path = `${organizationPath(wanted)}/projects?filter%5Bnames%5D=${encodeURIComponent(wanted.project)}`;
  // The filter takes names that differ in case only.
  return (await api.list(path)).find(({ attributes }) => attributes.name === wanted.project);
}

function createProject(api: HcpTerraformApi, wanted: WantedWorkspace): Promise<ApiObject> {
  return api.create(`${organizationPath(wanted)}/projects`, {
    type: "projects",
    attributes: { name: wanted.project },
  });
}

function createWorkspace(api: HcpTerraformApi, wanted: WantedWorkspace, project?: string): Promise<ApiObject> {
  return api.create(`${organizationPath(wanted)}/workspaces`, {
    type: "workspaces",
    attributes: { name: wanted.name, ...written(wanted.settings) },
    ...(project !== undefined && { relationships: inProject(project) }),
  });
}

/** The execution mode counts only where it is set to override the project's. */
const written = (settings: WantedWorkspace["settings"]): Record<string, unknown> => ({
  ...settings,
  ...("execution-mode" in settings && { "setting-overwrites": { "execution-mode": true } }),
});

const inProject = (id: string): Record<string, unknown> => ({ project: { data: { type: "projects", id } } });

async function reconcileSettings(
  api: HcpTerraformApi,
  wanted: WantedWorkspace,
  workspace: ApiObject,
  project: ApiObject | undefined,
  step: Step,
): Promise<void> {
  const update = (change: object): Promise<ApiObject> =>
    api.update(`/workspaces/${workspace.id}`, { id: workspace.id, type: "workspaces", ...change });
  const current = projectOf(workspace);
  if (project !== undefined && current !== project.id) {
    await step("workspace's project", current ?? "none", `${wanted.project} (${project.id})`, () =>
      update({ relationships: inProject(project.id) }),
    );
  }
  for (const [name, value] of Object.entries(wanted.settings)) {
    const is = workspace.attributes[name] ?? null;
    if (is !== value) {
      await step(name, shown(is), shown(value), () => update({ attributes: written({ [name]: value }) }));
    }
  }
}

function projectOf(workspace: ApiObject): string | undefined {
  const { project } = workspace.relationships;
  const data = isObject(project) ? project.data : undefined;
  return isObject(data) && typeof data.id === "string" ? data.id : undefined;
}

/** A connected repository by its name, everything else as it is. */
function shown(value: unknown): string {
  const plain = isObject(value) ? value.identifier : value;
  return plain === null ? "none" : typeof plain === "string" ? plain : JSON.stringify(plain ?? "set");
}

async function reconcileVariables(
  api: HcpTerraformApi,
  wanted: WantedWorkspace,
  workspace: ApiObject | undefined,
  step: Step,
): Promise<void> {
  const path = `/workspaces/${workspace?.id ?? ""}/vars`;
  const there = workspace === undefined ? [] : await api.list(path);
  for (const [key, value] of Object.entries(wanted.variables)) {
    const attributes = { key, value, category: "env", hcl: false, sensitive: false };
    const variable = there.find((one) => one.attributes.key === key && one.attributes.category === "env");
    const is = variable === undefined ? "missing" : valueOf(variable);
    if (is === value) {
      continue;
    }
    await step(`variable ${key}`, is, value, async () => {
      // A sensitive variable cannot be made readable: it is made anew.
      if (variable?.attributes.sensitive === true) {
        await api.remove(`${path}/${variable.id}`);
      } else if (variable !== undefined) {
        return api.update(`${path}/${variable.id}`, { id: variable.id, type: "vars", attributes });
      }
      return api.create(path, { type: "vars", attributes });
    });
  }
}

function valueOf({ attributes }: ApiObject): string {
  return attributes.sensitive === true || typeof attributes.value !== "string" ? "hidden" : attributes.value;
}
