import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";

/** What `/healthz` answers. */
export interface Health {
  /** `degraded` still scores messages; the reasons say what is wrong. */
  readonly status: "ok" | "degraded";
  readonly reasons: readonly string[];
}

/** Serves `/metrics` for Prometheus and `/healthz` for the container's health check, and nothing else. */
export async function startServer(port: number, registry: Registry, health: () => Health): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET" || (path !== "/metrics" && path !== "/healthz")) {
      response.writeHead(404).end();
      return;
    }
    if (path === "/healthz") {
      // A device without its hub still scores: restarting the container would mend nothing and cost time.
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(health()));
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
  return server;
}
