#!/usr/bin/env node
import { review } from "./command";

// Whoever reads the output may stop before its end: `| head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    console.error(`standard output: it cannot be written (${error.code ?? "unknown"}); check where it goes`);
    process.exit(1);
  }
});
void review(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
