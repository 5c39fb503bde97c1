/**
 * Turns the ensemble's weighted evidence into a probability.
 *
 * The table is measured, not assumed: `npm run calibrate` runs the ensemble over simulated normal signals (white noise,
 * autoregressive noise, a noisy daily cycle, skewed noise) and prints log10 of the share of readings whose evidence
 * exceeds each whole number. Beyond the table the last slope goes on.
 */
const LOG10_EXCEEDANCE: readonly number[] = [-0.93, -1.13, -1.58, -2.01, -2.47, -2.92, -3.5, -4.14, -4.84];

/** log10 of the chance that a normal signal's evidence reaches `evidence`: 0 for none, then falling throughout. */
export function log10PValue(evidence: number): number {
  if (evidence <= 0) return 0;
  const last = LOG10_EXCEEDANCE.length - 1;
  const index = Math.min(Math.max(Math.floor(evidence), 0), last - 1);
  const from = LOG10_EXCEEDANCE[index] ?? 0;
  const to = LOG10_EXCEEDANCE[index + 1] ?? 0;
  return Math.min(from + (to - from) * (evidence - index), 0);
}

/** The smallest evidence whose p-value is at most 10 ** `log10P`: the inverse of {@link log10PValue}. */
export function evidenceAt(log10P: number): number {
  const last = LOG10_EXCEEDANCE.length - 1;
  let index = 0;
  while (index < last - 1 && (LOG10_EXCEEDANCE[index + 1] ?? 0) > log10P) index++;
  const from = LOG10_EXCEEDANCE[index] ?? 0;
  const to = LOG10_EXCEEDANCE[index + 1] ?? 0;
  return Math.max(index + (log10P - from) / (to - from), 0);
}
