/**
 * What happens to one object. `read` and `no-op` are never reported; `forget` leaves it in the cloud and drops it from the
 * state; `invoke` runs an action or a provisioner, which is no object.
 */
export type Action = "create" | "update" | "delete" | "replace" | "forget" | "import" | "move" | "invoke";

/**
 * How much a reader should care, most first.
 *
 * - `danger`: data or identities are destroyed (or have to be, because Azure does not change what changes), wide access is
 *   given, a protection is removed, or Terraform looks for its state elsewhere
 * - `caution`: anything else is deleted or replaced, something that holds data is forgotten, narrow access is given, a weaker
 *   protection goes, something is invoked
 * - `change`: everything else that is done
 */
export type Level = "danger" | "caution" | "change";

/** What a risk is about: data or identities, who gets what where, what guards something, what is called on what. */
export type RiskKind = "destruction" | "access" | "protection" | "invocation";

/** Why a change is of its level. */
export interface Risk {
  readonly kind: RiskKind;
  readonly level: Exclude<Level, "change">;
  /** One sentence: who gets what where, which protection is removed, which method is called on what. */
  readonly text: string;
}

/** A value as it is shown: without what is sensitive, unseen characters written out, long ones cut. */
export type Shown = string | number | boolean | null | readonly Shown[];

/** Values of a list that come or go. */
export interface ShownItems {
  readonly values: readonly Shown[];
  /** How many more there are. */
  readonly omitted: number;
}

/** What a difference inside a deployment manifest is about. */
export interface Subject {
  readonly kind:
    "module" | "system module" | "route" | "edge agent" | "edge hub" | "desired properties" | "time to live";
  /** Of a module or a route. */
  readonly name?: string;
}

/**
 * One difference inside an object. Its `kind` says which of the other properties it has:
 *
 * - `set` (a value that a new object has): `after`
 * - `added`: `after`, or `details` for a block; `removed`: `before`, or `details`
 * - `changed`: `before`, `after`
 * - `items` (a list of plain values): `added`, `removed`, `pending`
 * - `lines` (a text of several lines): `linesAdded`, `linesRemoved`, `lines`; none of them where too many lines differ
 * - `document` (a deployment manifest): `details`; of a new object, `isNew`
 * - `unknown`: known after apply
 * - `sensitive`: `change`, or nothing for a value of a block that comes or goes; never the value, nor its length
 * - `structure`: another kind of value, such as a list for a text
 * - `omitted`: `omitted` differences more than are told
 */
export interface Detail {
  readonly kind:
    | "set"
    | "added"
    | "removed"
    | "changed"
    | "items"
    | "lines"
    | "document"
    | "unknown"
    | "sensitive"
    | "structure"
    | "omitted";
  /** Where, as Terraform writes it: `sku[0].capacity`, `tags.owner`. Empty for the object as a whole. */
  readonly path: string;
  readonly before?: Shown;
  readonly after?: Shown;
  readonly added?: ShownItems;
  readonly removed?: ShownItems;
  /** Items of a list that are known after apply. */
  readonly pending?: number;
  readonly change?: "added" | "removed" | "changed";
  readonly isNew?: boolean;
  readonly linesAdded?: number;
  readonly linesRemoved?: number;
  /** Lines that differ, `+ …` and `- …`. */
  readonly lines?: readonly string[];
  /** What is inside of a block or a document. */
  readonly details?: readonly Detail[];
  /** What is left out of `lines` or `details`, or of the object's differences. */
  readonly omitted?: number;
  /** What it is about, inside a deployment manifest. */
  readonly subject?: Subject;
  /** This difference is why the object is replaced. */
  readonly forcesReplacement: boolean;
}

/** What keeps the review from judging a change, or a part of it. */
export interface Unjudged {
  /** No rule knows the type: whether the change is dangerous is not checked. */
  readonly type: boolean;
  /** Paths that a rule asks for and that are known after apply, or sensitive. */
  readonly paths: readonly string[];
}

