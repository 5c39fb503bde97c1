import { referencesIn } from "../policy-context";
import { type Rule, verdictOf } from "../rule";
import { LATER, type WrittenElement } from "../written-element";

/** Blocks of a hub and the resources that say the same. */
const PARTS: Readonly<Record<string, RegExp>> = {
  endpoint: /^azurerm_iothub_endpoint_/,
  enrichment: /^azurerm_iothub_enrichment$/,
  fallback_route: /^azurerm_iothub_fallback_route$/,
  file_upload: /^azurerm_iothub_file_upload$/,
  route: /^azurerm_iothub_route$/,
};

export const hubRoutingInOnePlace: Rule = {
  id: "hub-routing-in-one-place",
  level: "error",
  what: "Endpoints, routes and enrichments of a hub stand in the hub or in resources of their own, never in both.",
  why: "azurerm undoes one with the other at every apply, and messages are lost in between.",
  checkov: [],
  psrule: [],
  kinds: ["azurerm_iothub"],
  check: (hub, { subjects }) => {
    const inline = Object.entries(PARTS).filter(([block]) => hub.count(block) !== 0);
    return verdictOf(
      inline.flatMap(([block, kinds]) => {
        const apart = subjects.filter((subject) => kinds.test(subject.kind) && belongsTo(subject, hub));
        const count = hub.count(block);
        return apart.length === 0
          ? []
          : [
              {
                path: block,
                value: count === LATER ? "dynamic" : count,
                allowed: `none beside ${apart.map(({ path }) => path).join(", ")}`,
                remedy: "move it into a resource of its own",
              },
            ];
      }),
    );
  },
};

/** By reference or by name; what names its hub by another expression may be any hub's, and so is taken for this one's. */
function belongsTo(part: WrittenElement, hub: WrittenElement): boolean {
  const owner = part.text("iothub_name") ?? part.text("iothub_id");
  const addresses = referencesIn(owner);
  return addresses.size > 0
    ? addresses.has(hub.address)
    : part.read("iothub_name") === LATER || owner === hub.text("name");
}
