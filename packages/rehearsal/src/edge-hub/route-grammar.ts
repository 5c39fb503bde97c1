/**
 * The routing language of the edge hub, from where manifests are checked by it. The one place that knows where that is:
 * it imports nothing itself and can become a package of its own.
 */
export { parseRoute } from "../../../../edge-manifests/routing/parse";
export { routeMatches, type RoutedMessage } from "../../../../edge-manifests/routing/evaluate";
export { type Route } from "../../../../edge-manifests/routing/syntax";