/** One object that changes. */
export interface Change {
  /** The stack or plan that it belongs to; one of `Report.sources`. */
  readonly source: string;
  /** Terraform's address, `azurerm_iothub.Hub_C5CB2B3F`; `output.name` for an output. */
  readonly address: string;
  /** Terraform's type, `azurerm_iothub`; `output` for an output. */
  readonly type: string;
  readonly action: Action;
  readonly level: Level;
  /** What the action means for whoever depends on the object, one sentence; for what holds data, or may by its shape. */
  readonly consequence?: string;
  /** Why the change is of its level, the most important first; empty where nothing is known against it. */
  readonly risks: readonly Risk[];
  /** What could not be judged; missing where everything was. */
  readonly unjudged?: Unjudged;
  /** Why Terraform defers it to a further plan, in words. */
  readonly deferred?: string;
  /** Paths that force a replacement, as far as they are known. */
  readonly forcedBy: readonly string[];
  /** Why, where Terraform says so, in words: `no longer in the configuration`, `tainted`, `asked for by -replace`. */
  readonly reason?: string;
  /** A replacement that creates the new object before it deletes the old one. */
  readonly createsFirst?: boolean;
  /** Address that it had before, for moves. */
  readonly previousAddress?: string;
  /** ARM id or the like that is imported; `name = value` of each part where it is imported by identity. */
  readonly importId?: string;
  readonly details: readonly Detail[];
  /** Paths of differences without meaning, folded: values known after apply, reordered sets. */
  readonly folded: readonly string[];
}

/** How many objects get which action. */
export type Counts = Readonly<Record<Action, number>>;

/** How many objects are of which level. */
export type Levels = Readonly<Record<Level, number>>;

/** How many dangerous changes there are of which kind; one change may be of several. */
export type Dangers = Readonly<Record<RiskKind, number>>;

/** What the rules could not judge: changes with values known after apply, changes of types without rules. */
export interface UnjudgedCounts {
  readonly unknown: number;
  readonly unchecked: number;
}

/** A check, precondition or postcondition that did not pass. */
export interface Check {
  readonly source: string;
  /** `check.health`, `azurerm_iothub.Hub`. */
  readonly address: string;
  /** `fail`: its condition is false; `error`: it could not be evaluated; `unknown`: known after apply; or what a later release writes. */
  readonly status: string;
  /** What its author says of it. */
  readonly problems: readonly string[];
}

/** A part of a plan that the review does not know. */
export interface UnknownPart {
  readonly source: string;
  /** Its name at the top of the plan. */
  readonly name: string;
  /** What is in it. */
  readonly count: number;
}

/** A file or a stack that was reviewed. */
export interface Source {
  /** Name of the stack, or of the file where the plan does not say. */
  readonly name: string;
  /** File or folder it was read from, as it was given. */
  readonly path: string;
  /** Version of Terraform that made the plan. */
  readonly terraformVersion?: string;
  /** Of its changes, those left out of `Report.changes` included. Outputs are not counted. */
  readonly counts: Counts;
  /** The same changes by level. */
  readonly levels: Levels;
  /** The dangerous ones by kind. */
  readonly dangers: Dangers;
  /** Those that could not be judged, or not whole. */
  readonly unjudged: UnjudgedCounts;
  /** Objects that stay as they are. */
  readonly unchanged: number;
}

/** Changes that are only counted: those of one level, action and type. */
export interface Left {
  readonly level: Level;
  readonly action: Action;
  readonly type: string;
  readonly count: number;
}

/** What a review found: the same for plans and for synthesized stacks, the source of Markdown, HTML and JSON. */
export interface Report {
  /** `plan`: from `terraform show -json`; `synth`: from two trees of synthesized stacks, without state. */
  readonly from: "plan" | "synth";
  /**
   * `nothing` changes and nothing else is to be looked at; something `changes`, is invoked, is deferred, is not known here, or
   * a check does not pass; or something is `dangerous`.
   */
  readonly verdict: "nothing" | "changes" | "dangerous";
  readonly sources: readonly Source[];
  /** Of all changes, those left out of `changes` included. Outputs are not counted. */
  readonly counts: Counts;
  /** The same changes by level. */
  readonly levels: Levels;
  /** The dangerous ones by kind. */
  readonly dangers: Dangers;
  /** Those that could not be judged, or not whole. */
  readonly unjudged: UnjudgedCounts;
  /** Changes among them that Terraform defers to a further plan, those that cannot be read included. */
  readonly deferred: number;
  /** Checks that did not pass, failed ones first. */
  readonly checks: readonly Check[];
  /** Parts of plans that are not known here. */
  readonly unknownParts: readonly UnknownPart[];
  /** Plans after which Terraform says that a further one is needed. */
  readonly incomplete: number;
  /** The most important first: by level; dangers to what holds others first; then action, stateful types, source, address. */
  readonly changes: readonly Change[];
  /** Changes beyond what is kept in memory, the most important first; empty where everything is in `changes`. */
  readonly left: readonly Left[];
  /** What changed outside Terraform since the last apply; for reading only. */
  readonly drift: readonly Change[];
  /** What cannot be known from what was read, a sentence each: `without state, …`. */
  readonly notes: readonly string[];
}
