import { writeSync } from "node:fs";

/** Loaded before a measured program; reports on file descriptor 3 what it took, the start of Node itself included. */
process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
  writeSync(3, JSON.stringify({ ms: performance.now(), peakMb: maxRSS / 1024, cpuSeconds }));
});
