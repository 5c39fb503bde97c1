import { Rotating } from "@cdktf/provider-time/lib/rotating";
import { StaticResource } from "@cdktf/provider-time/lib/static-resource";
import { dependable } from "cdktf";
import { Construct } from "constructs";
import { AzapiResourceAction } from "@edge-anomaly-detection/terraform-bindings";
import { mustBeThere, textOr } from "../shared/expressions";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { inRange } from "@edge-anomaly-detection/common/rules";
import { type EdgeJob, PACKAGE_API } from "./edge-job";

/** Parts of a module's manifest that devices need. */
const MANIFEST_PARTS = ["settings.image", 'twin.content["properties.desired"]'];

const RETRY = "When that is fixed, raise streamAnalytics.publishGeneration by one and apply again.";

/** What an environment decides about publishing. */
export interface EdgePackageSettings {
  /** Raise it by one to publish again although nothing changed, for example after a failure was fixed. 1 to 1,000,000. @default 1 */
  readonly publishGeneration?: number;
  /** Days after which the next apply publishes anew, 1 to 1,000: the link that devices fetch the package by ends after three years. @default 365 */
  readonly publishEveryDays?: number;
}

/** What `EdgePackage` needs. */
export interface EdgePackageProps extends EdgePackageSettings {
  /** The job to publish. */
  readonly job: EdgeJob;
}

/** Validation errors in an environment's settings for publishing. */
export function edgePackageProblems(settings: EdgePackageSettings): Problem[] {
  return collect(
    inRange(
      "publishGeneration",
      settings.publishGeneration,
      { min: 1, max: 1_000_000, unit: "publications" },
      "raise it by one",
    ),
    inRange(
      "publishEveryDays",
      settings.publishEveryDays,
      { min: 1, max: 1_000, unit: "days" },
      "stay below three years, the life of a package's link",
    ),
  );
}

/**
 * Publishes an edge job: Stream Analytics compiles it, exports a package to the job's storage and answers with the module's
 * manifest. Runs on creation, whenever a part of the job changes, and after `publishEveryDays` because the package's link
 * expires.
 *
 * A failed publication fails the apply with Azure's own message: Azure reports it in the body of an answer that otherwise
 * looks like a success. Terraform keeps that answer, so the next attempt needs a raised `publishGeneration`.
 */
export class EdgePackage extends Construct {
  public readonly resource: AzapiResourceAction;

  public constructor(scope: Construct, id: string, props: EdgePackageProps) {
    super(scope, id);
    validateProps(this, () => edgePackageProblems(props));
    const lease = new Rotating(this, "Lease", { rotationDays: props.publishEveryDays ?? 365 });
    // `time_rotating` is created anew when it ends, which triggers nothing; what reads it is replaced, which does.
    const reasons = new StaticResource(this, "Reasons", {
      triggers: { generation: String(props.publishGeneration ?? 1), lease: lease.rfc3339 },
    });
    this.resource = new AzapiResourceAction(this, "Resource", {
      type: `Microsoft.StreamAnalytics/streamingjobs@${PACKAGE_API}`,
      resourceId: props.job.resource.id,
      action: "publishedgepackage",
      method: "POST",
      responseExportValues: { status: "status", error: "error" },
      // The manifest holds a signed link to the package.
      sensitiveResponseExportValues: { manifest: "manifest" },
      timeouts: { create: "30m", update: "30m" },
      dependsOn: [...props.job.parts],
      lifecycle: {
        // As addresses: cdktf 0.21 renders resources here as expressions, which Terraform refuses.
        replaceTriggeredBy: [...props.job.parts, reasons].map((part) => dependable(part)),
        postcondition: [
          {
            condition: '${try(self.output.status, null) == "Succeeded"}',
            errorMessage:
              `Stream Analytics did not publish the edge package (status ${textOr(["self.output.status"], "missing")}): ` +
              `${textOr(["self.output.error.message", "jsonencode(coalesce(self.output.error))"], "it gave no reason")}. ` +
              RETRY,
          },
          mustBeThere(
            MANIFEST_PARTS.map((part) => `jsondecode(self.sensitive_output.manifest).${part}`),
            `Stream Analytics published the edge package, but its answer has no usable module manifest. ${RETRY}`,
          ),
        ],
      },
    });
  }
}
