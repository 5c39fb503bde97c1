import { checkConfiguration, type Configuration } from "../../src/configuration";
import type { DesiredProperties } from "@edge-anomaly-detection/detector-contract";
import { createChangePointState, updateChangePoint } from "../../src/detectors/change-point";
import { createEnsembleState, updateEnsemble } from "../../src/detectors/ensemble";
import { createSpikeAndDipState, updateSpikeAndDip } from "../../src/detectors/spike-and-dip";
import { createEpisodeState, updateEpisode } from "../../src/episodes";
import { Machine } from "../../src/detection/machine";
import { Pipeline } from "../../src/pipeline";
import type { Series } from "./corpus";

/** A detector gives each row of a series a score from 0 to 1, knowing the rows before it and nothing else. */
export type Benchmarked = (series: Series) => number[];

/** The module's default configuration but for the name of the one signal: the same for all series. */
export function defaultConfiguration(more: DesiredProperties = {}): Configuration {
  const checked = checkConfiguration({ signals: { value: "value" }, timePath: "time", ...more });
  if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
  return checked.configuration;
}

/** The alerts that the module would send: the probability at the rows where an alert is raised, 0 elsewhere. */
function moduleAlerts(configuration: Configuration): Benchmarked {
  return (series) => {
    const pipeline = new Pipeline(configuration);
    return series.values.map((value, row) => {
      const time = series.timesMs[row] ?? 0;
      const outcome = pipeline.process(JSON.stringify({ value, time }), { arrivedMs: time, deviceId: series.name });
      if (outcome.kind !== "scored") return 0;
      return outcome.alerts.find(({ phase }) => phase !== "closed")?.score ?? 0;
    });
  };
}

/** log10 of the ensemble's p-value at each row, before episodes. */
export function ensembleLog10P(series: Series): number[] {
  const { seasonSeconds, detectors } = defaultConfiguration();
  const parameters = { seasonMs: seasonSeconds * 1000, confidence: detectors.ensemble.confidence };
  const state = createEnsembleState(parameters);
  return series.values.map((value, row) => updateEnsemble(state, parameters, value, series.timesMs[row] ?? 0).log10P);
}

/** The rows at which episodes of given p-values raise alerts, as scores. */
export function episodeScores(log10Ps: readonly number[], confidence: number, cooldownMessages: number): number[] {
  const state = createEpisodeState();
  const limit = Math.log10(1 - confidence / 100);
  const { quietMessages } = defaultConfiguration();
  return log10Ps.map((log10P, row) => {
    const event = updateEpisode(state, { cooldownMessages, quietMessages }, log10P <= limit, log10P, row);
    return event && event.phase !== "closed" ? 1 - 10 ** log10P : 0;
  });
}

/** Stream Analytics' spike-and-dip form as it is, a verdict for each row: 1 less the p-value. History 120. */
function spikeAndDip(series: Series): number[] {
  const parameters = { confidence: 95, historySize: 120, mode: "spikesanddips" } as const;
  const state = createSpikeAndDipState();
  return series.values.map((value) => {
    const { ready, score } = updateSpikeAndDip(state, parameters, value);
    return ready ? 1 - score : 0;
  });
}

/** Stream Analytics' change-point form as it is: the log martingale, squeezed into 0 to 1. History 20. */
function changePoint(series: Series): number[] {
  const parameters = { confidence: 92, historySize: 20 };
  const state = createChangePointState();
  return series.values.map((value) => {
    const { ready, score } = updateChangePoint(state, parameters, value);
    return ready ? 1 / (1 + Math.exp(-score / 50)) : 0;
  });
}

/** The alerts of the default detector: 1 less the chance, at the rows where one is raised. */
function plantAlerts(series: Series): number[] {
  const machine = new Machine(1, { falseAlertsPerMachineMonth: 20, newLevelAfterMs: 86_400_000, limits: [] });
  return series.values.map((value, row) => {
    const events = machine.update(series.timesMs[row] ?? 0, [value]);
    const told = events?.find(({ phase }) => phase !== "closed");
    return told ? 1 - 0.5 / Math.max(...told.episode.members.map(({ ratio }) => ratio)) : 0;
  });
}

/** What the table compares. Names are also those of folders and files in NAB's layout. */
export const BENCHMARKED: Readonly<Record<string, { readonly title: string; readonly run: Benchmarked }>> = {
  edgeEnsemble: {
    title: "this module's ensemble (optional)",
    run: moduleAlerts(defaultConfiguration({ detectors: { plant: { enabled: false }, ensemble: { enabled: true } } })),
  },
  edgePlant: { title: "this module, default configuration", run: plantAlerts },
  edgeSpikeAndDip: { title: "spike-and-dip form alone, history 120", run: spikeAndDip },
  edgeChangePoint: { title: "change-point form alone, history 20", run: changePoint },
};
