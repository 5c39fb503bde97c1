import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Expectations } from "@edge-anomaly-detection/doctor";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { organization } from "../../environments/organization";
import { prod } from "../../environments/prod";
import { buildApp } from "../../stacks/app";
import { doctorExpectations } from "../../stacks/commands/doctor-expectations";

const DIGEST = `sha256:${"ab".repeat(32)}`;

/** The shipped production environment with images by digest. */
export const plant: EnvironmentConfig = {
  ...prod,
  maintenance: {
    queue: { receivers: { scheduler: { objectId: "77777777-7777-4777-8777-777777777777", type: "ServicePrincipal" } } },
  },
  edge: {
    ...(prod.edge ?? { rings: {} }),
    versions: {
      "2026.10": { runtime: "1.6.0", detector: `1.0.0@${DIGEST}` },
      "2026.11": { runtime: "1.6.1", detector: `1.0.1@${DIGEST.replace("ab", "cd")}` },
    },
  },
};

/** What is expected of an environment of the test's own, without warnings of the repository. */
export function expectationsFor(environment: EnvironmentConfig = plant): Expectations {
  const outdir = mkdtempSync(join(tmpdir(), "doctor-test-"));
  try {
    const [stack] = buildApp({ organization, environments: [environment] }, { outdir }).environments;
    if (stack === undefined) {
      throw new Error("no stack");
    }
    return doctorExpectations(organization, stack, [], undefined);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
