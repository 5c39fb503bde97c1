import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, readArguments, reasonOf, runCommand } from "@edge-anomaly-detection/common";
import { MODEL_CONTAINER, VERDICTS_FOLDER } from "../../constructs/storage/data-lake";

const KINDS = ["confirmed", "falseAlarm"] as const;
type Kind = (typeof KINDS)[number];

/** What an operator said of an alert; `packages/training/anomaly_training/verdicts.py` reads it. */
interface Verdict {
  readonly verdict: Kind;
  readonly machineId: string;
  /** ISO 8601 with a zone. */
  readonly from: string;
  readonly to: string;
  readonly episodeId?: string;
  readonly by?: string;
  readonly comment?: string;
}

const HELP = `Writes down what you say of an alert. The next training does not learn from confirmed faults, and is measured by how many of them
its model finds.

  npm run verdict -- confirmed --alert FILE                    a fault; FILE has the alert as the module sent it, or - for standard input
  npm run verdict -- falseAlarm --alert FILE                   none
  npm run verdict -- confirmed --machine ID --from T --to T    a fault that nothing alerted on; times in ISO 8601 with a zone

  --out FOLDER       where the verdict's file goes; the folder that \`npm run train -- --verdicts\` reads (default: verdicts)
  --account NAME     also upload it to the lake of that name by the Azure CLI, as whoever is signed in
  --by WHO, --comment TEXT

Exit status: 0 written, 1 the Azure CLI failed, 2 invalid arguments.`;

const VALUED = ["--alert", "--machine", "--from", "--to", "--out", "--account", "--by", "--comment"];

/**
 * Runs the command; returns its exit status.
 *
 * @param az the Azure CLI
 */
export function verdict(args: readonly string[], az = "az"): number {
  const { words, flags, values, invalid } = readArguments(args, ["--help", "-h"], VALUED);
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  const made = invalid ?? readVerdict(words, values);
  if (typeof made === "string") {
    console.error(`${made}\n\n${HELP}`);
    return 2;
  }
  const line = `${JSON.stringify(made)}\n`;
  // The same verdict twice is one file.
  const name = `${made.from.slice(0, 10)}-${createHash("sha256").update(line).digest("hex").slice(0, 12)}.jsonl`;
  const folder = values.get("--out") ?? "verdicts";
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, line);
  console.log(file);
  const account = values.get("--account");
  if (account === undefined) {
    return 0;
  }
  const blob = ["--container-name", MODEL_CONTAINER, "--name", `${VERDICTS_FOLDER}/${name}`, "--file", file];
  const upload = ["storage", "blob", "upload", "--auth-mode", "login", "--account-name", account, ...blob];
  const { status, error } = spawnSync(az, [...upload, "--overwrite", "--only-show-errors", "--output", "none"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) {
    console.error(`${file} is written, but not uploaded: ${error?.message ?? "az storage blob upload failed"}`);
    return 1;
  }
  return 0;
}

/** The verdict, or why the arguments are invalid. */
function readVerdict(words: readonly string[], values: ReadonlyMap<string, string>): Verdict | string {
  const kind = KINDS.find((known) => known === words[0]);
  if (kind === undefined || words.length !== 1) {
    return `say ${KINDS.join(" or ")}`;
  }
  const file = values.get("--alert");
  const own = { machineId: values.get("--machine"), from: values.get("--from"), to: values.get("--to") };
  if (file !== undefined && Object.values(own).some((value) => value !== undefined)) {
    return "--alert takes the place of --machine, --from and --to";
  }
  const said = file === undefined ? own : readAlert(file);
  if (typeof said === "string") {
    return said;
  }
  const { machineId, from, to, episodeId } = said as Partial<Verdict>;
  if (machineId === undefined || machineId === "" || from === undefined || to === undefined) {
    return "name an alert (--alert), or --machine, --from and --to";
  }
  for (const time of [from, to]) {
    if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(time) || Number.isNaN(Date.parse(time))) {
      return `${time} is no time in ISO 8601 with a zone, as 2026-01-05T08:00:00Z`;
    }
  }
  if (Date.parse(to) < Date.parse(from)) {
    return `${to} is before ${from}`;
  }
  const [by, comment] = [values.get("--by"), values.get("--comment")];
  return {
    verdict: kind,
    machineId,
    from,
    to,
    ...(episodeId !== undefined && { episodeId }),
    ...(by !== undefined && { by }),
    ...(comment !== undefined && { comment }),
  };
}

/** Machine, episode and times of an alert: as the module sent it, or as a line of the lake. */
function readAlert(file: string): Partial<Verdict> | string {
  let alert: unknown;
  try {
    alert = JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
  } catch (error) {
    return `${file} has no alert: ${reasonOf(error as Error)}`;
  }
  const body: unknown = isObject(alert) && "Body" in alert ? decoded(alert.Body) : alert;
  if (!isObject(body) || typeof body.machineId !== "string" || typeof body.eventTime !== "string") {
    return `${file} has no alert: machineId and eventTime are missing`;
  }
  return {
    machineId: body.machineId,
    from: typeof body.startedAt === "string" ? body.startedAt : body.eventTime,
    to: body.eventTime,
    ...(typeof body.episodeId === "string" && { episodeId: body.episodeId }),
  };
}

function decoded(body: unknown): unknown {
  try {
    return typeof body === "string" ? (JSON.parse(Buffer.from(body, "base64").toString()) as unknown) : body;
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  runCommand(() => verdict(process.argv.slice(2)));
}
