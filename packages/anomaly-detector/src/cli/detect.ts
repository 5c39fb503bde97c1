import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Configuration } from "../configuration";
import { ModelStore } from "../model-store";
import { type Alert, Pipeline } from "../pipeline";

/**
 * Runs the module's pipeline over lines of JSON. Each verdict is one line with the `output` that the module would send
 * it to. A message without a time has the time of its reading.
 */
export async function detect(
  input: Readable,
  output: Writable,
  configuration: Configuration,
  models = join(tmpdir(), "anomaly-detector-models"),
): Promise<void> {
  const pipeline = new Pipeline(configuration);
  const { model, signals } = configuration;
  const loaded = model && (await new ModelStore({ directory: models }).take(model, signals.length));
  if (model) pipeline.useModel(model.version);

  const write = async (line: Readonly<Record<string, unknown>>): Promise<void> => {
    if (!output.write(`${JSON.stringify(line)}\n`)) await once(output, "drain");
  };
  const writeAlerts = async (alerts: readonly Alert[]): Promise<void> => {
    for (const alert of alerts) await write({ output: "anomalyOutput", ...alert });
  };

  let line = 0;
  for await (const body of createInterface({ input, crlfDelay: Infinity })) {
    line++;
    if (body.trim() === "") continue;
    const prepared = pipeline.prepare(body, { arrivedMs: Date.now(), deviceId: "device" });
    const modelInput = prepared.kind === "prepared" ? prepared.modelInput : undefined;
    const modelScore = loaded && modelInput && (await loaded.model.score(modelInput));
    const outcome = prepared.kind === "prepared" ? pipeline.finish(prepared, modelScore) : prepared;
    if (outcome.kind === "rejected") await write({ output: "deadLetter", line, reason: outcome.reason });
    else if (outcome.kind === "scored") {
      await writeAlerts(outcome.alerts);
      await write({ output: "scoredOutput", ...outcome.scored });
    }
  }
  await writeAlerts(pipeline.closeAll());
  await loaded?.model.release();
}
