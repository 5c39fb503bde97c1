import type { AlertEvent } from "../events";
import type { Picture } from "../replay/collector";
import { minute, number } from "./text";

const [WIDTH, HEIGHT] = [960, 220];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 12, 12, 28];
/** More marks than this cannot be told apart. */
const MAX_MARKS = 600;

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);

/** A signal over time: its extremes, the expected range, and where alerts opened. Colours come from the page's style. */
export function pictureSvg(
  { machineId, signal, unit, series }: Picture,
  alerts: readonly AlertEvent[],
  id: string,
): string {
  const buckets = [...series.buckets].sort(([a], [b]) => a - b);
  const first = buckets[0]?.[0] ?? 0;
  const last = buckets.at(-1)?.[0] ?? 1;
  let [low, high] = [Infinity, -Infinity];
  for (const [, bucket] of buckets) {
    low = Math.min(low, bucket.min);
    high = Math.max(high, bucket.max);
  }
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  [low, high] = [low - margin, high + margin];
  const x = (key: number): number => LEFT + ((key - first) / Math.max(last - first, 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    TOP + (1 - (Math.min(Math.max(value, low), high) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const point = (key: number, value: number): string => `${x(key).toFixed(1)},${y(value).toFixed(1)}`;

  const expected = runs(buckets.filter(([, { low: from, high: to }]) => from !== undefined && to !== undefined)).map(
    (run) => {
      const top = run.map(([key, bucket]) => point(key, bucket.high ?? 0));
      const bottom = run.map(([key, bucket]) => point(key, bucket.low ?? 0)).reverse();
      return `<polygon class="expected" points="${[...top, ...bottom].join(" ")}"/>`;
    },
  );
  const lines = runs(buckets).map(
    (run) =>
      `<polyline class="line" points="${run.flatMap(([key, { min, max }]) => (min === max ? [point(key, min)] : [point(key, max), point(key, min)])).join(" ")}"/>`,
  );
  const places = new Map<string, AlertEvent>();
  for (const alert of alerts) places.set(`${alert.source}${Math.round(x(alert.time / series.bucketMs))}`, alert);
  const marks = [...places.values()].slice(0, MAX_MARKS).map((alert) => {
    const at = x(alert.time / series.bucketMs).toFixed(1);
    const title = `<title>${escaped(`${minute(alert.time)}: ${alert.message}`)}</title>`;
    return alert.source === "detector"
      ? `<g class="mark ${alert.severity ?? "warning"}">${title}<path d="M${at} ${TOP}V${HEIGHT - BOTTOM}"/><path class="head" d="M${at} ${TOP + 9}l-5 -9h10z"/></g>`
      : `<g class="mark row">${title}<path d="M${at} ${HEIGHT - BOTTOM}v-9"/></g>`;
  });
  const ticks = [low + margin, (low + high) / 2, high - margin].map(
    (value) =>
      `<text class="tick" x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${number(value)}</text>`,
  );
  const dates = [first, (first + last) / 2, last].map((key, index) => {
    const anchor = ["start", "middle", "end"][index] ?? "middle";
    return `<text class="tick" x="${x(key).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${minute(key * series.bucketMs)}</text>`;
  });
  const episodes = alerts.filter(({ source }) => source === "detector").length;
  const description =
    `${signal} of ${machineId}${unit === undefined ? "" : ` in ${unit}`}, ${minute(first * series.bucketMs)} to ${minute((last + 1) * series.bucketMs)}: ` +
    `from ${number(low + margin)} to ${number(high - margin)}; ${episodes} episodes of the ML module, ${alerts.length - episodes} rows of Stream Analytics`;
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}"><title id="${id}">${escaped(description)}</title>` +
    `<rect class="frame" x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${HEIGHT - TOP - BOTTOM}"/>` +
    [...expected, ...lines, ...marks, ...ticks, ...dates].join("") +
    `</svg>`
  );
}

/** Stretches without a gap. */
function runs<T>(buckets: readonly (readonly [number, T])[]): (readonly [number, T])[][] {
  const result: (readonly [number, T])[][] = [];
  let before = -Infinity;
  for (const entry of buckets) {
    if (entry[0] - before > 3) result.push([]);
    result.at(-1)?.push(entry);
    [before] = entry;
  }
  return result;
}
