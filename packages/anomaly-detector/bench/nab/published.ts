/**
 * Scores that the benchmark's own repository publishes (numenta/NAB, README table, commit ea702d7): standard, reward low
 * false positives, reward low false negatives. Where a detector has several entries, the best is here.
 */
export const PUBLISHED: readonly (readonly [name: string, standard: number, lowFp: number, lowFn: number])[] = [
  ["Perfect", 100, 100, 100],
  ["ARTime", 74.9, 65.1, 80.4],
  ["Numenta HTM", 70.5, 62.6, 75.2],
  ["CAD OSE", 69.9, 67.0, 73.2],
  ["earthgecko Skyline", 58.2, 46.2, 63.9],
  ["KNN-CAD", 58.0, 43.4, 64.8],
  ["Relative entropy", 54.6, 47.6, 58.8],
  ["Random Cut Forest", 51.7, 38.4, 59.7],
  ["Twitter ADVec", 47.1, 33.6, 53.5],
  ["Windowed Gaussian", 39.6, 20.9, 47.4],
  ["Etsy Skyline", 35.7, 27.1, 44.5],
  ["Bayesian change point", 17.7, 3.2, 32.2],
  ["EXPoSE", 16.4, 3.2, 26.9],
  ["Random", 11.0, 1.2, 19.5],
  ["Null", 0, 0, 0],
];
