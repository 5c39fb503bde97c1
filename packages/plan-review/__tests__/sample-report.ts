import { basename, join } from "node:path";
import type { Report } from "../src/report/report";
import { reviewPlans } from "../src/review-plans";

const PLANS = join(__dirname, "plans");

/** What a reader of a release would see: a query, a detector and a device more in three stacks; in a fourth the hub is replaced. */
export async function sampleReport(): Promise<Report> {
  const names = ["changed-query", "changed-module-image", "device-added", "hub-replaced"];
  const report = await reviewPlans(names.map((name) => join(PLANS, `${name}.json`)));
  // Where the files lie differs from machine to machine.
  return {
    ...report,
    sources: report.sources.map((source) => ({ ...source, path: `plans/${basename(source.path)}` })),
  };
}
