import type { Series } from "./corpus";
import { defaultConfiguration, ensembleLog10P, episodeScores } from "./detectors";
import { normalise, PROFILE_NAMES, type ProfileName, scoreSeries } from "./scoring";

const CONFIDENCES = [98, 98.5, 99, 99.3, 99.5, 99.6, 99.7, 99.8, 99.9, 99.95];
const COOLDOWNS = [20, 40, 60, 80, 100, 120, 144, 200, 300];

function scoreAt(
  corpus: readonly Series[],
  log10Ps: readonly number[][],
  confidence: number,
  cooldown: number,
  profile: ProfileName,
): number {
  const windows = corpus.reduce((sum, series) => sum + series.windows.length, 0);
  let raw = 0;
  corpus.forEach((series, i) => {
    const scores = episodeScores(log10Ps[i] ?? [], confidence, cooldown);
    raw += scoreSeries(series, scores, Number.MIN_VALUE, profile).raw;
  });
  return normalise(raw, windows, profile);
}

/**
 * Chooses the alert threshold and the cooldown on one half of the categories and reports the other half, both ways
 * round; then shows the whole corpus at other thresholds and cooldowns, because a score that holds at one value alone
 * would be luck.
 */
export function crossCheck(corpus: readonly Series[], print: (line?: string) => void): void {
  const categories = [...new Set(corpus.map(({ category }) => category))].sort();
  const log10Ps = corpus.map(ensembleLog10P);
  const half = (odd: number): number[] =>
    corpus.flatMap(({ category }, i) => (categories.indexOf(category) % 2 === odd ? [i] : []));
  const pick = <T>(list: readonly T[], indexes: readonly number[]): T[] =>
    indexes.flatMap((i) => {
      const item = list[i];
      return item === undefined ? [] : [item];
    });

  print("cross-check: threshold and cooldown chosen on half of the categories, reported on the other half");
  for (const odd of [0, 1]) {
    const [mine, other] = [half(odd), half(1 - odd)];
    let best = { confidence: 0, cooldown: 0, score: -Infinity };
    for (const confidence of CONFIDENCES) {
      for (const cooldown of COOLDOWNS) {
        const score = scoreAt(pick(corpus, mine), pick(log10Ps, mine), confidence, cooldown, "standard");
        if (score > best.score) best = { confidence, cooldown, score };
      }
    }
    const reported = PROFILE_NAMES.map((profile) =>
      scoreAt(pick(corpus, other), pick(log10Ps, other), best.confidence, best.cooldown, profile).toFixed(1),
    );
    const names = [...new Set(pick(corpus, mine).map(({ category }) => category))].join(", ");
    print(
      `  chosen on ${names}: confidence ${best.confidence}, cooldown ${best.cooldown} (there ${best.score.toFixed(1)})`,
    );
    print(`    on the others: standard, low FP, low FN = ${reported.join(", ")}`);
  }
  const { detectors, cooldownMessages } = defaultConfiguration();
  const at = (confidence: number, cooldown: number): string =>
    scoreAt(corpus, log10Ps, confidence, cooldown, "standard").toFixed(1);
  print(
    `  all, cooldown ${cooldownMessages}: ${CONFIDENCES.map((each) => `${each} %: ${at(each, cooldownMessages)}`).join("; ")}`,
  );
  const { confidence } = detectors.ensemble;
  print(`  all, confidence ${confidence}: ${COOLDOWNS.map((each) => `${each}: ${at(confidence, each)}`).join("; ")}`);
  print();
}
