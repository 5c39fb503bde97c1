import type { OrganizationConfig } from "./environment-config";

/** Change `nameSeed` before the first deployment: names that are global in Azure are made from it. */
export const organization: OrganizationConfig = {
  workload: "anomaly",
  nameSeed: "contoso-factories",
};
