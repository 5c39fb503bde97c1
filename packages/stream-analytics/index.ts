export { type AnomalyModel, type AnomalyModels, type AnomalyResult } from "./src/anomaly-functions";
export { type EventOrder } from "./src/event-order";
export { type JobCounts, type JobOptions, type OutputRow, StreamAnalyticsJob } from "./src/job";
export { parseQuery } from "./src/parse";
export { JobFailure, QueryError } from "./src/query-error";
export { type Value } from "./src/values";
