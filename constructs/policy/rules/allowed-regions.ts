import { COMPLIANT, knownLater, NOT_APPLICABLE, type Rule, verdictOf } from "../rule";
import { LATER } from "../written-element";

/** Resources without a place say so with this word. */
const NOWHERE = "global";

export const allowedRegions: Rule = {
  id: "allowed-regions",
  level: "error",
  what: "Everything is in a region that the environment allows.",
  why: "Where data lies decides which law holds; a region once chosen is changed by replacing the resource.",
  checkov: [],
  psrule: ["Azure.Resource.AllowedRegions"],
  check: (subject, context) => {
    const written = subject.isResource ? subject.read("location") : undefined;
    if (written === undefined) {
      return NOT_APPLICABLE;
    }
    if (written === LATER) {
      const text = subject.text("location");
      const group = context.subjects.find(
        ({ kind, address }) => kind === "azurerm_resource_group" && text === `\${${address}.location}`,
      );
      // Where a group of this stack is, it says itself and is judged for it.
      return group !== undefined ? COMPLIANT : knownLater("location");
    }
    const region = (typeof written === "string" ? written : "").toLowerCase().replaceAll(" ", "");
    return verdictOf(
      region === NOWHERE || context.allowedRegions.includes(region)
        ? []
        : [
            {
              path: "location",
              value: written,
              allowed: context.allowedRegions.join(", "),
              remedy: "move it, or add the region to allowedRegions in the environment's policy",
            },
          ],
    );
  },
};
