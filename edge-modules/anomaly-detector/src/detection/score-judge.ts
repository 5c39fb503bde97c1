import { createTailState, isTailReady, type TailState, updateTail } from "../detectors/tail";

/** Judges a model's scores by their own past. */
export interface ScoreJudge {
  tail: TailState;
  low: number | null;
}

export function createScoreJudge(): ScoreJudge {
  return { tail: createTailState(), low: null };
}

export function judgeScore(judge: ScoreJudge, score: number): { readonly log10P: number; readonly ready: boolean } {
  const ready = isTailReady(judge.tail);
  judge.low = Math.min(judge.low ?? score, score);
  return { log10P: -updateTail(judge.tail, 0.03, score - judge.low), ready };
}
