import { createReadStream } from "node:fs";
import type { PlanFacts } from "./plan";
import { PlanDocument, type PlanReader } from "./plan-document";
import { magicTrouble, PlanFileError, UNREADABLE } from "./plan-file-error";
import { property } from "../json-values";

export { PlanFileError } from "./plan-file-error";

/**
 * Reads a plan as `terraform show -json` writes it, in memory that does not grow with it: what is not needed is skipped, and
 * each change is given away when it is complete. A plan is only whole when this returns.
 *
 * @param file path, or `-` for standard input
 * @throws PlanFileError where it is not a whole plan of format 1.x
 */
export async function readPlan(file: string, reader: PlanReader): Promise<PlanFacts> {
  const document = new PlanDocument(file, reader);
  const stream: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file);
  let head = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (head.length < 4) {
        head = Buffer.concat([head, chunk]);
        if (head.length >= 4) {
          refuseMagic(file, head);
          document.write(head);
        }
      } else {
        document.write(chunk);
      }
      reader.onProgress?.(bytes);
    }
  } catch (error) {
    throw readable(file, error);
  }
  if (head.length < 4) {
    refuseMagic(file, head);
    document.write(head);
  }
  return document.end();
}

function refuseMagic(file: string, head: Buffer): void {
  const trouble = magicTrouble(head);
  if (trouble !== undefined) {
    throw new PlanFileError(file, ...trouble);
  }
}

/** An error as the reader of a file has it; nothing of the file stands in its message. */
function readable(file: string, error: unknown): unknown {
  const code = property(error, "code");
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) {
    return error;
  }
  const trouble = UNREADABLE[code];
  if (trouble !== undefined) {
    return new PlanFileError(file, ...trouble);
  }
  return new PlanFileError(file, `it cannot be read (${code})`, "check the file and its disk");
}
