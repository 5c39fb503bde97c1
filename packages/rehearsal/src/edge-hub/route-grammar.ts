/**
 * The routing language of the edge hub, from where manifests are checked by it. The one place that knows where that is:
 * it imports nothing itself and can become a package of its own.
 */
export { parseRoute } from "@edge-anomaly-detection/edge-manifest-tools";
export { routeMatches, type RoutedMessage } from "@edge-anomaly-detection/edge-manifest-tools";
export { type ParsedRoute as Route } from "@edge-anomaly-detection/edge-manifest-tools";
