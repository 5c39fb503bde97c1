import type { Alert, Scored } from "../pipeline";

const WIDTH = 1200;
const PANEL = 220;
const MARGIN = { left: 70, right: 20, top: 40, bottom: 30 };
/** Points drawn for each signal; longer series are thinned to their extremes. */
const MAX_POINTS = 2000;

interface Point {
  readonly timeMs: number;
  readonly value: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface Chart {
  readonly svg: string;
  /** Lines that were no verdicts. */
  readonly skipped: number;
}

type Verdict = ({ readonly output: "scoredOutput" } & Scored) | ({ readonly output: "anomalyOutput" } & Alert);

function parse(line: string): Verdict | undefined {
  try {
    const verdict = JSON.parse(line) as Partial<Verdict> | null;
    if (verdict?.output !== "scoredOutput" && verdict?.output !== "anomalyOutput") return undefined;
    return typeof verdict.machineId === "string" && typeof verdict.eventTime === "string"
      ? (verdict as Verdict)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Draws one machine's series, expected ranges and alerts from lines that `detect` wrote. */
export function plot(lines: readonly string[], machineId?: string): Chart {
  let skipped = 0;
  let machine = machineId;
  const series = new Map<string, Point[]>();
  const alerts: Alert[] = [];
  for (const line of lines) {
    if (line.trim() === "") continue;
    const verdict = parse(line);
    if (!verdict) {
      // Dead letters are verdicts that have nothing to draw.
      if (!line.includes('"deadLetter"')) skipped++;
      continue;
    }
    machine ??= verdict.machineId;
    if (verdict.machineId !== machine) continue;
    if (verdict.output === "anomalyOutput") {
      alerts.push(verdict);
      continue;
    }
    const timeMs = Date.parse(verdict.eventTime);
    for (const [name, { value, expectedLow, expectedHigh }] of Object.entries(verdict.signals)) {
      const points = series.get(name) ?? [];
      points.push({ timeMs, value, low: expectedLow, high: expectedHigh });
      series.set(name, points);
    }
  }
  return { svg: draw(machine ?? "no machine", series, alerts), skipped };
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

function draw(machine: string, series: ReadonlyMap<string, readonly Point[]>, alerts: readonly Alert[]): string {
  const all = [...series.values()];
  const times = all.flatMap((points) => [points[0]?.timeMs ?? 0, points.at(-1)?.timeMs ?? 0]);
  const from = Math.min(...times);
  const to = Math.max(...times, from + 1);
  const x = (timeMs: number): string =>
    (MARGIN.left + ((timeMs - from) / (to - from)) * (WIDTH - MARGIN.left - MARGIN.right)).toFixed(1);
  const height = MARGIN.top + Math.max(series.size, 1) * PANEL + MARGIN.bottom;

  const panels = [...series].map(([name, points], index) => {
    const drawn = thin(points);
    const top = MARGIN.top + index * PANEL;
    const values = drawn.map(({ value }) => value);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const pad = (high - low || Math.abs(high) || 1) * 0.1;
    const y = (value: number): string => {
      const share = (value - low + pad) / (high - low + 2 * pad);
      return (top + PANEL - 20 - Math.min(Math.max(share, 0), 1) * (PANEL - 40)).toFixed(1);
    };
    const banded = drawn.filter(({ low: from }) => from !== undefined);
    const upper = banded.map((point) => `${x(point.timeMs)},${y(point.high ?? point.value)}`);
    const lower = banded.map((point) => `${x(point.timeMs)},${y(point.low ?? point.value)}`).reverse();
    const marks = alerts
      .filter(({ signals, phase }) => signals.includes(name) && phase !== "closed")
      .map((alert) => {
        const title = escape(
          `${alert.eventTime} ${alert.detector}: ${alert.explanation} (unlikelihood ${alert.unlikelihood.toFixed(1)})`,
        );
        const at = x(Date.parse(alert.eventTime));
        return `<line class="alert" x1="${at}" x2="${at}" y1="${top + 20}" y2="${top + PANEL - 20}"><title>${title}</title></line>`;
      });
    return [
      `<text class="name" x="${MARGIN.left}" y="${top + 14}">${escape(name)}</text>`,
      `<text class="axis" x="${MARGIN.left - 6}" y="${y(high)}">${high.toPrecision(4)}</text>`,
      `<text class="axis" x="${MARGIN.left - 6}" y="${y(low)}">${low.toPrecision(4)}</text>`,
      `<polygon class="expected" points="${[...upper, ...lower].join(" ")}"/>`,
      `<polyline class="value" points="${drawn.map((point) => `${x(point.timeMs)},${y(point.value)}`).join(" ")}"/>`,
      ...marks,
    ].join("\n");
  });
  const span =
    series.size > 0 ? `${new Date(from).toISOString()} to ${new Date(to).toISOString()}` : "no scored messages";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escape(`Signals, expected ranges and alerts of ${machine}`)}</title>
<style>
text { font: 12px sans-serif; fill: #333 } .name { font-weight: bold } .axis { text-anchor: end }
.expected { fill: #56b4e9; fill-opacity: 0.3 } .value { fill: none; stroke: #222; stroke-width: 1 }
.alert { stroke: #d55e00; stroke-width: 2 }
</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN.left}" y="20">${escape(machine)}: ${span}; line: readings, band: expected range, upright: alerts</text>
${panels.join("\n")}
</svg>
`;
}
