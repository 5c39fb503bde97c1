import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ResourceChange } from "../../plan-review/plan";
import type { Report } from "../../plan-review/report";
import { reviewPlans } from "../../plan-review/review-plans";

const PLANS = join(__dirname, "plans");

/**
 * Arguments whose change replaces these objects, as azurerm's source says (ForceNew). No recorded plan has them, because
 * what made those has the providers' schemas and not their code: here they are written in by hand.
 */
const FORCING: Readonly<Record<string, string>> = {
  azurerm_iothub: "min_tls_version",
  azurerm_iothub_endpoint_storage_container: "iothub_id",
  azurerm_role_assignment: "scope",
};

/** The recorded replacement of a hub, as it would be if its TLS version were what replaces it. */
function hubReplacedByArgument(): string {
  const plan = JSON.parse(readFileSync(join(PLANS, "hub-replaced.json"), "utf8")) as {
    resource_changes: readonly ResourceChange[];
  };
  const edited = plan.resource_changes.map((resource) => {
    const { change, type } = resource;
    const path = FORCING[type] ?? "";
    const before = change.before as Readonly<Record<string, unknown>> | null;
    const unknown = change.after_unknown as Readonly<Record<string, unknown>> | undefined;
    const isHub = type === "azurerm_iothub";
    const isForced = isHub || (change.actions[0] === "update" && unknown?.[path] === true);
    const forced = {
      ...change,
      actions: ["delete", "create"],
      before: { ...before, ...(isHub && { min_tls_version: null }) },
      replace_paths: [[path]],
    };
    return isForced ? { ...resource, action_reason: "replace_because_cannot_update", change: forced } : resource;
  });
  return JSON.stringify({ ...plan, resource_changes: edited });
}

/** What a reader of a release would see: a query, a detector and a device more in three stacks; in a fourth the hub is replaced. */
export async function sampleReport(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "sample-"));
  const edited = join(folder, "hub-replaced.json");
  writeFileSync(edited, hubReplacedByArgument());
  const recorded = ["changed-query", "changed-module-image", "device-added"].map((name) => join(PLANS, `${name}.json`));
  const report = await reviewPlans([...recorded, edited]);
  rmSync(folder, { recursive: true });
  // Where the files lie differs from machine to machine.
  return {
    ...report,
    sources: report.sources.map((source) => ({ ...source, path: `plans/${basename(source.path)}` })),
  };
}
