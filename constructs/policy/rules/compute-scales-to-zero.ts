import { expect } from "../expectation";
import type { Rule } from "../rule";

export const computeScalesToZero: Rule = {
  id: "compute-scales-to-zero",
  level: "warning",
  what: "Compute clusters give back every node when there is nothing to do.",
  why: "A node that waits costs as much as one that works.",
  checkov: ["CKV_AZURE_150"],
  psrule: [],
  ...expect({
    azurerm_machine_learning_compute_cluster: {
      path: "scale_settings.min_node_count",
      allowed: [0],
      remedy: "write 0, unless jobs cannot wait for a node",
    },
  }),
};
