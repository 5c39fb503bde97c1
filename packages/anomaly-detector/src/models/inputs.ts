import { createScoreJudge, judgeScore, type ScoreJudge } from "../detection/score-judge";
import type { MachineRecord, ModelRole } from "../machines";
import type { Reading } from "../message";
import type { MachineSnapshot, ModelInputs, ModelInUse, ShadowScore } from "../outcomes";
import { InputWindow } from "./window";

const ROLES: readonly ModelRole[] = ["model", "shadowModel"];

/** What machines keep for models: windows of their last samples, and the judge of the shadow model's scores. */
export class MachineModels {
  private readonly models: Partial<Record<ModelRole, ModelInUse>> = {};

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
    }
    return before !== undefined;
  }

  /** Takes a message; returns the inputs of models that are to score now. */
  public inputsOf(record: MachineRecord, { values }: Reading, timeMs: number): ModelInputs | undefined {
    if (!this.models.model && !this.models.shadowModel) return undefined;
    const inputs: Partial<Record<ModelRole, Float32Array>> = {};
    for (const role of ROLES) {
      const model = this.models[role];
      const input = model && (record.windows[role] ??= new InputWindow(model.form)).push(values, timeMs);
      if (input) inputs[role] = input;
    }
    return inputs;
  }

  /** Judges the shadow model's score by its own past; `confidence` in percent. */
  public judgeShadow(record: MachineRecord, score: number, confidence: number): ShadowScore {
    const judge = (record.shadowJudge ??= createScoreJudge()) as ScoreJudge;
    const { log10P, ready } = judgeScore(judge, score);
    const probability = ready ? 1 - 10 ** log10P : 0;
    const isAnomaly = ready && log10P <= Math.log10(1 - confidence / 100);
    return { version: this.models.shadowModel?.version ?? "", score, probability, isAnomaly };
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
