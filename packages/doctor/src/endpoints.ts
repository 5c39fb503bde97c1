/** Addresses of the services; tests put a stand-in's in their place. */
export interface Endpoints {
  readonly arm: string;
  readonly logs: string;
  readonly hub: (hostname: string) => string;
  readonly registry: (host: string) => string;
  readonly lake: (account: string) => string;
}

/** Azure's public cloud. */
export const PUBLIC_CLOUD: Endpoints = {
  arm: "https://management.azure.com",
  logs: "https://api.loganalytics.azure.com",
  hub: (hostname) => `https://${hostname}`,
  registry: (host) => `https://${host}`,
  lake: (account) => `https://${account}.dfs.core.windows.net`,
};

/** Scopes of tokens, by service (learn.microsoft.com/entra/identity-platform/scopes-oidc, `.default`). */
export const SCOPES = {
  arm: "https://management.azure.com/.default",
  logs: "https://api.loganalytics.azure.com/.default",
  hub: "https://iothubs.azure.net/.default",
  lake: "https://storage.azure.com/.default",
} as const;
