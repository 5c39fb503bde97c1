import { isObject } from "@edge-anomaly-detection/common";
import { HcpTerraformError } from "@edge-anomaly-detection/hcp-terraform";

/** Who a pipeline is in Azure, for one environment; ids, none of them a secret. */
export interface PipelineIdentities {
  readonly tenantId: string;
  /** Application that plans: it reads. */
  readonly planClientId: string;
  /** Application that applies. */
  readonly applyClientId: string;
}

/** By field, where it is in the bootstrap stack's outputs. */
const places = (environment: string): Readonly<Record<keyof PipelineIdentities, readonly string[]>> => ({
  tenantId: ["tenant_id", "value"],
  planClientId: ["identities", "value", environment, "plan_client_id"],
  applyClientId: ["identities", "value", environment, "apply_client_id"],
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const REMEDY =
  "write it anew where the bootstrap stack was applied: terraform -chdir=cdktf.out/stacks/bootstrap output -json > bootstrap.json";

/**
 * Reads the identities of an environment from what `terraform output -json` prints for the bootstrap stack.
 *
 * @param file name of the file, for messages
 * @throws HcpTerraformError with everything that is missing or malformed
 */
export function identitiesIn(text: string, environment: string, file: string): PipelineIdentities {
  const outputs = parse(text, file);
  const found = Object.entries(places(environment)).map(([field, place]) => ({ field, place, id: at(outputs, place) }));
  const broken = found.filter(({ id }) => typeof id !== "string" || !UUID.test(id));
  if (broken.length > 0) {
    throw new HcpTerraformError(
      `${file} has no UUID at ${broken.map(({ place }) => place.join(".")).join(", ")}`,
      REMEDY,
    );
  }
  return Object.fromEntries(found.map(({ field, id }) => [field, id])) as unknown as PipelineIdentities;
}

function at(value: unknown, place: readonly string[]): unknown {
  return place.reduce<unknown>(
    (inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
    value,
  );
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HcpTerraformError(`${file} is not JSON`, REMEDY);
  }
}
