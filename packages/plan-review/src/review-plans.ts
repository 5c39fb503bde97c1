import { basename } from "node:path";
import { KeptChanges } from "./report/kept-changes";
import { PlanReview } from "./plan-review";
import type { Check, Report } from "./report/report";
import { together } from "./report/tally";
import { shortened } from "./show-values";
import { visible } from "@edge-anomaly-detection/common";

/** Told how far reading has come. */
export type Progress = (file: string, bytes: number) => void;

/**
 * Reviews plans as `terraform show -json` writes them.
 *
 * @param files paths; `-` is standard input
 * @throws PlanFileError where one is not a whole plan; there is no report of the others then
 */
export async function reviewPlans(files: readonly string[], progress?: Progress): Promise<Report> {
  const kept = new KeptChanges();
  const names = sourceNames(files);
  const reviews: PlanReview[] = [];
  for (const [index, file] of files.entries()) {
    const review = new PlanReview(names[index] ?? file, file, kept);
    await review.read(progress);
    reviews.push(review);
  }
  const sources = reviews.map((review) => review.source());
  const tally = together(sources);
  const isSomething = reviews.some((review) => review.isSomething);
  return {
    from: "plan",
    verdict: tally.levels.danger > 0 ? "dangerous" : isSomething ? "changes" : "nothing",
    sources,
    ...tally,
    deferred: reviews.reduce((sum, { deferred }) => sum + deferred, 0),
    checks: reviews.flatMap(({ checks }) => checks).sort(byStatus),
    unknownParts: reviews.flatMap(({ unknownParts }) => unknownParts),
    incomplete: reviews.filter(({ isComplete }) => !isComplete).length,
    ...kept.result(),
    drift: reviews.flatMap(({ drift }) => drift),
    notes: reviews.flatMap((review) => review.notes(reviews.length > 1)),
  };
}

const STATUSES = ["fail", "error", "unknown"];

const byStatus = (a: Check, b: Check): number => rankOfStatus(a.status) - rankOfStatus(b.status);

const rankOfStatus = (status: string): number =>
  STATUSES.includes(status) ? STATUSES.indexOf(status) : STATUSES.length;

/** Names of files without their ending; whole paths where two would be the same. */
function sourceNames(files: readonly string[]): string[] {
  const short = files.map((file) => (file === "-" ? "standard input" : basename(file).replace(/\.json$/i, "")));
  return short.map((name, index) => {
    const isAlone = short.filter((other) => other === name).length === 1;
    return visible(shortened(isAlone && name !== "" ? name : (files[index] ?? name)));
  });
}
