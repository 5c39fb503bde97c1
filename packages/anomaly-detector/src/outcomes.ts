import type { Alert, Scored } from "./engine";
import type { MachineRecord, ModelRole } from "./machines";
import type { Reading } from "./message";
import { type AgreementState, type DriftState, isAgreementState, isDriftState, type Reference } from "./models/watch";
import type { InputForm } from "./models/window";
import type { OrderState } from "./order";

/** What a shadow model makes of a message: reported, never alerted. */
export interface ShadowScore {
  readonly version: string;
  /** The model's own. */
  readonly score: number;
  /** Probability that it is not normal, by the model's own past; 0 until there is enough of that. */
  readonly probability: number;
  readonly isAnomaly: boolean;
}

/** What goes to `scoredOutput`. */
export type ScoredMessage = Scored & {
  /** Signals that were there and could not be used, with the reason. */
  readonly problems?: Readonly<Record<string, string>>;
  readonly shadow?: ShadowScore;
};

export type Outcome =
  | { readonly kind: "rejected"; readonly reason: string }
  | { readonly kind: "skipped"; readonly reason: "duplicate"; readonly machineId: string }
  | {
      readonly kind: "scored";
      readonly machineId: string;
      readonly isBacklog: boolean;
      readonly scored: ScoredMessage;
      readonly alerts: readonly Alert[];
    };

export type ModelInputs = Partial<Readonly<Record<ModelRole, Float32Array>>>;
export type ModelScores = Partial<Readonly<Record<ModelRole, number>>>;

/** A message that is half done: models, if there are any, have to score `inputs` before {@link Pipeline.finish}. */
export interface PreparedMessage {
  readonly kind: "prepared";
  /** The machine that the message is of. */
  readonly machineId: string;
  /** What the engine scores, under the id of its lane. */
  readonly reading: Reading;
  /** The message's own time where the engine scores it at another one. */
  readonly ownTimeMs?: number | undefined;
  readonly isBacklog: boolean;
  readonly record: MachineRecord;
  readonly inputs?: ModelInputs | undefined;
  /** Ends of episodes of a machine that had to go for this one. */
  readonly before: readonly Alert[];
}

export type Prepared = Exclude<Outcome, { kind: "scored" }> | PreparedMessage;

/** A machine as it is saved. */
export interface MachineSnapshot {
  readonly engine: unknown;
  readonly order: OrderState;
  readonly messages: number;
  readonly clockMs: number;
  readonly isSilent: boolean;
  readonly windows?: Partial<Readonly<Record<ModelRole, string>>>;
  readonly shadowJudge?: unknown;
  readonly drift?: DriftState;
  readonly agreement?: AgreementState;
}

/** A model as the pipeline knows it. */
export interface ModelInUse {
  readonly version: string;
  /** SHA-256 of its file: another file is another model. */
  readonly sha256: string;
  readonly form: InputForm;
  /** What it was trained on. @default - drift is not watched */
  readonly reference?: Reference;
}

/** A snapshot whose own fields are sound; the engine checks its part. */
export function checkSnapshot(value: unknown): MachineSnapshot | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { messages, clockMs, isSilent, windows } = value as Partial<MachineSnapshot>;
  const order = (value as { readonly order?: OrderState | null }).order ?? undefined;
  const isCount = (count: unknown): boolean => Number.isInteger(count) && Number(count) >= 0;
  const isOrder =
    typeof order === "object" &&
    Number.isFinite(order.newestMs) &&
    isCount(order.next) &&
    Array.isArray(order.recent) &&
    order.recent.every((each) => typeof each === "number");
  const isWindows = windows === undefined || Object.values(windows).every((each) => typeof each === "string");
  const { drift, agreement } = value as Partial<MachineSnapshot>;
  const isWatch = isDriftState(drift) && isAgreementState(agreement);
  const isSound =
    isWatch && isOrder && isCount(messages) && Number.isFinite(clockMs) && typeof isSilent === "boolean" && isWindows;
  return isSound ? (value as MachineSnapshot) : undefined;
}
