import { changeOf, driftOf, type Surroundings } from "./diff/change-of";
import { checksOf } from "./diff/checks";
import { isComingOrGoing, predecessorsOf } from "./diff/deployment-pairs";
import { changeOfInvocation, changesOfProvisioners } from "./diff/invocation-change";
import type { KeptChanges } from "./report/kept-changes";
import { outputChangeOf } from "./diff/output-change";
import type { PlanFacts, ResourceChange } from "./plan/plan";
import { nameInMessage, PlanFileError } from "./plan/plan-file-error";
import { readPlan } from "./plan/read-plan";
import type { Change, Check, Source, UnknownPart } from "./report/report";
import { Counter } from "./report/tally";
import { shortened } from "./show-values";
import { visible } from "@edge-anomaly-detection/common";

/** Objects changed outside of Terraform that are shown; the others are counted in a note. */
const MAX_DRIFT = 200;

/** Checks that are told; the others are counted in a note. */
const MAX_CHECKS = 500;

/** Deployments that are held until their plan is read: a hub has at most 100, a manifest is some 10 KB. */
const MAX_HELD = 400;

/** Resources that are created or destroyed, whose provisioners the end of the plan names. */
const MAX_NOTED = 200_000;

/** One plan while it is read. */
export class PlanReview {
  public readonly drift: Change[] = [];
  public readonly checks: Check[] = [];
  /** Changes and actions that Terraform defers, those that cannot be read included. */
  public deferred = 0;
  private isChanging = false;
  private reads = 0;
  private readonly counter = new Counter();
  /** Deployments until all are known: one may take another's place. */
  private readonly held: ResourceChange[] = [];
  /** Addresses without keys of what is created, and of what is destroyed only. */
  private readonly touched = new Map<string, "create" | "delete">();
  private unchanged = 0;
  private moreDrift = 0;
  private moreChecks = 0;
  /** Parts that cannot be read, by where they stand. */
  private readonly unreadable = new Map<string, number>();
  private facts: PlanFacts = { complete: true, unknownParts: [], provisioners: [] };

  public constructor(
    private readonly name: string,
    private readonly file: string,
    private readonly kept: KeptChanges,
  ) {}

  /** @throws PlanFileError where it is not a whole plan */
  public async read(progress?: (file: string, bytes: number) => void): Promise<void> {
    this.facts = await readPlan(this.file, {
      onChange: (resource) => {
        this.note(resource);
        if (isComingOrGoing(resource) && this.held.length < MAX_HELD) {
          this.held.push(resource);
        } else {
          this.takeObject(resource);
        }
      },
      onOutput: (name, value) => {
        this.take(this.guarded(`output_changes.${nameInMessage(name)}`, () => outputChangeOf(this.name, name, value)));
      },
      onDrift: (resource) => {
        this.takeDrift(resource);
      },
      onDeferred: (resource, reason = "unknown") => {
        this.deferred += 1;
        if (resource === undefined) {
          this.cannotRead("deferred_changes");
        } else {
          this.takeObject(resource, { deferredFor: reason });
        }
      },
      onInvocation: (invocation, deferredFor) => {
        this.deferred += deferredFor === undefined ? 0 : 1;
        if (invocation === undefined) {
          this.cannotRead(deferredFor === undefined ? "action_invocations" : "deferred_action_invocations");
        } else {
          this.take(this.guarded("action_invocations", () => changeOfInvocation(this.name, invocation, deferredFor)));
        }
      },
      onCheck: (check) => {
        if (check === undefined) {
          this.cannotRead("checks");
          return;
        }
        const found = this.guarded("checks", () => checksOf(this.name, check));
        this.moreChecks += Math.max(0, found.length - (MAX_CHECKS - this.checks.length));
        this.checks.push(...found.slice(0, MAX_CHECKS - this.checks.length));
      },
      onProgress: (bytes) => progress?.(this.file, bytes),
    });
    this.takeHeld();
    this.takeProvisioners();
  }

  /** Whether there is anything that somebody should look at. */
  public get isSomething(): boolean {
    return (
      this.isChanging ||
      this.deferred > 0 ||
      this.checks.length > 0 ||
      this.unknownParts.length > 0 ||
      !this.isComplete ||
      this.isAppliedUnseen
    );
  }

  public get isComplete(): boolean {
    return this.facts.complete;
  }

  /** Parts of the plan that are not known here, and those that could not be read. */
  public get unknownParts(): UnknownPart[] {
    const unreadable = [...this.unreadable].map(([name, count]) => ({ source: this.name, name, count }));
    const unknown = this.facts.unknownParts.map(({ name, count }) => ({
      source: this.name,
      name: nameInMessage(name),
      count,
    }));
    return [...unreadable, ...unknown];
  }

