import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

/** `honest` gives the file; `lying` gives another one; `slow` gives a byte now and then, and never ends. */
export type Manners = "honest" | "lying" | "slow" | "failing";

/** A server of one model, with manners that can be changed. */
export class ModelServer {
  public manners: Manners = "honest";
  public requests = 0;
  private readonly server: Server;

  public constructor(
    certificate: { readonly key: string; readonly cert: string },
    private readonly bytes: Buffer,
  ) {
    this.server = createServer(certificate, (_request, response) => {
      this.requests++;
      switch (this.manners) {
        case "honest":
          response.end(this.bytes);
          return;
        case "lying":
          response.end(Buffer.alloc(this.bytes.length, 7));
          return;
        case "failing":
          response.writeHead(503).end();
          return;
        case "slow": {
          response.writeHead(200, { "content-length": this.bytes.length });
          const timer = setInterval(() => response.write("x"), 200);
          response.on("close", () => {
            clearInterval(timer);
          });
        }
      }
    });
  }

  public async listen(): Promise<void> {
    this.server.listen(0, "localhost");
    await once(this.server, "listening");
  }

  /** A desired model; another version is another model to bring, of the same file. */
  public model(version: string): Readonly<Record<string, unknown>> {
    const { port } = this.server.address() as AddressInfo;
    const sha256 = createHash("sha256").update(this.bytes).digest("hex");
    return { uri: `https://localhost:${port}/model.onnx?sig=secret`, sha256, version, window: 4 };
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
