/** One line of JSON for each event, as log collectors take it. Message bodies and secrets are never logged. */
export type LogLevel = "debug" | "info" | "warn" | "error";

export type Log = (level: LogLevel, event: string, details?: Readonly<Record<string, unknown>>) => void;

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log that writes lines to `write`, from `least` on. */
export function createLog(write: (line: string) => void, least: LogLevel = "info"): Log {
  return (level, event, details = {}) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...details })}\n`);
  };
}

/** What is wrong, in one line, whatever was thrown. */
export function messageOf(error: unknown): string {
  const message =
    typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
  return message.split("\n", 1)[0] ?? "";
}
