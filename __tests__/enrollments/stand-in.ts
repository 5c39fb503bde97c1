import { X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Stored {
  readonly body: Record<string, unknown>;
  readonly version: number;
}

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly ifMatch?: string;
  readonly authorization?: string;
}

/**
 * Enrollment groups of a Device Provisioning Service on loopback, as its service API is documented: pages of a query with a
 * continuation, ETags that an update and a removal must name, certificates answered by their fingerprints alone.
 */
export class DpsStandIn {
  public readonly groups = new Map<string, Stored>();
  public readonly seen: Seen[] = [];
  /** Answers before the real one, in order: a status, or a connection that is closed after the request was carried out. */
  public readonly faults: ({ readonly status: number; readonly retryAfter?: string } | "lost")[] = [];
  /** Called before a request that changes something is carried out. */
  public beforeWrite: (id: string) => void = () => undefined;
  public pageSize = 2;
  private server: Server | undefined;

  public async start(): Promise<string> {
    this.server = createServer((request, response) => {
      void this.answer(request, response);
    });
    await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** What is stored of a group. */
  public body(id: string): Record<string, unknown> | undefined {
    return this.groups.get(id)?.body;
  }

  /** Stores a group as if somebody else had written it. */
  public write(id: string, body: Record<string, unknown>): void {
    this.groups.set(id, { body, version: (this.groups.get(id)?.version ?? 0) + 1 });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const url = new URL(request.url ?? "/", "http://localhost");
    const id = decodeURIComponent(url.pathname.split("/")[2] ?? "");
    const { method = "", headers } = request;
    this.seen.push({
      method,
      path: url.pathname,
      ...(headers["if-match"] !== undefined && { ifMatch: headers["if-match"] }),
      ...(headers.authorization !== undefined && { authorization: headers.authorization }),
    });
    const isQuery = method === "POST" && id === "query";
    const fault = isQuery && this.faults[0] === "lost" ? undefined : this.faults.shift();
    if (fault !== undefined && fault !== "lost") {
      response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter }).end();
      return;
    }
    const text = Buffer.concat(chunks).toString();
    const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    const [status, content, more] =
      url.searchParams.get("api-version") !== "2021-10-01"
        ? [400, undefined, {}]
        : isQuery
          ? this.page(headers["x-ms-continuation"])
          : this.change(method, id, body, headers["if-match"]);
    if (fault === "lost") {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(content === undefined ? undefined : JSON.stringify(content));
  }

  private page(continuation: unknown): [number, unknown, object] {
    const from = Number(continuation ?? 0);
    const all = [...this.groups].map(([id, stored]) => answered(id, stored));
    const next = from + this.pageSize;
    return [200, all.slice(from, next), next < all.length ? { "x-ms-continuation": String(next) } : {}];
  }

  private change(
    method: string,
    id: string,
    body: Record<string, unknown>,
    ifMatch?: string,
  ): [number, unknown, object] {
    this.beforeWrite(id);
    const stored = this.groups.get(id);
    const etag = stored && `"${stored.version}"`;
    if (method === "DELETE" && stored === undefined) {
      return [404, undefined, {}];
    }
    // An update without the ETag of what is there, and a creation of what is there already.
    if (ifMatch !== etag) {
      return [412, undefined, {}];
    }
    if (method === "DELETE") {
      this.groups.delete(id);
      return [204, undefined, {}];
    }
    this.write(id, body);
    return [200, answered(id, this.groups.get(id) ?? { body, version: 1 }), {}];
  }
}

/** The service answers what a certificate is, and not the certificate. */
function answered(id: string, { body, version }: Stored): unknown {
  const answer = JSON.parse(JSON.stringify(body)) as {
    attestation?: { x509?: { signingCertificates?: Record<string, { certificate?: string; info?: object }> } };
  };
  const certificates = answer.attestation?.x509?.signingCertificates ?? {};
  for (const [name, { certificate }] of Object.entries(certificates)) {
    if (certificate !== undefined) {
      const print = new X509Certificate(certificate).fingerprint256.replaceAll(":", "");
      certificates[name] = { info: { sha256Thumbprint: print } };
    }
  }
  return { ...answer, enrollmentGroupId: id, etag: `"${version}"`, createdDateTimeUtc: "2026-11-25T00:00:00Z" };
}
