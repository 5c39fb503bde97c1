import { createScoreJudge, judgeScore, type ScoreJudge } from "../detection/score-judge";
import type { MachineRecord, ModelRole } from "../machines";
import type { Reading } from "../message";
import type { MachineSnapshot, ModelInputs, ModelInUse, ModelScores, ShadowScore } from "../outcomes";
import type { Drift } from "./drift-alert";
import { compareScores, countSample, countScore, watchReport } from "./watch";
import { InputWindow } from "./window";

const ROLES: readonly ModelRole[] = ["model", "shadowModel"];

/** What machines keep for models: windows of their last samples, and the judge of the shadow model's scores. */
export class MachineModels {
  private readonly models: Partial<Record<ModelRole, ModelInUse>> = {};
  private drift: Drift | undefined;

  /** Names a model, or none. Returns whether it is another one than before: then what machines kept for it is gone. */
  public use(role: ModelRole, model: ModelInUse | undefined, records: Iterable<MachineRecord>): boolean {
    const before = this.models[role];
    if (model) this.models[role] = model;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- one of two known keys
    else delete this.models[role];
    if (before?.sha256 === model?.sha256 && before?.form.window === model?.form.window) return false;
    for (const record of records) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- one of two known keys
      delete record.windows[role];
      if (role === "shadowModel") delete record.shadowJudge;
      else delete record.drift;
      delete record.agreement;
    }
    return before !== undefined;
  }

  /** Takes a message; returns the inputs of models that are to score now. */
  public inputsOf(record: MachineRecord, { machineId, values }: Reading, timeMs: number): ModelInputs | undefined {
    if (!this.models.model && !this.models.shadowModel) return undefined;
    const inputs: Partial<Record<ModelRole, Float32Array>> = {};
    for (const role of ROLES) {
      const model = this.models[role];
      const input = model && (record.windows[role] ??= new InputWindow(model.form)).push(values, timeMs);
      if (input) inputs[role] = input;
    }
    if (inputs.model && this.models.model) this.watch(record, machineId, inputs.model, this.models.model, timeMs);
    return inputs;
  }

  /** Counts the newest sample of a window, as the signals have it. */
  private watch(
    record: MachineRecord,
    machineId: string,
    input: Float32Array,
    { reference, version, form: { signals, mean, scale } }: ModelInUse,
    timeMs: number,
  ): void {
    if (!reference) return;
    const newest = input.subarray(input.length - signals);
    const values = mean || scale ? newest.map((value, i) => value * (scale?.[i] ?? 1) + (mean?.[i] ?? 0)) : newest;
    const { isDrifted: wasDrifted = false, since: sinceMs = timeMs, samples = 0 } = record.drift ?? {};
    record.drift = countSample(record.drift, reference, machineId, values, timeMs);
    const { isDrifted, distances = [] } = record.drift;
    if (isDrifted && !wasDrifted) this.drift = { machineId, version, sinceMs, timeMs, samples, distances };
  }

  /** The drift that the last message showed, once. */
  public takeDrift(): Drift | undefined {
    const { drift } = this;
    this.drift = undefined;
    return drift;
  }

  /** Takes what models made of a message; returns the shadow model's verdict, where there is one. */
  public judge(
    record: MachineRecord,
    { model, shadowModel }: ModelScores,
    confidence: number,
  ): ShadowScore | undefined {
    const reference = this.models.model?.reference;
    if (model !== undefined && reference && record.drift) countScore(record.drift, reference, model);
    if (shadowModel === undefined) return undefined;
    const { isReady, ...shadow } = this.judgeShadow(record, shadowModel, confidence);
    if (model !== undefined) {
      record.agreement = compareScores(record.agreement, model, shadow.isAnomaly, isReady, confidence);
    }
    return shadow;
  }

  /** What the twin is to report of drift and of the shadow model; undefined where neither is watched. */
  public report(
    records: Iterable<readonly [string, MachineRecord]>,
    names: readonly string[],
  ): ReturnType<typeof watchReport> | undefined {
    if (!this.models.model?.reference && !this.models.shadowModel) return undefined;
    return watchReport(
      Array.from(records, ([machineId, { drift, agreement }]) => ({ machineId, drift, agreement })),
      names,
    );
  }

  /** Judges the shadow model's score by its own past; `confidence` in percent. */
  private judgeShadow(record: MachineRecord, score: number, confidence: number): ShadowScore & { isReady: boolean } {
    const judge = (record.shadowJudge ??= createScoreJudge()) as ScoreJudge;
    const { log10P, ready } = judgeScore(judge, score);
    const probability = ready ? 1 - 10 ** log10P : 0;
    const isAnomaly = ready && log10P <= Math.log10(1 - confidence / 100);
    return { version: this.models.shadowModel?.version ?? "", score, probability, isAnomaly, isReady: ready };
  }

  public save({ windows }: MachineRecord): MachineSnapshot["windows"] {
    const saved = Object.entries(windows).map(([role, window]) => [role, window.save()]);
    return saved.length > 0 ? (Object.fromEntries(saved) as MachineSnapshot["windows"]) : undefined;
  }

  public restore(record: MachineRecord, windows: MachineSnapshot["windows"]): void {
    for (const role of ROLES) {
      const model = this.models[role];
      const saved = windows?.[role];
      if (!model || saved === undefined) continue;
      const window = new InputWindow(model.form);
      window.restore(saved);
      record.windows[role] = window;
    }
  }
}
