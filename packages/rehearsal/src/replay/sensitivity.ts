import type { AlertEvent } from "../events";
import type { RehearsalInput } from "../input";
import { type FunctionName, functionSettingsOf, withFunctionSettings } from "./detection-settings";
import { FoundFailures } from "./found-failures";
import type { Label } from "./labels";
import { type ReplayOptions, replayFile } from "./run";

/** What a detector does with one setting. */
export interface SensitivityRow {
  readonly source: AlertEvent["source"];
  /** As it is written in a twin or a configuration. */
  readonly setting: string;
  /** Whether the device has it now. */
  readonly isConfigured: boolean;
  readonly alertsADay: number;
  readonly found: number;
  /** Failures that as many alerts at random times would meet. */
  readonly byChance: number;
}

interface Variant {
  readonly source: AlertEvent["source"];
  readonly setting: string;
  readonly isConfigured: boolean;
  readonly input: RehearsalInput;
  readonly accepts: (event: AlertEvent) => boolean;
}

/** A few values on either side of the defaults: more alerts and longer histories to the end of each list. */
const FALSE_ALERTS = [0.5, 2, 10, 50];
const ENSEMBLE_CONFIDENCES = [99.99, 99.9, 99];
const FUNCTIONS: Readonly<Record<FunctionName, readonly number[]>> = {
  spikeAndDip: [99.97, 99.9, 99],
  changePoint: [90, 80],
};
const HISTORY_FACTORS = [1, 5];
const MAX_HISTORY = 10_000;
const DEFAULT_FALSE_ALERTS = 2;

/**
 * Replays a file with other settings of each detector in turn and says how many known failures each finds at how many
 * alerts a day: what a plant decides by.
 */
export async function sensitivityOf(
  file: string,
  input: RehearsalInput,
  options: Omit<ReplayOptions, "verdicts" | "onEvent" | "onProgress"> & {
    readonly labels: readonly Label[];
    readonly onVariant?: (done: number, of: number) => void;
  },
): Promise<SensitivityRow[]> {
  const { onVariant, labels, ...replayOptions } = options;
  const variants = [...detectorVariants(input), ...functionVariants(input)];
  const rows: SensitivityRow[] = [];
  for (const { source, setting, isConfigured, input: changed, accepts } of variants) {
    const failures = new FoundFailures(labels);
    const { summary } = await replayFile(file, changed, {
      ...replayOptions,
      onEvent: (event) => {
        if (event.kind === "alert" && accepts(event)) failures.take(event);
      },
    });
    const { days } = summary.data;
    rows.push({
      source,
      setting,
      isConfigured,
      alertsADay: failures.alerts / days,
      found: failures.count,
      byChance: failures.byChance(days),
    });
    onVariant?.(rows.length, variants.length);
  }
  return rows;
}

function detectorVariants(input: RehearsalInput): Variant[] {
  const { detector } = input;
  if (detector === undefined) return [];
  const alone = without(input, "streamAnalytics");
  const { desired } = detector;
  const configured = desired.falseAlertsPerMachineMonth ?? DEFAULT_FALSE_ALERTS;
  const variant = (setting: string, changes: Readonly<Record<string, unknown>>, isConfigured = false): Variant => ({
    source: "detector",
    setting,
    isConfigured,
    input: { ...alone, detector: { ...detector, desired: { ...desired, ...changes } } },
    accepts: () => true,
  });
  return [
    ...withConfigured(FALSE_ALERTS, Number(configured)).map((value) =>
      variant(`falseAlertsPerMachineMonth ${value}`, { falseAlertsPerMachineMonth: value }, value === configured),
    ),
    ...ENSEMBLE_CONFIDENCES.map((confidence) =>
      variant(`detectors.ensemble.confidence ${confidence}, without plant`, {
        detectors: { plant: { enabled: false }, ensemble: { enabled: true, confidence } },
      }),
    ),
  ];
}

function functionVariants(input: RehearsalInput): Variant[] {
  const { streamAnalytics } = input;
  if (streamAnalytics === undefined) return [];
  const alone = without(input, "detector");
  const { query } = streamAnalytics;
  return (Object.keys(FUNCTIONS) as FunctionName[]).flatMap((name) => {
    const own = functionSettingsOf(query, name);
    if (own === undefined) return [];
    return HISTORY_FACTORS.flatMap((factor) =>
      withConfigured(FUNCTIONS[name], own.confidence).map((confidence): Variant => {
        const historySize = Math.min(MAX_HISTORY, own.historySize * factor);
        return {
          source: "streamAnalytics",
          setting: `${name} confidence ${confidence}, historySize ${historySize}`,
          isConfigured: confidence === own.confidence && factor === 1,
          input: {
            ...alone,
            streamAnalytics: {
              ...streamAnalytics,
              query: withFunctionSettings(query, name, { confidence, historySize }),
            },
          },
          accepts: ({ detector }) => detector === name,
        };
      }),
    );
  });
}

/** One detector alone costs half the time, and the other's verdicts do not depend on it. */
function without(input: RehearsalInput, part: "detector" | "streamAnalytics"): RehearsalInput {
  const { detector, streamAnalytics, ...rest } = input;
  return {
    ...rest,
    ...(part !== "detector" && detector && { detector }),
    ...(part !== "streamAnalytics" && streamAnalytics && { streamAnalytics }),
  };
}

/** The list with the device's own value in its place. */
const withConfigured = (values: readonly number[], own: number): number[] => {
  const isRising = (values[0] ?? 0) < (values.at(-1) ?? 0);
  return [...new Set([...values, own])].sort((a, b) => (isRising ? a - b : b - a));
};