  public source(): Source {
    const { terraformVersion } = this.facts;
    return {
      name: this.name,
      path: visible(this.file),
      ...(terraformVersion !== undefined && { terraformVersion: visible(shortened(nameInMessage(terraformVersion))) }),
      ...this.counter.tally(),
      unchanged: this.unchanged,
    };
  }

  /** What is to be said beside the changes, a sentence each. */
  public notes(isOneOfMany: boolean): string[] {
    const { applyable } = this.facts;
    const said: readonly (readonly [boolean, string])[] = [
      [!this.isComplete, "This plan is not complete: after it is applied, a further plan is needed for the rest."],
      [
        this.deferred > 0,
        `${this.deferred} of these changes and actions are deferred: Terraform makes them with a further plan, which may differ.`,
      ],
      [applyable === false && this.isChanging, "Terraform says that this plan cannot be applied."],
      [
        this.isAppliedUnseen && this.drift.length > 0,
        "Applying this plan only writes to the state what changed outside of Terraform.",
      ],
      [
        this.isAppliedUnseen && this.drift.length === 0,
        "Terraform says that there is something to apply, and nothing of it is known here.",
      ],
      [this.moreDrift > 0, `${this.moreDrift} more objects may have changed outside of Terraform; they are not shown.`],
      [this.moreChecks > 0, `${this.moreChecks} more checks did not pass; they are not shown.`],
    ];
    const notes = said.filter(([isSaid]) => isSaid).map(([, note]) => note);
    return notes.map((note) => (isOneOfMany ? `${this.name}: ${note}` : note));
  }

  /** Whether Terraform has something to apply that is neither a change nor read. */
  private get isAppliedUnseen(): boolean {
    return this.facts.applyable === true && !this.isChanging && this.deferred === 0 && this.reads === 0;
  }

  private takeHeld(): void {
    const predecessors = predecessorsOf(this.held);
    const successors = new Map([...predecessors].map(([next, old]) => [old, next]));
    for (const resource of this.held.splice(0)) {
      this.takeObject(resource, { predecessor: predecessors.get(resource), successor: successors.get(resource) });
    }
  }

  /** What provisioners of what is created or destroyed run. */
  private takeProvisioners(): void {
    for (const found of this.facts.provisioners) {
      const done = this.touched.get(found.address);
      if (done !== undefined) {
        changesOfProvisioners(this.name, found, done === "delete").forEach((change) => {
          this.take(change);
        });
      }
    }
  }

  private takeDrift(resource: ResourceChange): void {
    if (this.drift.length >= MAX_DRIFT) {
      this.moreDrift += 1;
      return;
    }
    const change = this.guarded("resource_drift", () => driftOf(this.name, resource));
    if (change !== undefined) {
      this.drift.push(change);
    }
  }

  private takeObject(resource: ResourceChange, surroundings?: Surroundings): void {
    const change = this.guarded("resource_changes", () => changeOf(this.name, resource, surroundings));
    if (change !== undefined) {
      this.take(change);
    } else if (resource.change.actions.includes("read")) {
      this.reads += 1;
    } else if (resource.mode !== "data" && resource.change.actions.includes("no-op")) {
      this.unchanged += 1;
    }
  }

  private take(change: Change | undefined): void {
    if (change !== undefined) {
      this.isChanging = true;
      this.counter.add(change);
      this.kept.add(change);
    }
  }

  /** Notes what is created or destroyed, for its provisioners. */
  private note({ address, mode, change: { actions } }: ResourceChange): void {
    if (mode === "data" || this.touched.size >= MAX_NOTED || address.length > 1_000) {
      return;
    }
    const base = address.replaceAll(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, "");
    if (actions.includes("create")) {
      this.touched.set(base, "create");
    } else if (actions.includes("delete") && !this.touched.has(base)) {
      this.touched.set(base, "delete");
    }
  }

  private cannotRead(place: string): void {
    this.unreadable.set(place, (this.unreadable.get(place) ?? 0) + 1);
  }

  /** A mistake of the review is no reason to show what an error's text may hold of the plan. */
  private guarded<T>(place: string, review: () => T): T {
    try {
      return review();
    } catch (error) {
      if (error instanceof PlanFileError) {
        throw error;
      }
      const kind = error instanceof Error ? error.constructor.name : "error";
      throw new PlanFileError(
        this.file,
        `an entry of ${place} cannot be reviewed (${kind})`,
        "report this with the entry's structure",
      );
    }
  }
}
