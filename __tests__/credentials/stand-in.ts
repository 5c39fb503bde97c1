import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Stored = Record<string, unknown>;

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly authorization: string;
}

/**
 * Device identities of hubs, secrets of a vault, enrollments and registrations of a Device Provisioning Service on loopback, as
 * their service APIs are documented: ETags that an update must name, a new version of a secret for each value.
 */
export class ServicesStandIn {
  /** By host and path: `hub.azure-devices.net/devices/press-01`. */
  public readonly stored = new Map<string, Stored>();
  public readonly seen: Seen[] = [];
  /** Answers before the real one: the status for a method and a part of the path, once. */
  public readonly faults: { readonly method: string; readonly path: string; readonly status: number }[] = [];
  /** Seconds since 1970 that the vault thinks it is. */
  public seconds = 1_795_600_000;
  private version = 0;
  private readonly servers = new Map<string, Server>();

  /** Every host gets a port of its own. */
  public async start(hosts: readonly string[]): Promise<void> {
    for (const host of hosts) {
      const server = createServer((request, response) => {
        void this.answer(host, request, response);
      });
      this.servers.set(host, server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
  }

  public async stop(): Promise<void> {
    for (const server of this.servers.values()) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  public addressOf(host: string): string {
    return `http://127.0.0.1:${(this.servers.get(host)?.address() as AddressInfo).port}`;
  }

  /** Stores something as if somebody else had written it. */
  public put(key: string, body: Stored): void {
    this.version += 1;
    this.stored.set(key, { ...body, etag: `"${this.version}"` });
  }

  private async answer(host: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { method = "", headers } = request;
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    this.seen.push({ method, host, path, authorization: headers.authorization ?? "" });
    const fault = this.faults.findIndex((one) => one.method === method && path.includes(one.path));
    if (fault >= 0) {
      response.writeHead(this.faults.splice(fault, 1)[0]?.status ?? 500).end();
      return;
    }
    const [status, body] = this.carryOut(
      method,
      `${host}${path}`,
      Buffer.concat(chunks).toString(),
      headers["if-match"],
    );
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  private carryOut(method: string, key: string, text: string, ifMatch?: string): [number, unknown] {
    const stored = this.stored.get(key);
    if (method === "DELETE") {
      this.stored.delete(key);
      return [stored === undefined ? 404 : 204, undefined];
    }
    if (method === "GET") {
      return stored === undefined ? [404, { Message: "not found" }] : [200, stored];
    }
    const body = JSON.parse(text) as Stored;
    if (key.includes("/secrets/")) {
      const attributes = { ...(body.attributes as object), updated: this.seconds };
      this.put(key, { ...body, attributes });
      return [200, {}];
    }
    if (stored?.etag !== ifMatch) {
      return [412, undefined];
    }
    this.put(key, body);
    return [200, this.stored.get(key)];
  }
}
