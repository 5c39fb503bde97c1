export { COMPARE_OPTIONS, compareCommand } from "./src/cli/compare-command";
export { DATA_HELP, DATA_OPTIONS, type Values } from "./src/cli/options";
export { DEFAULT_INTERVAL_SECONDS, type Live, startLive } from "./src/live/start-live";
export { DEFAULT_PORT, type PageServer } from "./src/server";
export { openPage } from "./src/server/open-page";
export { type LiveSummary } from "./src/live/summary";
export { type RehearsalEvent } from "./src/events";
export { type RehearsalInput } from "./src/input";
export { type Terminal, replayCommand } from "./src/cli/replay-command";
