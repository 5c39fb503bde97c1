/** What a manifest in these tests may have of its own. */
export interface Parts {
  readonly modules?: Readonly<Record<string, unknown>>;
  readonly routes?: Readonly<Record<string, unknown>>;
  readonly agent?: object;
  readonly hub?: object;
  readonly runtime?: object;
  readonly twins?: object;
  readonly createOptions?: unknown;
}

/** A module as the portal writes it. */
export const moduleOf = (image: string, more: object = {}, settings: object = {}): object => ({
  version: "1.0",
  type: "docker",
  status: "running",
  restartPolicy: "always",
  settings: { image, createOptions: "{}", ...settings },
  ...more,
});

/** A volume, so that what the runtime stores outlives its containers. */
const ON_HOST = JSON.stringify({ HostConfig: { Binds: ["runtime:/data"] } });
const STORAGE = { storageFolder: { value: "/data" } };

/** `modulesContent` that the checker has nothing to say about, but for what `parts` change. */
export function contentOf({
  modules,
  routes,
  agent,
  hub,
  runtime,
  twins,
  createOptions = ON_HOST,
}: Parts = {}): object {
  const settings = (name: string): object => ({ image: `mcr.microsoft.com/azureiotedge-${name}:1.6.1`, createOptions });
  return {
    $edgeAgent: {
      "properties.desired": {
        schemaVersion: "1.1",
        runtime: {
          type: "docker",
          settings: { minDockerVersion: "v1.25", loggingOptions: "", registryCredentials: {}, ...runtime },
        },
        systemModules: {
          edgeAgent: { type: "docker", env: STORAGE, settings: settings("agent") },
          edgeHub: {
            type: "docker",
            status: "running",
            restartPolicy: "always",
            env: STORAGE,
            settings: settings("hub"),
          },
        },
        modules: modules ?? { m: moduleOf("cr.example/m:1.0.0") },
        ...agent,
      },
    },
    $edgeHub: {
      "properties.desired": {
        schemaVersion: "1.1",
        routes: routes ?? { up: "FROM /messages/* INTO $upstream" },
        storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
        ...hub,
      },
    },
    ...twins,
  };
}
