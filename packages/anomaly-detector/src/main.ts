import { DETECTOR_MODULE } from "@edge-anomaly-detection/detector-contract";
import { extraAuthorities, keepConnected } from "./hub";
import { createLog, messageOf } from "./log";
import { DetectorModule } from "./module";
import { startServer } from "./server";

const log = createLog((line) => process.stdout.write(line), process.env.LOG_LEVEL === "debug" ? "debug" : "info");

async function main(): Promise<void> {
  const { DATA_DIRECTORY, IOTEDGE_DEVICEID, MODEL_CA_FILE, MODEL_DIRECTORY, PORT } = process.env;
  const ca = await extraAuthorities(MODEL_CA_FILE);
  const detector = new DetectorModule({
    directory: DATA_DIRECTORY ?? DETECTOR_MODULE.dataDirectory,
    deviceId: IOTEDGE_DEVICEID ?? "device",
    log,
    models: { imageDirectory: MODEL_DIRECTORY ?? DETECTOR_MODULE.modelDirectory },
    ...(ca !== undefined && { ca }),
  });
  await detector.start();
  await startServer(Number(PORT ?? DETECTOR_MODULE.port), detector.metrics.registry, () => detector.health());
  const connection = keepConnected(detector.events);

  let stopping = false;
  const stop = async (reason: string, code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log("info", "stopping", { reason });
    await detector.stop().catch((error: unknown) => {
      log("error", "stop failed", { reason: messageOf(error) });
    });
    await connection.close().catch(() => undefined);
    process.exit(code);
  };
  process.on("SIGTERM", () => void stop("SIGTERM", 0));
  process.on("SIGINT", () => void stop("SIGINT", 0));
  // The runtime starts the module anew; what was learnt is on the disk by then.
  process.on("uncaughtException", (error) => {
    log("error", "uncaught", { reason: messageOf(error) });
    void stop("uncaught exception", 1);
  });
  log("info", "started");
}

main().catch((error: unknown) => {
  log("error", "start failed", { reason: messageOf(error) });
  process.exit(1);
});
