import { basename } from "node:path";
import { changeOf, driftOf, type Neighbours, outputChangeOf } from "./change-of";
import { isComingOrGoing, predecessorsOf } from "./deployment-pairs";
import { KeptChanges } from "./kept-changes";
import type { PlanFacts, ResourceChange } from "./plan";
import { readPlan } from "./read-plan";
import type { Change, Report, Source } from "./report";
import { Counter, together } from "./tally";
import { shortened, visible } from "./text";

/** Objects changed outside of Terraform that are shown; the others are counted in a note. */
const MAX_DRIFT = 200;

/** Deployments that are held until their plan is read: a hub has at most 100, a manifest is some 10 KB. */
const MAX_HELD = 400;

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
  const isChanging = reviews.some((review) => review.isChanging);
  return {
    from: "plan",
    verdict: tally.levels.danger > 0 ? "dangerous" : isChanging ? "changes" : "nothing",
    sources,
    ...tally,
    ...kept.result(),
    drift: reviews.flatMap(({ drift }) => drift),
    notes: reviews.flatMap((review) => review.notes(reviews.length > 1)),
  };
}

/** Names of files without their ending; whole paths where two would be the same. */
function sourceNames(files: readonly string[]): string[] {
  const short = files.map((file) => (file === "-" ? "standard input" : basename(file).replace(/\.json$/i, "")));
  return short.map((name, index) => {
    const isAlone = short.filter((other) => other === name).length === 1;
    return visible(shortened(isAlone && name !== "" ? name : (files[index] ?? name)));
  });
}

/** One plan while it is read. */
class PlanReview {
  public readonly drift: Change[] = [];
  public isChanging = false;
  private readonly counter = new Counter();
  /** Deployments until all are known: one may take another's place. */
  private readonly held: ResourceChange[] = [];
  private unchanged = 0;
  private moreDrift = 0;
  private facts: PlanFacts = { complete: true, deferred: 0 };

  public constructor(
    private readonly name: string,
    private readonly file: string,
    private readonly kept: KeptChanges,
  ) {}

  public async read(progress: Progress | undefined): Promise<void> {
    this.facts = await readPlan(this.file, {
      onChange: (resource) => {
        if (isComingOrGoing(resource) && this.held.length < MAX_HELD) {
          this.held.push(resource);
        } else {
          this.takeObject(resource);
        }
      },
      onOutput: (name, value) => {
        const change = outputChangeOf(this.name, name, value);
        if (change !== undefined) {
          this.take(change);
        }
      },
      onDrift: (resource) => {
        const change = this.drift.length < MAX_DRIFT ? driftOf(this.name, resource) : undefined;
        if (change !== undefined) {
          this.drift.push(change);
        } else if (this.drift.length >= MAX_DRIFT) {
          this.moreDrift += 1;
        }
      },
      onProgress: (bytes) => progress?.(this.file, bytes),
    });
    const predecessors = predecessorsOf(this.held);
    const successors = new Map([...predecessors].map(([next, old]) => [old, next]));
    for (const resource of this.held.splice(0)) {
      this.takeObject(resource, { predecessor: predecessors.get(resource), successor: successors.get(resource) });
    }
  }

  public source(): Source {
    const { terraformVersion } = this.facts;
    return {
      name: this.name,
      path: visible(this.file),
      ...(terraformVersion !== undefined && { terraformVersion: visible(shortened(terraformVersion)) }),
      ...this.counter.tally(),
      unchanged: this.unchanged,
    };
  }

  public notes(isOneOfMany: boolean): string[] {
    const { complete, deferred } = this.facts;
    const notes = [
      ...(complete ? [] : ["This plan is not complete: after it is applied, a further plan is needed for the rest."]),
      ...(deferred === 0 ? [] : [`${deferred} changes are put off to a further plan; they are not shown.`]),
      ...(this.moreDrift === 0
        ? []
        : [`${this.moreDrift} more objects may have changed outside of Terraform; they are not shown.`]),
    ];
    return notes.map((note) => (isOneOfMany ? `${this.name}: ${note}` : note));
  }

  private takeObject(resource: ResourceChange, neighbours?: Neighbours): void {
    const change = changeOf(this.name, resource, neighbours);
    if (change !== undefined) {
      this.counter.add(change);
      this.take(change);
    } else if (resource.mode !== "data" && resource.change.actions.includes("no-op")) {
      this.unchanged += 1;
    }
  }

  private take(change: Change): void {
    this.isChanging = true;
    this.kept.add(change);
  }
}
