import { isObject, reasonOf, RemoteError, send } from "@edge-anomaly-detection/common";

/**
 * Name of the models, and the API's version: those of constructs/machine-learning, which a test compares. Taken from there they
 * would bring packages from npm into a job that has a token.
 */
export const REGISTERED = { name: "anomaly-detector", api: "2025-06-01" } as const;

/** A model that training registered: `packages/training/anomaly_training/registration.py` writes its tags. */
export interface Candidate {
  /** Version in the workspace. */
  readonly version: string;
  /** When it was registered, ISO 8601. */
  readonly createdAt: string;
  readonly sha256: string;
  readonly window: number;
  readonly bytes: number;
  readonly signals: readonly string[];
  /** What is put into words, as the tag says it: `autoencoder`. */
  readonly kind: string;
  /** Shares of the injected faults that it and the best simpler model find. */
  readonly faultsFound: number;
  readonly faultsFoundBySimpler: number;
  /** Share of them that the detector finds without a model; NaN where training did not compare with it. */
  readonly faultsFoundByDetector: number;
  readonly falseAlertsPerMachineMonth: number;
  /** Faults that people confirmed: found of all. */
  readonly confirmedFaults: string;
}

/** Where models are registered. */
export interface WorkspaceOptions {
  /** Resource Manager's address. @default "https://management.azure.com" */
  readonly address?: string;
  /** ARM id of the workspace. */
  readonly workspace: string;
  /** Token for Resource Manager; sent to its address alone. */
  readonly token: string;
}

const MAX_PAGES = 100;
const AZURE = "https://management.azure.com";

/**
 * Registered models, the newest first. What somebody registered without the tags of training is left out.
 *
 * @throws RemoteError
 */
export async function registeredModels(options: WorkspaceOptions): Promise<Candidate[]> {
  const { address = AZURE, workspace } = options;
  const found: Candidate[] = [];
  let url: URL | undefined = new URL(
    `${address}${workspace}/models/${REGISTERED.name}/versions?api-version=${REGISTERED.api}`,
  );
  for (let page = 0; url !== undefined && page < MAX_PAGES; page += 1) {
    const body = await read(url, options.token);
    if (body === undefined) {
      await assertWorkspace(options);
      return [];
    }
    found.push(...(Array.isArray(body.value) ? body.value : []).flatMap((one: unknown) => candidateOf(one)));
    const next: URL | undefined =
      typeof body.nextLink === "string" && URL.canParse(body.nextLink) ? new URL(body.nextLink) : undefined;
    // The token goes nowhere else.
    url = next?.origin === url.origin ? next : undefined;
  }
  return found.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/**
 * A workspace that is not there has no models either, and would close an open pull request.
 *
 * @throws RemoteError
 */
async function assertWorkspace({ address = AZURE, workspace, token }: WorkspaceOptions): Promise<void> {
  const url = new URL(`${address}${workspace}?api-version=${REGISTERED.api}`);
  if ((await read(url, token)) === undefined) {
    throw new RemoteError(`there is no workspace ${workspace}`, "check --workspace: its ARM id, from the portal", 404);
  }
}

/** What is at an address; undefined where nothing is. */
async function read(url: URL, token: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const answer = await send(
    { method: "GET", url, headers: { Authorization: `Bearer ${token}` } },
    { again: (last) => last instanceof Error || last.status >= 500 || last.status === 429 },
  );
  if (answer instanceof Error) {
    throw new RemoteError(`${url.origin} cannot be reached: ${reasonOf(answer)}`, "check the network and the proxy");
  }
  if (answer.status === 404) {
    return undefined;
  }
  if (!answer.ok) {
    throw new RemoteError(
      `the workspace answered ${answer.status}`,
      "check --workspace, and that whoever signs in may read the workspace (Reader)",
      answer.status,
    );
  }
  const body: unknown = await answer.json().catch(() => undefined);
  if (!isObject(body)) {
    throw new RemoteError("the workspace's answer is no JSON object", "check the proxy");
  }
  return body;
}

function candidateOf(value: unknown): Candidate[] {
  if (!isObject(value) || !isObject(value.properties) || !isObject(value.properties.tags)) {
    return [];
  }
  const { tags } = value.properties;
  const created = isObject(value.systemData) ? value.systemData.createdAt : undefined;
  const text = (key: string): string => (typeof tags[key] === "string" ? tags[key] : "");
  const number = (key: string): number => (text(key) === "" ? NaN : Number(text(key)));
  const candidate: Candidate = {
    version: typeof value.name === "string" ? value.name : "",
    createdAt: typeof created === "string" ? created : "",
    sha256: text("sha256"),
    window: number("window"),
    bytes: number("bytes"),
    signals: text("signals").split(","),
    kind: text("kind"),
    faultsFound: number("faultsFound"),
    faultsFoundBySimpler: number("faultsFoundBySimpler"),
    faultsFoundByDetector: number("faultsFoundByDetector"),
    falseAlertsPerMachineMonth: number("falseAlertsPerMachineMonth"),
    confirmedFaults: text("confirmedFaults"),
  };
  return candidate.sha256 === "" || candidate.createdAt === "" ? [] : [candidate];
}
