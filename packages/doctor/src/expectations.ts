import type { Found } from "./finding";

/** What Azure should hold for one environment, as plain data: the app derives it from what it synthesizes. */
export interface Expectations {
  readonly environment: string;
  /** Subscription. @default - not known, and nothing of ARM can be asked */
  readonly subscriptionId?: string;
  /** Region by its programmatic name. */
  readonly location: string;
  readonly resourceGroup: string;
  /** Namespaces that must be registered. */
  readonly resourceProviders: readonly string[];
  /** ARM operations that whoever applies needs. */
  readonly operations: readonly string[];
  /** Resources of the group that have a name of their own. */
  readonly resources: readonly ExpectedResource[];
  /** Names that all of Azure shares. */
  readonly globalNames: readonly ExpectedResource[];
  /** The first hub. */
  readonly hub: ExpectedHub;
  /** Further hubs with what is on each. @default - there is one hub */
  readonly otherHubs?: readonly HubExpectations[];
  /** The data lake. */
  readonly lake: { readonly account: string; readonly anomalies: string; readonly telemetry?: string };
  readonly logs: ExpectedLogs;
  /** How episodes become work orders. @default - there is no queue for them */
  readonly workOrders?: ExpectedWorkOrders;
  readonly alerts: {
    /** Devices below which the hub's alert fires; 0 where there is none. */
    readonly minimumConnectedDevices: number;
    readonly actionGroup: string;
  };
  readonly budget: { readonly name: string };
  readonly registry: ExpectedRegistry;
  /** Models that versions name, each once. */
  readonly models: readonly { readonly version: string; readonly uri: string }[];
  /** Virtual CPUs of virtual machines that the environment creates. */
  readonly virtualCpus: number;
  /** Devices of the first hub. */
  readonly devices: readonly ExpectedDevice[];
  /** Deployments of the first hub. */
  readonly deployments: readonly ExpectedDeployment[];
  /** Module id of the anomaly detector on devices. @default - none runs */
  readonly detectorModule?: string;
  /** What the configuration itself shows, with the check that it belongs to. */
  readonly configuration: readonly (Found & { readonly check: ConfigurationCheck })[];
}

/** What one hub should hold. */
export type HubExpectations = Pick<Expectations, "hub" | "devices" | "deployments">;

/** What is expected of an environment, once for each of its hubs: everything in it that is about a hub is about that one. */
export const ofEachHub = (expected: Expectations): readonly [Expectations, ...Expectations[]] => [
  expected,
  ...(expected.otherHubs ?? []).map((hub) => ({ ...expected, ...hub })),
];

/** Checks of what is in the repository; they need no network. */
export type ConfigurationCheck =
  "placeholder" | "provider-lock" | "message-volume" | "image-tag" | "unlisted-environment";

/** A resource by type and name. */
export interface ExpectedResource {
  /** ARM type: `Microsoft.Devices/IotHubs`. */
  readonly type: string;
  readonly name: string;
}

/** The hub as configured. */
export interface ExpectedHub {
  readonly name: string;
  readonly hostname: string;
  /** Routes by name, with the endpoint of each. */
  readonly routes: Readonly<Record<string, string>>;
  /** Endpoints other than the built-in one. */
  readonly endpoints: readonly string[];
  /** Log categories without which alerts never fire. */
  readonly logCategories: readonly string[];
  /** Messages that it takes a day. */
  readonly dailyMessages: number;
  /** Longest time without any message before the environment counts as silent, in minutes. */
  readonly silentMinutes: number;
}

/** Where logs go. */
export interface ExpectedLogs {
  readonly workspace: string;
  /** How anomalies reach it: a topic for each hub. @default - they do not */
  readonly feed?: { readonly table: string; readonly workflow: string; readonly topics: readonly string[] };
}

/** The way from episodes to work orders: names of each hub's topic, the subscription on it, the Service Bus namespace and its queue. */
export interface ExpectedWorkOrders {
  readonly topics: readonly string[];
  readonly subscription: string;
  readonly namespace: string;
  readonly queue: string;
}

/** Where devices pull images from. */
export interface ExpectedRegistry {
  readonly name: string;
  readonly host: string;
  /** Tokens by which devices pull. */
  readonly tokens: readonly string[];
  /** Images that versions name, each once. `reference` is a digest or a tag. */
  readonly images: readonly { readonly version: string; readonly repository: string; readonly reference: string }[];
}

/** A device of the configuration. */
export interface ExpectedDevice {
  readonly id: string;
  readonly enabled: boolean;
  /** Ring that it belongs to. @default - none, as devices without the IoT Edge runtime */
  readonly ring?: string;
}

/** A layer's deployment for a ring. */
export interface ExpectedDeployment {
  readonly layer: string;
  readonly ring: string;
  /** Name of the version that the ring runs. */
  readonly version: string;
  /** Its id, or the beginning of it where the rest is known after apply. */
  readonly id: string;
  readonly isPrefix: boolean;
  readonly targetCondition: string;
  /** Devices of the configuration that it targets; others may be targeted as well. */
  readonly devices: number;
  /** Layer that takes its place on some devices of the ring: a gateway's base. @default - none */
  readonly replacedBy?: string;
  /** Modules that it brings, with their images; null where the image is known after apply. System modules are `$edgeAgent` and `$edgeHub`. */
  readonly modules: Readonly<Record<string, string | null>>;
}
