import type { Alert } from "../engine";
import type { ScoredMessage } from "../pipeline";
import { draw, type EpisodeBar, type Panel, type Point } from "./svg";

export type Chart =
  | {
      readonly ok: true;
      readonly svg: string;
      /** Lines that were no verdicts. */
      readonly skipped: number;
    }
  | { readonly ok: false; readonly reason: string };

type Verdict =
  | ({ readonly output: "scoredOutput" } & ScoredMessage)
  | ({ readonly output: "anomalyOutput" } & Alert)
  | { readonly output: "deadLetter" };

function parse(line: string): Verdict | undefined {
  try {
    const verdict = JSON.parse(line) as Partial<Verdict> | null;
    if (verdict?.output === "deadLetter") return { output: "deadLetter" };
    if (verdict?.output !== "scoredOutput" && verdict?.output !== "anomalyOutput") return undefined;
    const isWhole = typeof verdict.machineId === "string" && !Number.isNaN(Date.parse(String(verdict.eventTime)));
    return isWhole && (verdict.output === "anomalyOutput" || typeof verdict.signals === "object")
      ? (verdict as Verdict)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Draws one machine's series, expected ranges, episodes and alerts from lines that `detect` wrote. */
export function plot(lines: readonly string[], machineId?: string): Chart {
  let skipped = 0;
  let verdicts = 0;
  const machines = new Set<string>();
  let machine = machineId;
  const series = new Map<string, Point[]>();
  const alerts: Alert[] = [];
  for (const line of lines) {
    if (line.trim() === "") continue;
    const verdict = parse(line);
    if (!verdict) {
      skipped++;
      continue;
    }
    verdicts++;
    // Dead letters are verdicts that have nothing to draw.
    if (verdict.output === "deadLetter") continue;
    machines.add(verdict.machineId);
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
  if (verdicts === 0) {
    return {
      ok: false,
      reason: "it has no verdicts: lines of JSON with an output, as detect writes them, are expected",
    };
  }
  if (machine === undefined) return { ok: false, reason: "it has dead letters only: no message was scored" };
  if (series.size === 0) {
    const known = [...machines].slice(0, 10).join(", ");
    return { ok: false, reason: `it has no scored message of machine ${machine}; machines: ${known}` };
  }
  const panels = [...series].map(([name, points]): Panel => ({ name, points, ...marksOf(name, alerts) }));
  return { ok: true, svg: draw(machine, panels), skipped };
}

/** What is drawn of a signal's alerts: when they were raised, and how long their episodes lasted. */
function marksOf(name: string, alerts: readonly Alert[]): Pick<Panel, "alerts" | "episodes"> {
  const own = alerts.filter(({ signals, signal }) => signals.includes(name) || signal === name);
  const episodes = new Map<string, EpisodeBar>();
  for (const { episodeId, startedAt, eventTime, phase, detector, explanation } of own) {
    const known = episodes.get(episodeId);
    episodes.set(episodeId, {
      fromMs: Date.parse(startedAt),
      toMs: Date.parse(eventTime),
      isOpen: phase !== "closed",
      title: known?.title ?? `${startedAt} ${detector}: ${explanation}`,
    });
  }
  const raised = own.filter(({ phase }) => phase !== "closed");
  return {
    episodes: [...episodes.values()],
    alerts: raised.map(({ eventTime, detector, explanation, severity }) => ({
      timeMs: Date.parse(eventTime),
      title: `${eventTime} ${detector}: ${explanation} (${severity})`,
    })),
  };
}
