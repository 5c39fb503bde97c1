import {
  ALERT_OUTPUT,
  IMAGE_REPOSITORIES,
  type ModulesContent,
  renderLayer,
  renderModule,
  type Route,
  type RouteSource,
  SENSOR_INPUT,
  START_AS_ROOT,
  waitingFor,
} from "@edge-anomaly-detection/edge-manifest-tools";

/** What Stream Analytics answers when a job is published: text in a manifest that is shown, references in one that is deployed. */
export interface PublishedModule {
  /** Image of the module. */
  readonly image: string;
  /** Environment, `{ NAME: { value } }`. */
  readonly env: unknown;
  /** Desired properties by their full path, `properties.desired.NAME`; one of them is the signed link to the job. */
  readonly twin: unknown;
}

/** What the Stream Analytics layer is made of. */
export interface StreamAnalyticsLayerOptions {
  /** Name of the job, and so of its module. */
  readonly jobName: string;
  /** Where sensor messages come from. */
  readonly source: RouteSource;
  /** The module that was published. */
  readonly published: PublishedModule;
  /** Seconds for which messages wait for the module while it does not read. @default - the edge hub's own */
  readonly readerTimeToLiveSeconds?: number;
}

/** What stands for an answer of Stream Analytics where there is none yet; of the same form, and no link in it leads anywhere. */
export const UNPUBLISHED: PublishedModule = {
  image: `${IMAGE_REPOSITORIES.streamAnalytics}:1.0.14-linux-amd64`,
  env: { PlanId: { value: "stream-analytics-on-iot-edge" } },
  twin: {
    "properties.desired.ASAJobInfo": "filled in when the job is published: a signed link to its package",
    "properties.desired.ASAJobResourceId": "filled in when the job is published",
    "properties.desired.ASAJobEtag": "filled in when the job is published",
    "properties.desired.PublishTimestamp": "filled in when the job is published",
  },
};

/**
 * The Stream Analytics job as a module, and its routes. Image, environment and twin are what was published; `createOptions`
 * are null there, which the hub refuses, so they are this project's own.
 */
export function streamAnalyticsContent(options: StreamAnalyticsLayerOptions): ModulesContent {
  const { jobName, source, published, readerTimeToLiveSeconds } = options;
  const routes: Record<string, Route> = {
    sensorToStreamAnalytics: {
      from: source,
      to: { module: jobName, input: SENSOR_INPUT },
      ...waitingFor(readerTimeToLiveSeconds),
    },
    streamAnalyticsToCloud: { from: { module: jobName, output: ALERT_OUTPUT }, to: "upstream", priority: 0 },
  };
  const module = renderModule({
    image: published.image,
    startupOrder: 10,
    // Nobody outside Microsoft knows what the image does when it starts; it unpacks the job into its own file system.
    createOptions: { HostConfig: { CapAdd: [...START_AS_ROOT] } },
  });
  const { $edgeHub } = renderLayer({ modules: {}, routes });
  return {
    $edgeAgent: { [`properties.desired.modules.${jobName}`]: { ...module, env: published.env } },
    $edgeHub: $edgeHub ?? {},
    [jobName]: published.twin as Readonly<Record<string, unknown>>,
  };
}
