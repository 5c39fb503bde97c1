import { writeFileSync } from "node:fs";
import { messageOf } from "../log";
import { loadOnnxSession, type OnnxSession } from "./onnx-session";

/** What the module asks of the process that runs a model. */
export type Request =
  | { readonly kind: "load"; readonly path: string; readonly window: number; readonly signals: number }
  | { readonly kind: "score"; readonly id: number; readonly input: Float32Array };

export type Answer =
  | { readonly kind: "loaded" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "score"; readonly id: number; readonly score: number }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };

/** Runs one model in a process of its own. What it does not come back from ends this process, not the module. */
function main(): void {
  try {
    // When the container's memory is used up, the kernel ends this process before the module.
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Not Linux, or not allowed: then the kernel chooses.
  }
  let session: OnnxSession | undefined;
  const answer = (message: Answer): void => {
    process.send?.(message);
  };
  process.on("message", (request: Request) => {
    if (request.kind === "load") {
      loadOnnxSession(request.path, request.window, request.signals).then(
        (loaded) => {
          session = loaded;
          answer({ kind: "loaded" });
        },
        (error: unknown) => {
          answer({ kind: "refused", reason: messageOf(error) });
        },
      );
      return;
    }
    const { id, input } = request;
    if (!session) return;
    session.score(input).then(
      (score) => {
        answer({ kind: "score", id, score });
      },
      (error: unknown) => {
        answer({ kind: "failed", id, reason: messageOf(error) });
      },
    );
  });
  // The module is gone: nobody asks any more.
  process.on("disconnect", () => process.exit(0));
}

main();
