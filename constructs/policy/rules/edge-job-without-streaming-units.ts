import { referencesIn } from "../policy-context";
import { COMPLIANT, knownLater, NOT_APPLICABLE, type Rule, type Verdict, verdictOf } from "../rule";
import { LATER, type WrittenElement } from "../written-element";

const JOB = "azapi_resource:microsoft.streamanalytics/streamingjobs";
const TRANSFORMATION = /^azapi_\w+:microsoft\.streamanalytics\/streamingjobs\/transformations$/;

/** Where a job says what only one in the cloud has. */
const CLOUD_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  [JOB]: ["body.properties.transformation.properties.streamingUnits", "body.properties.cluster"],
  azurerm_stream_analytics_job: ["streaming_units", "stream_analytics_cluster_id"],
};

export const edgeJobWithoutStreamingUnits: Rule = {
  id: "edge-job-without-streaming-units",
  level: "error",
  what: "Stream Analytics jobs of type Edge have neither streaming units nor a cluster.",
  why: "Azure refuses them: such a job runs on devices.",
  checkov: [],
  psrule: [],
  check: (subject, { subjects }) => {
    if (TRANSFORMATION.test(subject.kind)) {
      const owners = referencesIn([subject.text("resource_id"), subject.text("parent_id")]);
      const job = subjects.find(({ address }) => owners.has(address));
      return job === undefined ? NOT_APPLICABLE : onEdge(job, subject, ["body.properties.streamingUnits"]);
    }
    const paths = Object.hasOwn(CLOUD_ARGUMENTS, subject.kind) ? CLOUD_ARGUMENTS[subject.kind] : undefined;
    return paths === undefined ? NOT_APPLICABLE : onEdge(subject, subject, paths);
  },
};

function onEdge(job: WrittenElement, subject: WrittenElement, paths: readonly string[]): Verdict {
  const type = job.kind === JOB ? "body.properties.jobType" : "type";
  const value = job.read(type);
  return value === LATER ? knownLater(type) : value === "Edge" ? without(subject, paths) : NOT_APPLICABLE;
}

function without(subject: WrittenElement, paths: readonly string[]): Verdict {
  const given = paths.filter((path) => subject.text(path) !== undefined);
  return given.length === 0
    ? COMPLIANT
    : verdictOf(
        given.map((path) => ({
          path,
          value: subject.text(path),
          allowed: "nothing on a job of type Edge",
          remedy: "leave it out",
        })),
      );
}
