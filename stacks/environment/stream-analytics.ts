import type { PackageStorage } from "../../constructs/storage/package-storage";
import { EdgeJob } from "../../constructs/stream-analytics/edge-job";
import { EdgePackage } from "../../constructs/stream-analytics/edge-package";
import { type EnvironmentContext, sendDiagnostics } from "./context";

export function createStreamAnalytics(context: EnvironmentContext, packages: PackageStorage): EdgePackage {
  const job = new EdgeJob(context.stack, "EdgeJob", {
    ...context.environment.streamAnalytics,
    resourceGroup: context.resourceGroup,
    packages,
  });
  sendDiagnostics(context, job, "streamAnalyticsJob", job.resource.id);
  return new EdgePackage(context.stack, "EdgePackage", { ...context.environment.streamAnalytics, job });
}
