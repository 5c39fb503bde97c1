const SECONDS: Readonly<Record<string, number>> = {
  millisecond: 0.001,
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
};
/** Longest window of Stream Analytics: seven days. */
const MAX_WINDOW_SECONDS = 7 * 86_400;

/**
 * The query for another sample interval: windows as long as the same number of samples takes, written as the generator
 * writes them. Everything else is the query's own text.
 */
export function withSampleInterval(query: string, fromSeconds: number, toSeconds: number): string {
  return query.replace(/DURATION\(\s*(\w+)\s*,\s*(\d+)\s*\)/gi, (text, unit: string, amount: string) => {
    const seconds = SECONDS[unit.toLowerCase()];
    if (seconds === undefined) return text;
    const wanted = Math.min((Number(amount) * seconds * toSeconds) / fromSeconds, MAX_WINDOW_SECONDS);
    // Divisions leave traces in the last digits, which a ceiling would turn into a millisecond.
    const milliseconds = Math.ceil(Number((wanted * 1000).toPrecision(12)));
    return milliseconds % 1000 === 0
      ? `DURATION(second, ${milliseconds / 1000})`
      : `DURATION(millisecond, ${milliseconds})`;
  });
}

/** Whether windows for one interval hold about as many samples at another one. */
export const isSameInterval = (a: number, b: number): boolean => Math.abs(Math.log(a / b)) < Math.log(1.2);
