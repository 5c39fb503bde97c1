#!/usr/bin/env node
import { readArguments } from "@edge-anomaly-detection/common";
import { checkManifests } from "./check-command";

const HELP = `Checks IoT Edge deployment manifests, templates and layers.

  edge-manifest check FILE... [--json | --sarif]
      FILE is a file, a folder, or - for standard input.

Exit status: 0 no errors, 1 errors or unreadable files, 2 invalid arguments.
NO_COLOR switches colours off; they are used on a terminal only.`;

function run(args: readonly string[]): number {
  const { words, flags, invalid } = readArguments(args, ["--json", "--sarif", "--help", "-h"], []);
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const [command, ...files] = words;
  if (invalid !== undefined || command !== "check" || files.length === 0) {
    const reason = invalid ?? (command === "check" ? "missing file" : "missing subcommand: check");
    console.error(`${reason}\n\n${HELP}`);
    return 2;
  }
  return checkManifests(files, flags);
}

process.exitCode = run(process.argv.slice(2));
