export interface Point {
  readonly timeMs: number;
  readonly value: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface EpisodeBar {
  readonly fromMs: number;
  readonly toMs: number;
  /** Not ended within the recording: it is drawn to its end. */
  readonly isOpen: boolean;
  readonly title: string;
}

/** One signal's part of the chart. */
export interface Panel {
  readonly name: string;
  readonly points: readonly Point[];
  readonly episodes: readonly EpisodeBar[];
  readonly alerts: readonly { readonly timeMs: number; readonly title: string }[];
}

const WIDTH = 1200;
const PANEL = 220;
const MARGIN = { left: 80, right: 20, top: 44, bottom: 34 };
/** Space above and below a panel's series. */
const PAD = 20;
/** Points drawn for each signal; longer series are thinned to their extremes. */
const MAX_POINTS = 2000;
/** A short episode is still seen. */
const LEAST_WIDTH = 2;

/** Lengths between ticks of time, in milliseconds: from a millisecond over hours and days to years. */
const TIME_STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5,
  216e5, 432e5, 864e5, 1728e5, 6048e5, 12096e5, 2592e6, 7776e6, 31536e6, 157680e6, 315360e6,
];

/** Ticks at whole steps of 1, 2 or 5 times a power of ten, about `count` of them. */
export function valueTicks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = ([1, 2, 5, 10].find((factor) => factor * power * count >= span) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high && ticks.length < 50; i++) ticks.push(i * step);
  return ticks;
}

/** Ticks at whole steps of the clock or the calendar, at most `count` of them. */
export function timeTicks(
  fromMs: number,
  toMs: number,
  count: number,
): { readonly step: number; readonly ticks: number[] } {
  const span = toMs - fromMs;
  const step = TIME_STEPS.find((each) => span / each <= count) ?? span;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs && ticks.length <= count; at += step) ticks.push(at);
  return { step, ticks };
}

function timeLabel(timeMs: number, step: number): string {
  const text = new Date(timeMs).toISOString();
  if (step >= 864e5) return text.slice(0, 10);
  if (step >= 6e4) return `${text.slice(5, 10)} ${text.slice(11, 16)}`;
  return step >= 1e3 ? text.slice(11, 19) : text.slice(11, 23);
}

function valueLabel(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  return text.length > 9 ? value.toExponential(2) : text;
}

