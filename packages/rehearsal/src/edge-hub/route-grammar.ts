/**
 * The routing language of the edge hub, from where manifests are checked by it. The one place that knows where that is:
 * it imports nothing itself and can become a package of its own.
 */
export { parseRoute } from "../../../edge-manifest-tools/src/routing/parse";
export { routeMatches, type RoutedMessage } from "../../../edge-manifest-tools/src/routing/evaluate";
export { type Route } from "../../../edge-manifest-tools/src/routing/syntax";
