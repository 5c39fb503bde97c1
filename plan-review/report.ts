/** What happens to one object. `read` and `no-op` are never reported; `forget` leaves it in Azure and drops it from the state. */
export type Action = "create" | "update" | "delete" | "replace" | "forget" | "import" | "move";

/**
 * How much a reader should care, most first.
 *
 * - `danger`: something that holds data or identities is deleted or replaced
 *   (or has to be, because Azure does not change what changes), or Terraform looks for its state elsewhere
 * - `caution`: anything else is deleted or replaced, or something that holds data is forgotten
 * - `change`: everything else that is done
 */
export type Level = "danger" | "caution" | "change";

/** One difference inside an object, in words. */
export interface Detail {
  /** Where, as Terraform writes it: `sku[0].capacity`, `tags.owner`. Empty for the object as a whole. */
  readonly path: string;
  /** What a reader sees: `1 → 2`, `added "x"`, `known after apply`, `sensitive, changes`. Never a secret, nor its length. */
  readonly text: string;
  /** What is inside, a line each, where one line cannot say it: modules of a manifest, lines of a query (`+ …`, `- …`). */
  readonly lines?: readonly string[];
  /** This difference is why the object is replaced. */
  readonly forcesReplacement: boolean;
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
  /** What the action means for whoever depends on the object, one sentence; for stateful types only. */
  readonly consequence?: string;
  /** Paths that force a replacement, as far as they are known. */
  readonly forcedBy: readonly string[];
  /** Why, where Terraform says so, in words: `no longer in the configuration`, `tainted`, `asked for by -replace`. */
  readonly reason?: string;
  /** A replacement that creates the new object before it deletes the old one. */
  readonly createsFirst?: boolean;
  /** Address that it had before, for moves. */
  readonly previousAddress?: string;
  /** ARM id or the like that is imported. */
  readonly importId?: string;
  readonly details: readonly Detail[];
  /** Paths of differences without meaning, folded: values known after apply, reordered sets. */
  readonly folded: readonly string[];
}

/** How many objects get which action. */
export type Counts = Readonly<Record<Action, number>>;

/** How many objects are of which level. */
export type Levels = Readonly<Record<Level, number>>;

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
  /** `nothing` changes, something `changes`, or something that does is `dangerous`. */
  readonly verdict: "nothing" | "changes" | "dangerous";
  readonly sources: readonly Source[];
  /** Of all changes, those left out of `changes` included. Outputs are not counted. */
  readonly counts: Counts;
  /** The same changes by level. */
  readonly levels: Levels;
  /** The most important first: by level; dangers to what holds others first; then action, stateful types, source, address. */
  readonly changes: readonly Change[];
  /** Changes beyond what is kept in memory, the most important first; empty where everything is in `changes`. */
  readonly left: readonly Left[];
  /** What changed outside Terraform since the last apply; for reading only. */
  readonly drift: readonly Change[];
  /** What cannot be known from what was read, a sentence each: `without state, …`. */
  readonly notes: readonly string[];
}
