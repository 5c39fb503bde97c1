import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { FinalError } from "./store";
import type { Answer, Request } from "./worker";

/** Milliseconds that loading a model and trying it may take. */
const LOAD_MS = 60_000;

/** The file that {@link ModelProcess} runs. */
export const WORKER_FILE = join(__dirname, "worker.js");

interface Pending {
  readonly id: number;
  readonly resolve: (score: number) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A model that runs in a process of its own, so that one that hangs or crashes costs no more than its answer. */
export class ModelProcess {
  private pending: Pending | undefined;
  private ended: string | undefined;
  private ids = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly deadlineMs: number,
  ) {
    child.on("message", (answer: Answer) => {
      this.take(answer);
    });
    child.on("exit", (code, signal) => {
      this.end(`its process ended with ${signal ?? `status ${code ?? "unknown"}`}`);
    });
    child.on("error", (error) => {
      this.end(`its process failed: ${error.message}`);
    });
  }

  /** Starts a process and loads a model there. Throws with a reason that may be shown. */
  public static async start(
    file: string,
    model: { readonly path: string; readonly window: number; readonly signals: number; readonly deadlineMs: number },
    signal?: AbortSignal,
  ): Promise<ModelProcess> {
    const child = fork(file, [], {
      serialization: "advanced",
      // No credentials of the module's are the model's business.
      env: { ...(process.env.PATH !== undefined && { PATH: process.env.PATH }) },
      execArgv: [],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`model was not loaded within ${LOAD_MS / 1000} s`));
        }, LOAD_MS);
        const settle = (error?: Error): void => {
          clearTimeout(timer);
          child.removeAllListeners();
          signal?.removeEventListener("abort", onAbort);
          if (error) reject(error);
          else resolve();
        };
        const onAbort = (): void => {
          settle(new Error("not wanted any more"));
        };
        signal?.addEventListener("abort", onAbort);
        child.on("message", (answer: Answer) => {
          settle(answer.kind === "refused" ? new FinalError(answer.reason) : undefined);
        });
        child.on("exit", (code, by) => {
          settle(new Error(`model cannot be loaded: its process ended with ${by ?? `status ${code ?? "unknown"}`}`));
        });
        child.on("error", settle);
        const { path, window, signals } = model;
        child.send({ kind: "load", path, window, signals } satisfies Request);
        if (signal?.aborted === true) onAbort();
      });
    } catch (error) {
      child.on("error", () => undefined);
      child.kill("SIGKILL");
      throw error;
    }
    return new ModelProcess(child, model.deadlineMs);
  }

  public get isAlive(): boolean {
    return this.ended === undefined;
  }

  /** One window's score. Throws when the model fails, ends, or takes longer than its deadline: then it is ended. */
  public score(input: Float32Array): Promise<number> {
    return new Promise<number>((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(new Error(this.ended));
        return;
      }
      const id = ++this.ids;
      const timer = setTimeout(() => {
        this.end(`no score within ${this.deadlineMs} ms`);
      }, this.deadlineMs);
      this.pending = { id, resolve, reject, timer };
      this.child.send({ kind: "score", id, input } satisfies Request, (error) => {
        if (error) this.end(`its process does not listen: ${error.message}`);
      });
    });
  }

  /** Ends the process, whatever it is doing. */
  public stop(): void {
    this.end("stopped");
  }

  private take(answer: Answer): void {
    const { pending } = this;
    if (!pending || (answer.kind !== "score" && answer.kind !== "failed") || answer.id !== pending.id) return;
    this.pending = undefined;
    clearTimeout(pending.timer);
    if (answer.kind === "score") pending.resolve(answer.score);
    else pending.reject(new Error(answer.reason));
  }

  private end(reason: string): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    this.child.kill("SIGKILL");
    const { pending } = this;
    this.pending = undefined;
    if (!pending) return;
    clearTimeout(pending.timer);
    pending.reject(new Error(reason));
  }
}
