import { FIELDS, learn, push, resetScale, sample, samplesOf, unlikelihood } from "./scale";

/** What is known of a model's scores: plain numbers. */
export interface ScoreJudge {
  readonly state: number[];
}

/** Scores that a judge sees before it judges. */
const READY = 100;
const scratch = new Float64Array(FIELDS);

export function createScoreJudge(): ScoreJudge {
  resetScale(scratch, 0);
  return { state: [...scratch] };
}

/**
 * Judges a model's score by the scores that it gave before: a model need only rank anomalies above normal messages, on
 * any scale and with any sign. `log10P` is the logarithm of the chance of so high a score, at most 0.
 */
export function judgeScore(judge: ScoreJudge, score: number): { log10P: number; ready: boolean } {
  if (!Number.isFinite(score) || Math.abs(score) > 1e100) return { log10P: 0, ready: false };
  scratch.set(judge.state);
  const ready = samplesOf(scratch, 0) >= READY;
  let log10P = 0;
  if (push(scratch, 0, 1, score, 1e-9 * Math.abs(score) + 1e-300, 1e-6)) {
    if (sample.z > 0) log10P = -unlikelihood(scratch, 0);
    learn(scratch, 0, 1, 2000);
  }
  for (let i = 0; i < FIELDS; i++) judge.state[i] = scratch[i]!;
  return { log10P: ready ? log10P : 0, ready };
}
