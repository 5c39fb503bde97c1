import type { TokenCredential } from "@azure/identity";
import { RemoteError } from "@edge-anomaly-detection/common";
import type { TokenFor } from "./http";

type Variables = Readonly<Record<string, string | undefined>>;

/** Milliseconds that a program which is asked for a token may take. */
const PROGRAM_TIMEOUT_MS = 10_000;

/**
 * Tokens as Azure's own tools get them: a job's OIDC token with the variables that azurerm reads, environment variables, a
 * workload or managed identity where its variables are set, then the Azure CLI, the Azure Developer CLI and Azure PowerShell.
 * The library is loaded at the first token.
 */
export function signIn(variables: Variables = process.env): TokenFor {
  let credential: Promise<TokenCredential> | undefined;
  const tokens = new Map<string, Promise<string>>();
  const fetchToken = async (scope: string): Promise<string> => {
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
  const tenantId = variables.ARM_TENANT_ID ?? variables.AZURE_TENANT_ID;
  const clientId = variables.ARM_CLIENT_ID ?? variables.AZURE_CLIENT_ID;
  const request = { url: variables.ACTIONS_ID_TOKEN_REQUEST_URL, token: variables.ACTIONS_ID_TOKEN_REQUEST_TOKEN };
  const sources: TokenCredential[] = [
    ...(isGiven(request.url) && isGiven(request.token) && isGiven(tenantId) && isGiven(clientId)
      ? [new azure.ClientAssertionCredential(tenantId, clientId, assertion(request.url, request.token), network)]
      : []),
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

/** A job's own token, for whom Entra ID trusts it (docs.github.com/actions/reference/security/oidc). */
const assertion = (url: string, token: string) => async (): Promise<string> => {
  const address = new URL(url);
  address.searchParams.set("audience", "api://AzureADTokenExchange");
  const answer = await fetch(address, {
    headers: { Authorization: `Bearer ${token}`, Accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(PROGRAM_TIMEOUT_MS),
  });
  const body = (await answer.json()) as { readonly value?: unknown };
  if (typeof body.value !== "string") {
    throw new Error(`GitHub gave no token for the job, status ${answer.status}`);
  }
  return body.value;
};
