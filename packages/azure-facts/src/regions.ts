import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";

/**
 * Regions of the public cloud by their programmatic names, as learn.microsoft.com/azure/reliability/regions-list had them on
 * 2026-11-25, announced ones left out. A region that has opened since goes into `additionalRegions` of the organisation.
 */
export const REGIONS: readonly string[] = [
  "australiacentral",
  "australiacentral2",
  "australiaeast",
  "australiasoutheast",
  "austriaeast",
  "belgiumcentral",
  "brazilsouth",
  "brazilsoutheast",
  "canadacentral",
  "canadaeast",
  "centralindia",
  "centralus",
  "chilecentral",
  "denmarkeast",
  "eastasia",
  "eastus",
  "eastus2",
  "francecentral",
  "francesouth",
  "germanynorth",
  "germanywestcentral",
  "indonesiacentral",
  "israelcentral",
  "italynorth",
  "japaneast",
  "japanwest",
  "jioindiacentral",
  "jioindiawest",
  "koreacentral",
  "koreasouth",
  "malaysiawest",
  "mexicocentral",
  "newzealandnorth",
  "northcentralus",
  "northeurope",
  "norwayeast",
  "norwaywest",
  "polandcentral",
  "qatarcentral",
  "southafricanorth",
  "southafricawest",
  "southcentralus",
  "southeastasia",
  "southindia",
  "spaincentral",
  "swedencentral",
  "swedensouth",
  "switzerlandnorth",
  "switzerlandwest",
  "uaecentral",
  "uaenorth",
  "uksouth",
  "ukwest",
  "westcentralus",
  "westeurope",
  "westindia",
  "westus",
  "westus2",
  "westus3",
];

/** How a region is written; whatever has another form is told so by the setting that holds it. */
const FORM = /^[a-z]+[0-9]?$/;

/**
 * A name that is written like a region's and is none.
 *
 * @param additional regions that the organisation knows of besides
 */
export function regionProblems(
  path: string,
  region: string | undefined,
  additional: readonly string[] = [],
): Problem[] {
  const isUnknown = region !== undefined && FORM.test(region) && ![...REGIONS, ...additional].includes(region);
  const alike = REGIONS.filter((known) => region !== undefined && sharesBeginning(known, region));
  return collect(
    problemIf(
      isUnknown,
      path,
      region,
      alike.length > 0 ? `a region of Azure, such as ${alike.slice(0, 5).join(", ")}` : "a region of Azure",
      "correct it as `az account list-locations --query [].name` prints it; a new region goes into additionalRegions in environments/organization.ts",
    ),
  );
}

const sharesBeginning = (a: string, b: string): boolean => a.slice(0, 4) === b.slice(0, 4);
