const SECONDS: Readonly<Record<string, number>> = {
  millisecond: 0.001,
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
};
/** Longest window of Stream Analytics: seven days. */
const MAX_WINDOW_SECONDS = 7 * 86_400;

/** A call as the generator writes it: history size, then the window that the samples take. */
const CALL =
  /(AnomalyDetection_\w+\((?:(?!\bOVER\b)[^])*?,\s*(\d+)\s*(?:,\s*'\w+'\s*)?\)\s*OVER\s*\(\s*LIMIT\s+)DURATION\(\s*(\w+)\s*,\s*(\d+)\s*\)/gi;

/** Seconds between samples that a query is made for: its window over its history; undefined where it has no window. */
export function sampleIntervalOf(query: string): number | undefined {
  for (const [, , history, unit = "", amount] of query.matchAll(CALL)) {
    const seconds = SECONDS[unit.toLowerCase()];
    if (seconds !== undefined) return (Number(amount) * seconds) / Number(history);
  }
  return undefined;
}

/**
 * The query for another sample interval: each window as long as its history takes at that interval, written as the
 * generator writes it. Everything else is the query's own text.
 */
export function withSampleInterval(query: string, intervalSeconds: number): string {
  return query.replace(CALL, (_, call: string, history: string) => {
    const seconds = Math.min(Number(history) * intervalSeconds, MAX_WINDOW_SECONDS);
    // Products leave traces in the last digits, which a ceiling would turn into a millisecond.
    const milliseconds = Math.ceil(Number((seconds * 1000).toPrecision(12)));
    const duration = milliseconds % 1000 === 0 ? `second, ${milliseconds / 1000}` : `millisecond, ${milliseconds}`;
    return `${call}DURATION(${duration})`;
  });
}

/** Whether windows for one interval hold about as many samples at another one. */
export const isSameInterval = (a: number, b: number): boolean => Math.abs(Math.log(a / b)) < Math.log(1.2);
