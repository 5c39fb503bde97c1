/** The two anomaly functions, by the names that the generated query gives their rows. */
export type FunctionName = "spikeAndDip" | "changePoint";

const FORMS: Readonly<Record<FunctionName, string>> = { spikeAndDip: "SpikeAndDip", changePoint: "ChangePoint" };

/** A call as the generator writes it: value, confidence, history, mode, then the window in which the history is. */
const callOf = (name: FunctionName): RegExp =>
  new RegExp(
    `(AnomalyDetection_${FORMS[name]}\\((?:(?!\\bOVER\\b)[^])*?,\\s*)([\\d.]+)(\\s*,\\s*)(\\d+)(\\s*(?:,\\s*'\\w+'\\s*)?\\)\\s*OVER\\s*\\(\\s*LIMIT\\s+DURATION\\(\\s*\\w+\\s*,\\s*)(\\d+)`,
    "gi",
  );

export interface FunctionSettings {
  /** Percent. */
  readonly confidence: number;
  /** Samples. */
  readonly historySize: number;
}

/** Settings of a function's first call in a query; undefined where the query has none. */
export function functionSettingsOf(query: string, name: FunctionName): FunctionSettings | undefined {
  const [call] = query.matchAll(callOf(name));
  return call && { confidence: Number(call[2]), historySize: Number(call[4]) };
}

/** The query with other settings of a function; its windows become longer or shorter as the history does. */
export function withFunctionSettings(query: string, name: FunctionName, settings: FunctionSettings): string {
  const { confidence, historySize } = settings;
  return query.replace(
    callOf(name),
    (_, head: string, _confidence, comma: string, history: string, over: string, amount: string) =>
      `${head}${confidence}${comma}${historySize}${over}${Math.ceil((Number(amount) * historySize) / Number(history))}`,
  );
}
