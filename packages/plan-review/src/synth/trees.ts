import { KeptChanges } from "../report/kept-changes";
import type { Change, Report, Source } from "../report/report";
import { addressesInWords } from "./notes";
import { localChanges } from "./locals";
import { resolverOf, section } from "./instances";
import { reviewObjects } from "./objects";
import { flat, namesOf, outputChanges, settingChanges, type Side } from "./settings";
import { readStacks, type SynthStack } from "./stack";
import { Counter, type Tally, together } from "../report/tally";
import { same } from "../json-values";
import { detailInWords, linesInWords } from "../report/wording";

/** What a comparison of one stack found. */
interface StackReview {
  readonly source: Source;
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

/** Objects that differ in the same one thing before a note says so. */
const MANY = 10;

const WITHOUT_STATE =
  "Compared without state: what exists in Azure, what changed there by hand, defaults of providers and what Azure computes are not known here. The plan knows.";

/**
 * Compares two trees of synthesized stacks, stack by stack, and says what applying the second would change.
 *
 * @param base folder with the stacks as they are: `cdktf.out`, its `stacks`, or one stack
 * @param head folder with the stacks as they are to be
 * @throws SynthFolderError where a folder has no readable stacks
 */
export function reviewSynth(base: string, head: string): Report {
  const [before, after] = [readStacks(base), readStacks(head)];
  const names = [...new Set([...after, ...before].map(({ name }) => name))];
  const reviews = names.map((name) => reviewStack(name, stackNamed(before, name), stackNamed(after, name)));
  const kept = new KeptChanges();
  const changes = reviews.flatMap((review) => review.changes);
  changes.forEach((change) => {
    kept.add(change);
  });
  const sources = reviews.map(({ source }) => source);
  const tally = together(sources);
  return {
    from: "synth",
    verdict: tally.levels.danger > 0 ? "dangerous" : changes.length > 0 ? "changes" : "nothing",
    sources,
    ...tally,
    deferred: 0,
    checks: [],
    unknownParts: [],
    incomplete: 0,
    ...kept.result(),
    drift: [],
    notes: [
      ...reviews.flatMap(({ notes, source }) =>
        notes.map((note) => (names.length > 1 ? `${source.name}: ${note}` : note)),
      ),
      WITHOUT_STATE,
    ],
  };
}

const stackNamed = (stacks: readonly SynthStack[], wanted: string): SynthStack | undefined =>
  stacks.find(({ name }) => name === wanted);

function tallyOf(changes: readonly Change[]): Tally {
  const counter = new Counter();
  changes.forEach((change) => {
    counter.add(change);
  });
  return counter.tally();
}

function reviewStack(name: string, base: SynthStack | undefined, head: SynthStack | undefined): StackReview {
  const [before, after] = [sideOf(base), sideOf(head)];
  const objects = reviewObjects(name, before, after);
  const changes = [...objects.changes, ...outputChanges(name, before, after)];
  if (before !== undefined && after !== undefined) {
    changes.push(...settingChanges(name, before, after));
    changes.push(...localChanges(name, before, after, changes));
  }
  return {
    source: { name, path: (head ?? base)?.path ?? name, ...tallyOf(changes), unchanged: objects.unchanged },
    changes,
    notes: [...presenceNotes(base, head), ...objects.notes, ...dataNotes(before, after), ...commonNotes(changes)],
  };
}

function sideOf(stack: SynthStack | undefined): Side | undefined {
  return stack === undefined ? undefined : { stack, resolver: resolverOf(stack) };
}

function presenceNotes(base: SynthStack | undefined, head: SynthStack | undefined): string[] {
  if (base === undefined) {
    return ["A new stack: if its state exists already, less is made than is shown."];
  }
  return head === undefined
    ? [
        "The stack is no longer synthesized. That alone deletes nothing: somebody has to destroy it with its state, or everything in it stays, looked after by nobody.",
      ]
    : [];
}

/** Data sources change nothing, but what refers to them may. */
function dataNotes(before: Side | undefined, after: Side | undefined): string[] {
  if (before === undefined || after === undefined) {
    return [];
  }
  const [old, next] = [flat(section(before.stack, "data")), flat(section(after.stack, "data"))];
  const changed = namesOf(old, next).filter(
    (name) => old[name] !== undefined && next[name] !== undefined && !same(old[name], next[name]),
  );
  return changed.length === 0
    ? []
    : [
        `${addressesInWords(changed.map((name) => `data.${name}`))} read something else; what refers to that may change.`,
      ];
}

/** What many objects have in common, said once. */
function commonNotes(changes: readonly Change[]): string[] {
  const alike = new Map<string, string[]>();
  for (const { action, address, details } of changes) {
    const [only] = details;
    if (action === "update" && only !== undefined && details.length === 1 && linesInWords(only).length === 0) {
      const difference = `${only.path}: ${detailInWords(only)}`;
      alike.set(difference, [...(alike.get(difference) ?? []), address]);
    }
  }
  return [...alike]
    .filter(([, addresses]) => addresses.length >= MANY)
    .map(([difference, addresses]) => `${addresses.length} objects differ in nothing but ${difference}.`);
}
