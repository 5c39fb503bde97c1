import type { NameParts } from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";

/** What an environment's names are made of. */
export function nameParts(organization: OrganizationConfig, environment: EnvironmentConfig): NameParts {
  return {
    workload: organization.workload,
    seed: organization.nameSeed,
    code: environment.code,
    location: environment.location,
  };
}
