/** Values of a step's outputs file, in both forms that GitHub's runner takes (actions/runner, src/Runner.Worker/FileCommandManager.cs). */
export function outputsIn(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split("\n");
  while (lines.length > 0) {
    const line = lines.shift() ?? "";
    const heredoc = /^([^=<]+)<<(.+)$/.exec(line);
    const plain = /^([^=]+)=(.*)$/.exec(line);
    if (heredoc !== null) {
      const end = lines.indexOf(heredoc[2] ?? "");
      if (end < 0) {
        throw new Error(`no end of the output ${heredoc[1] ?? ""}`);
      }
      outputs[heredoc[1] ?? ""] = lines.splice(0, end).join("\n");
      lines.shift();
    } else if (plain !== null) {
      outputs[plain[1] ?? ""] = plain[2] ?? "";
    } else if (line !== "") {
      throw new Error(`not an output: ${line}`);
    }
  }
  return outputs;
}

/** Commands that GitHub's runner knows; others are text. */
const KNOWN =
  /^(?:add-mask|add-matcher|remove-matcher|add-path|set-env|set-output|save-state|debug|echo|error|warning|notice|group|endgroup|internal-set-repo-path)$/i;

/**
 * The commands in a step's log that take effect, as GitHub's runner finds them (actions/runner, ActionCommand.cs and
 * ActionCommandManager.cs): `::name …::` at the start of a line, `##[name …]` anywhere in one; after `::stop-commands::TOKEN`
 * none but `::TOKEN::`.
 */
export function commandsIn(log: string): string[] {
  const found: string[] = [];
  let stopped: string | undefined;
  for (const line of log.split(/\r\n|\r|\n/)) {
    const match = /^\s*::([^\s:]+)(?: [^:]*)?::(.*)$/.exec(line) ?? /##\[([^\s\]]+)[^\]]*\](.*)$/.exec(line);
    const [, name = "", data = ""] = match ?? [];
    if (stopped !== undefined) {
      stopped = name === stopped ? undefined : stopped;
    } else if (name.toLowerCase() === "stop-commands") {
      stopped = data;
    } else if (KNOWN.test(name)) {
      found.push(line.trim());
    }
  }
  if (stopped !== undefined) {
    throw new Error("commands are stopped at the end of the step, and stay so in the next");
  }
  return found;
}
