import { writeSync } from "node:fs";

/** Loaded before a measured program; reports on file descriptor 3 what it took, the start of Node itself included. */
process.on("exit", () => {
  writeSync(3, JSON.stringify({ ms: performance.now(), peakMb: process.resourceUsage().maxRSS / 1024 }));
});
