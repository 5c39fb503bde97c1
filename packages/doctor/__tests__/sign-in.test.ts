import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { signIn } from "../src/sign-in";

const SCOPE = "https://management.azure.com/.default";
let server: Server;
let address: string;
let asked: { readonly path: string; readonly authorization: string | undefined; readonly body: string }[];
let refuses: boolean;

beforeEach(async () => {
  asked = [];
  refuses = false;
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ path: request.url ?? "", authorization: request.headers.authorization, body });
      const isGithub = request.url?.startsWith("/github") === true;
      if (!isGithub && refuses) {
        const error = {
          error: "invalid_client",
          error_description: "AADSTS70021: no matching federated identity; assertion job-token",
        };
        response.writeHead(401).end(JSON.stringify(error));
        return;
      }
      response.end(
        JSON.stringify(isGithub ? { value: "job-token" } : { access_token: "azure-token", expires_in: 3599 }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const variables = (): Record<string, string> => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: `${address}/github?run=1`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
  ARM_TENANT_ID: "tenant",
  ARM_CLIENT_ID: "client",
});

it("gives a job's own token to Entra ID, once for each scope", async () => {
  const tokenFor = signIn(variables(), address);
  expect(await Promise.all([tokenFor(SCOPE), tokenFor(SCOPE)])).toEqual(["azure-token", "azure-token"]);
  expect(asked.map(({ path }) => path)).toEqual([
    "/github?run=1&audience=api%3A%2F%2FAzureADTokenExchange",
    "/tenant/oauth2/v2.0/token",
  ]);
  expect(asked[0]?.authorization).toBe("Bearer request-token");
  expect(asked[1]?.authorization).toBeUndefined();
  expect(Object.fromEntries(new URLSearchParams(asked[1]?.body))).toEqual({
    grant_type: "client_credentials",
    client_id: "client",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: "job-token",
    scope: SCOPE,
  });
});

it("says what to do where the identity does not trust the job, and shows no token", async () => {
  refuses = true;
  const failure = await signIn(variables(), address)(SCOPE).catch((error: unknown) => String(error));
  expect(failure).toContain("Entra ID gave no token for this job: invalid_client");
  expect(failure).toContain("the identity must trust this repository and GitHub environment");
  expect(failure).not.toContain("job-token");
});