function escape(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Keeps the lowest and the highest value of each of so many stretches: what stands out stays. */
function thin(points: readonly Point[]): readonly Point[] {
  if (points.length <= MAX_POINTS) return points;
  const size = Math.ceil((2 * points.length) / MAX_POINTS);
  const kept: Point[] = [];
  for (let i = 0; i < points.length; i += size) {
    const stretch = points.slice(i, i + size).sort((a, b) => a.value - b.value);
    const extremes = [stretch[0], stretch.at(-1)].filter((point) => point !== undefined);
    kept.push(...extremes.sort((a, b) => a.timeMs - b.timeMs));
  }
  return kept;
}

/** Draws signals below each other, over one axis of time in UTC. */
export function draw(machine: string, panels: readonly Panel[]): string {
  let from = Infinity;
  let to = -Infinity;
  for (const { points } of panels) {
    for (const { timeMs } of points) {
      if (timeMs < from) from = timeMs;
      if (timeMs > to) to = timeMs;
    }
  }
  if (from === Infinity) [from, to] = [0, 0];
  const end = Math.max(to, from + 1);
  const right = WIDTH - MARGIN.right;
  const x = (timeMs: number): number =>
    MARGIN.left + ((Math.min(Math.max(timeMs, from), end) - from) / (end - from)) * (right - MARGIN.left);
  const bottom = MARGIN.top + panels.length * PANEL;
  const height = bottom + MARGIN.bottom;
  const time = timeTicks(from, end, 10);
  const timeAxis = time.ticks.map((tick) => {
    const at = x(tick).toFixed(1);
    return (
      `<line class="grid" x1="${at}" x2="${at}" y1="${MARGIN.top}" y2="${bottom}"/>` +
      `<text class="time" x="${at}" y="${bottom + 16}">${timeLabel(tick, time.step)}</text>`
    );
  });
  const drawn = panels.map((panel, index) => drawPanel(panel, MARGIN.top + index * PANEL, x));
  const span = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escape(`Signals, expected ranges, episodes and alerts of ${machine}`)}</title>
<style>
text { font: 12px sans-serif; fill: #333 } .name { font-weight: bold } .value-tick { text-anchor: end } .time { text-anchor: middle }
.expected { fill: #56b4e9; fill-opacity: 0.3 } .value { fill: none; stroke: #222; stroke-width: 1 }
.grid { stroke: #ddd; stroke-width: 1 } .axis { stroke: #333; stroke-width: 1 }
.episode { fill: #d55e00; fill-opacity: 0.18 } .alert { stroke: #d55e00; stroke-width: 2 }
</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN.left}" y="20">${escape(machine)}: ${span} (UTC); line: readings, blue: expected range, orange: episodes, upright: alerts</text>
${timeAxis.join("\n")}
${drawn.join("\n")}
</svg>
`;
}

function drawPanel({ name, points, episodes, alerts }: Panel, top: number, x: (timeMs: number) => number): string {
  const shown = thin(points);
  let low = Infinity;
  let high = -Infinity;
  for (const { value } of shown) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const pad = (high - low || Math.abs(high) || 1) * 0.1;
  const [least, most] = [low - pad, high + pad];
  const y = (value: number): number => {
    const share = (value - least) / (most - least);
    return top + PANEL - PAD - Math.min(Math.max(share, 0), 1) * (PANEL - 2 * PAD);
  };
  const at = (timeMs: number, value: number): string => `${x(timeMs).toFixed(1)},${y(value).toFixed(1)}`;
  const [above, below] = [top + PAD, top + PANEL - PAD];
  const right = WIDTH - MARGIN.right;
  const ticks = valueTicks(least, most, 5).map((tick) => {
    const level = y(tick).toFixed(1);
    return (
      `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${level}" y2="${level}"/>` +
      `<text class="value-tick" x="${MARGIN.left - 6}" y="${(y(tick) + 4).toFixed(1)}">${valueLabel(tick)}</text>`
    );
  });
  const banded = shown.filter((point) => point.low !== undefined && point.high !== undefined);
  const upper = banded.map((point) => at(point.timeMs, point.high ?? point.value));
  const lower = banded.map((point) => at(point.timeMs, point.low ?? point.value)).reverse();
  const bars = episodes.map(({ fromMs, toMs, isOpen, title }) => {
    const start = x(fromMs);
    const width = Math.max((isOpen ? right : x(toMs)) - start, LEAST_WIDTH);
    return `<rect class="episode" x="${start.toFixed(1)}" y="${above}" width="${width.toFixed(1)}" height="${below - above}"><title>${escape(title)}</title></rect>`;
  });
  const marks = alerts.map(({ timeMs, title }) => {
    const place = x(timeMs).toFixed(1);
    return `<line class="alert" x1="${place}" x2="${place}" y1="${above}" y2="${below}"><title>${escape(title)}</title></line>`;
  });
  return [
    `<text class="name" x="${MARGIN.left}" y="${top + 14}">${escape(name)}</text>`,
    ...ticks,
    `<line class="axis" x1="${MARGIN.left}" x2="${MARGIN.left}" y1="${above}" y2="${below}"/>`,
    `<line class="axis" x1="${MARGIN.left}" x2="${right}" y1="${below}" y2="${below}"/>`,
    ...bars,
    `<polygon class="expected" points="${[...upper, ...lower].join(" ")}"/>`,
    `<polyline class="value" points="${shown.map((point) => at(point.timeMs, point.value)).join(" ")}"/>`,
    ...marks,
  ].join("\n");
}
