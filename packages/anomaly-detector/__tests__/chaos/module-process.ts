import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface Control {
  readonly isDiskFull?: boolean;
  /** Milliseconds that the module's clock is ahead. */
  readonly clockMs?: number;
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The module's program in a process of its own, which can be killed and started again over the same folder. */
export class ModuleProcess {
  private child: ChildProcess | undefined;
  /** The last lines that it logged. */
  public readonly log: string[] = [];

  public constructor(
    private readonly program: string,
    private readonly directory: string,
    private readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.control({});
  }

  public control(control: Control): void {
    writeFileSync(join(this.directory, "control.json"), JSON.stringify(control));
  }

  public start(): void {
    const child = spawn(process.execPath, ["--require", join(__dirname, "preload.js"), this.program], {
      env: {
        PATH: process.env.PATH,
        ...this.env,
        DATA_DIRECTORY: join(this.directory, "data"),
        PORT: String(this.port),
        CHAOS_CONTROL: join(this.directory, "control.json"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.log.push(
          ...chunk
            .toString()
            .split("\n")
            .filter((line) => line !== ""),
        );
        this.log.splice(0, this.log.length - 400);
      });
    }
  }

  /** Ends the process and waits for its end. */
  public async kill(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** What the health check answers; nothing while the process does not listen. */
  public async health(): Promise<{ readonly status: string; readonly reasons: readonly string[] } | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/healthz`, { signal: AbortSignal.timeout(2000) });
      return (await response.json()) as { status: string; reasons: string[] };
    } catch {
      return undefined;
    }
  }
}
