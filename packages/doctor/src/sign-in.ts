import type { TokenCredential } from "@azure/identity";
import { type ApiRequest, reasonOf, redacted, RemoteError, send } from "@edge-anomaly-detection/common";
import type { TokenFor } from "./http";
import { text } from "./json";

type Variables = Readonly<Record<string, string | undefined>>;

/** Milliseconds that a program which is asked for a token may take. */
const PROGRAM_TIMEOUT_MS = 10_000;

/** Where Entra ID answers; tests put a stand-in's address in its place. */
const AUTHORITY = "https://login.microsoftonline.com";

/**
 * Tokens as Azure's own tools get them: a job's OIDC token with the variables that azurerm reads, environment variables, a
 * workload or managed identity where its variables are set, then the Azure CLI, the Azure Developer CLI and Azure PowerShell.
 * `@azure/identity` is loaded at the first token, and not at all for a job's OIDC token: nothing from npm runs beside it.
 */
export function signIn(variables: Variables = process.env, authority = AUTHORITY): TokenFor {
  let credential: Promise<TokenCredential> | undefined;
  const tokens = new Map<string, Promise<string>>();
  const job = jobOf(variables);
  const fetchToken = async (scope: string): Promise<string> => {
    if (job !== undefined) {
      return jobToken(job, scope, authority);
    }
    credential ??= chain(variables);
    try {
      const answer = await (await credential).getToken(scope);
      if (answer !== null) {
        return answer.token;
      }
    } catch (error) {
      throw notSignedIn(error);
    }
    throw notSignedIn(new Error("no token"));
  };
  return (scope) => {
    const known = tokens.get(scope) ?? fetchToken(scope);
    tokens.set(scope, known);
    return known;
  };
}

function notSignedIn(error: unknown): RemoteError {
  const messages = error instanceof Error ? error.message : String(error);
  const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|getaddrinfo|network_error/.test(messages);
  return isOffline
    ? new RemoteError("Azure's sign-in cannot be reached", "check the network and the proxy")
    : new RemoteError(
        "nobody is signed in to Azure",
        "az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
      );
}

async function chain(variables: Variables): Promise<TokenCredential> {
  const azure = await import("@azure/identity");
  const options = { processTimeoutInMs: PROGRAM_TIMEOUT_MS };
  // The library's own three retries would keep a person without a network waiting for ten seconds.
  const network = { retryOptions: { maxRetries: 1, retryDelayInMs: 500 } };
  const clientId = variables.AZURE_CLIENT_ID;
  const sources: TokenCredential[] = [
    new azure.EnvironmentCredential(network),
    ...(isGiven(variables.AZURE_FEDERATED_TOKEN_FILE) ? [new azure.WorkloadIdentityCredential(network)] : []),
    // Asking for a managed identity where there is none takes seconds.
    ...(isGiven(variables.IDENTITY_ENDPOINT) || isGiven(variables.MSI_ENDPOINT)
      ? [isGiven(clientId) ? new azure.ManagedIdentityCredential({ clientId }) : new azure.ManagedIdentityCredential()]
      : []),
    new azure.AzureCliCredential(options),
    new azure.AzureDeveloperCliCredential(options),
    new azure.AzurePowerShellCredential(options),
  ];
  return new azure.ChainedTokenCredential(...sources);
}

const isGiven = (value: string | undefined): value is string => value !== undefined && value !== "";

/** A job whose token Entra ID takes in place of a secret. */
interface Job {
  readonly requestUrl: string;
  readonly requestToken: string;
  readonly tenantId: string;
  readonly clientId: string;
}

/** The variables that GitHub gives a job with the permission id-token, and those that azurerm reads. */
function jobOf(variables: Variables): Job | undefined {
  const requestUrl = variables.ACTIONS_ID_TOKEN_REQUEST_URL;
  const requestToken = variables.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
  const tenantId = variables.ARM_TENANT_ID;
  const clientId = variables.ARM_CLIENT_ID;
  return isGiven(requestUrl) && isGiven(requestToken) && isGiven(tenantId) && isGiven(clientId)
    ? { requestUrl, requestToken, tenantId, clientId }
    : undefined;
}

/**
 * A token for a job: GitHub's own for the job (docs.github.com/actions/reference/security/oidc), given to Entra ID as the assertion of
 * RFC 7523 (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, federated credential).
 */
async function jobToken(job: Job, scope: string, authority: string): Promise<string> {
  const url = new URL(job.requestUrl);
  url.searchParams.set("audience", "api://AzureADTokenExchange");
  const headers = { Authorization: `Bearer ${job.requestToken}`, Accept: "application/json" };
  const assertion = await field("GitHub", { method: "GET", url, headers }, "value");
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: job.clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    scope,
  });
  const token = new URL(`${authority}/${encodeURIComponent(job.tenantId)}/oauth2/v2.0/token`);
  return field(
    "Entra ID",
    { method: "POST", url: token, headers: { Accept: "application/json" }, body: form },
    "access_token",
  );
}

/** A text in an answer; what is refused says why, and shows no token. */
async function field(who: string, request: ApiRequest, name: string): Promise<string> {
  const answer = await send(request, {
    again: (last) => last instanceof Error || last.status === 429 || last.status >= 500,
  });
  if (answer instanceof Error) {
    throw new RemoteError(`${who} cannot be reached: ${reasonOf(answer)}`, "check the network and the proxy");
  }
  const body: unknown = await answer.json().catch(() => undefined);
  const found = text(body, name);
  if (!answer.ok || found === undefined) {
    const code = text(body, "error") ?? `status ${answer.status}`;
    throw new RemoteError(
      `${who} gave no token for this job: ${redacted(code).slice(0, 100)}`,
      "the identity must trust this repository and GitHub environment: docs/bootstrap.md",
    );
  }
  return found;
}
