import { createEnsembleState, updateEnsemble } from "../src/detectors/ensemble";
import { NORMAL_SIGNALS, READINGS_PER_DAY } from "./normal-signals";

const SEEDS = 25;
const READINGS = 20_000;
/** The ensemble is still settling before. */
const SKIPPED = 1200;
const LEVELS = 9;

/** Prints the table of src/detectors/calibration.ts: log10 of the share of normal readings that reach each evidence. */
function main(): void {
  const parameters = { seasonMs: 86_400_000, confidence: 99.9 };
  const totals = new Array<number>(LEVELS).fill(0);
  let counted = 0;
  for (const [name, create] of Object.entries(NORMAL_SIGNALS)) {
    const own = new Array<number>(LEVELS).fill(0);
    for (let seed = 1; seed <= SEEDS; seed++) {
      const signal = create(seed);
      const state = createEnsembleState(parameters);
      for (let reading = 0; reading < READINGS; reading++) {
        const timeMs = (reading * parameters.seasonMs) / READINGS_PER_DAY;
        const { evidence } = updateEnsemble(state, parameters, signal(reading), timeMs);
        if (reading < SKIPPED) continue;
        for (let level = 0; level < LEVELS && evidence > 0 && evidence >= level; level++) {
          own[level] = (own[level] ?? 0) + 1;
          totals[level] = (totals[level] ?? 0) + 1;
        }
      }
    }
    const each = SEEDS * (READINGS - SKIPPED);
    counted += each;
    process.stdout.write(`${name.padEnd(28)} ${own.map((n) => Math.log10(n / each).toFixed(2)).join(" ")}\n`);
  }
  process.stdout.write(`${"all".padEnd(28)} ${totals.map((n) => Math.log10(n / counted).toFixed(2)).join(" ")}\n`);
}

main();
