import { mergeLayers } from "./deployment";
import { EdgeHub } from "./edge-hub";
import type { FromHub, ToHub } from "./protocol";
import type { QueuedMessage } from "./queued-message";

/**
 * The process of the edge hub. It talks to the rehearsal by Node's channel between processes, and ends with it, so that no
 * hub outlives its rehearsal; everything else talks to it by MQTT.
 */

/** Milliseconds between two reports of what waits. */
const WAITING_MS = 250;

let hub: EdgeHub | undefined;
let deliveries = 0;
const underWay = new Map<number, () => void>();

/** Resolves when the message has left this process. */
function tell(message: FromHub): Promise<void> {
  return new Promise((resolve) => {
    const isSent =
      process.connected &&
      process.send?.(message, undefined, undefined, () => {
        resolve();
      });
    if (isSent === undefined || !process.connected) resolve();
  });
}

/**
 * Puts together what happens in one turn of the event loop: a message between processes costs more than its contents.
 * Resolves when it has been sent.
 */
function gather<T>(send: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  let items: T[] = [];
  let sent: Promise<void> | undefined;
  return (item) => {
    items.push(item);
    sent ??= new Promise((resolve) => {
      setImmediate(() => {
        const gathered = items;
        items = [];
        sent = undefined;
        resolve(send(gathered));
      });
    });
    return sent;
  };
}

const tellAccepted = gather<{ readonly message: QueuedMessage; readonly routes: readonly string[] }>((messages) =>
  tell({ kind: "accepted", messages }),
);
const tellUpstream = gather<{ readonly delivery: number; readonly message: QueuedMessage }>((messages) =>
  tell({ kind: "upstream", messages }),
);

async function start(order: Extract<ToHub, { kind: "start" }>): Promise<void> {
  const { input, credentials, folder, port, limitBytes } = order;
  const started = await EdgeHub.start({
    deviceId: input.deviceId,
    deployment: mergeLayers(input.layers),
    credentials,
    folder,
    port,
    ...(limitBytes !== undefined && { limitBytes }),
    leafDevices: input.sensor.source === "leafDevices" ? input.machines : [],
    onAccepted: tellAccepted,
    onExpired: (message) => {
      void tell({ kind: "expired", message });
    },
    onFull: () => {
      void tell({ kind: "full" });
    },
    onUpstream: (message, settle) => {
      const delivery = ++deliveries;
      underWay.set(delivery, settle);
      void tellUpstream({ delivery, message });
    },
  });
  hub = started;
  started.setCloud(order.isCloudConnected);
  setInterval(() => {
    void tell({ kind: "waiting", ...started.waiting });
  }, WAITING_MS).unref();
  void tell({ kind: "ready", port: started.port });
}

process.on("message", (order: ToHub) => {
  switch (order.kind) {
    case "start":
      start(order).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        void tell({ kind: "failed", reason }).then(() => process.exit(1));
      });
      break;
    case "cloud":
      if (!order.isConnected) underWay.clear();
      hub?.setCloud(order.isConnected);
      break;
    case "received":
      for (const delivery of order.deliveries) {
        underWay.get(delivery)?.();
        underWay.delete(delivery);
      }
      break;
    case "method":
      void hub?.callMethod(order.module, order.name, order.payload, order.timeoutMs).then((result) => {
        void tell({ kind: "method", call: order.call, result });
      });
      break;
    case "patchDesired":
      hub?.patchDesired(order.module, order.patch);
      break;
    case "stop":
      void hub?.stop().then(() => process.exit(0));
      break;
  }
});
process.on("disconnect", () => process.exit());
// Ctrl-C reaches every process of a terminal; the one that started this one says when to stop.
process.on("SIGINT", () => undefined);
