import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Action, RehearsalEvent } from "../events";
import { type ActionRequest, readAction } from "./actions";
import type { Description } from "./frames";
import { checkSender, type Refusal, SECURITY_HEADERS } from "./guard";
import { listen, LOOPBACK } from "./listen";
import { Recorder, type RecorderLimits } from "./recorder";
import { readPage } from "./static-files";
import { Stream, type StreamOptions } from "./stream";

export type { Description } from "./frames";

/** What the page shows and acts on: a live rehearsal, or a scripted one in tests. */
export interface EventSource {
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: RehearsalEvent) => void): () => void;
  /** Does something to the system; throws or rejects where it cannot. */
  act(action: Action, machineId?: string): void | Promise<void>;
}

export interface ServerOptions {
  readonly source: EventSource;
  readonly description: Description;
  /** Folder of the compiled page, as `build-page.mjs` writes it. */
  readonly pageFolder: string;
  /** Port to listen on; the next free one where it is taken, any for 0. @default 4280 */
  readonly port?: number;
  readonly limits?: RecorderLimits & StreamOptions;
}

export interface PageServer {
  /** For example `http://127.0.0.1:4280/`. */
  readonly url: string;
  readonly port: number;
  /** Differs from `port` where that was taken: say so. */
  readonly requestedPort: number;
  /** Ends all streams, tells the pages, and frees the port. */
  close(): Promise<void>;
}

export const DEFAULT_PORT = 4280;

/** What each path can be asked for. */
const METHODS: Readonly<Record<string, string>> = { "/events": "GET", "/actions": "POST" };

/** Serves the page of a rehearsal on loopback, its events as Server-Sent Events and its actions. */
export async function startServer(options: ServerOptions): Promise<PageServer> {
  const { source, description, limits } = options;
  const page = readPage(options.pageFolder);
  const recorder = new Recorder(description.routes, limits);
  const machines = new Set(description.machines);
  const stream = new Stream(recorder, description, limits);
  const unsubscribe = source.subscribe((event) => {
    if (event.kind === "reading") {
      machines.add(event.machineId);
    }
    recorder.add(event);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const refusal = checkSender(request) ?? checkMethod(path, request.method ?? "", page);
    if (refusal !== undefined) {
      refuse(response, refusal);
      return;
    }
    const file = page.get(path);
    if (file !== undefined) {
      response.writeHead(200, { ...SECURITY_HEADERS, "Content-Type": file.type, "Content-Length": file.body.length });
      response.end(request.method === "HEAD" ? undefined : file.body);
    } else if (path === "/events") {
      openStream(response);
    } else {
      await act(request, response);
    }
  }

  function openStream(response: ServerResponse): void {
    if (stream.isFull) {
      refuse(response, { status: 503, message: "too many pages are open: close one" });
      return;
    }
    response.writeHead(200, { ...SECURITY_HEADERS, "Content-Type": "text/event-stream; charset=utf-8" });
    stream.join(response);
  }

  async function act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = await readAction(request, (id) => machines.has(id));
    if (isRefusal(wanted)) {
      refuse(response, wanted);
      return;
    }
    try {
      await source.act(wanted.action, wanted.machineId);
      sendJson(response, 202, wanted);
    } catch (error) {
      refuse(response, { status: 409, message: error instanceof Error ? error.message : "the action failed" });
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      // The page went away while it was sending.
      response.destroy();
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  const requestedPort = options.port ?? DEFAULT_PORT;
  const end = (): void => {
    unsubscribe();
    stream.close();
  };
  const port = await listen(server, requestedPort).catch((error: unknown) => {
    end();
    throw error;
  });
  return {
    url: `http://${LOOPBACK}:${port}/`,
    port,
    requestedPort,
    close: () =>
      new Promise((resolve) => {
        end();
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
        // A page that does not read its last message must not hold the port.
        setTimeout(() => {
          server.closeAllConnections();
        }, 500).unref();
      }),
  };
}

function checkMethod(path: string, method: string, page: ReadonlyMap<string, unknown>): Refusal | undefined {
  const allowed = page.has(path) ? "GET, HEAD" : METHODS[path];
  if (allowed === undefined) {
    return { status: 404, message: `${path}: not found` };
  }
  return allowed.split(", ").includes(method)
    ? undefined
    : { status: 405, message: `${method} ${path}: allowed: ${allowed}`, headers: { Allow: allowed } };
}

function isRefusal(value: ActionRequest | Refusal): value is Refusal {
  return "status" in value;
}

function refuse(response: ServerResponse, { status, message, headers }: Refusal): void {
  sendJson(response, status, { error: message }, headers);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
