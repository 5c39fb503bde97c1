import { isObject } from "@edge-anomaly-detection/common";
import { takesTags } from "../../shared/tags";
import { knownLater, NOT_APPLICABLE, type Rule, verdictOf } from "../rule";
import { LATER } from "../written-element";

export const requiredTags: Rule = {
  id: "required-tags",
  level: "error",
  what: "Everything that can have tags has those that the environment asks for.",
  why: "Costs and responsibility are found by tags alone.",
  checkov: [],
  psrule: ["Azure.Resource.RequiredTags"],
  check: (subject, context) => {
    if (!takesTags(subject.element)) {
      return NOT_APPLICABLE;
    }
    const tags = subject.read("tags");
    if (tags === LATER) {
      return knownLater("tags");
    }
    // Azure does not tell upper from lower case.
    const names = new Set(Object.keys(isObject(tags) ? tags : {}).map((name) => name.toLowerCase()));
    const missing = context.requiredTags.filter((name) => !names.has(name.toLowerCase()));
    return verdictOf(
      missing.map((name) => ({
        path: `tags.${name}`,
        value: undefined,
        allowed: "any value",
        remedy: "give the tag to the organisation or the environment, whose tags everything gets",
      })),
    );
  },
};
