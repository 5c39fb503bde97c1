import { maintenanceEvent, type MaintenanceEvent } from "./event";
import { type MachineRecord, SEVERITIES, type Severity } from "./schedule";
import type { MaintenanceSystem } from "./system";
import type { Word } from "./words";

/** What becomes a request. */
export interface MaintenancePolicy {
  /** Severity from which on an episode is requested without an operator's word. @default "critical" */
  readonly minimumSeverity?: Severity;
  /** Records by machine. @default - none */
  readonly machines?: Readonly<Record<string, MachineRecord>>;
}

/** What came of a word: `wait` where it must be looked at again later, `refused` where the system will never take it. */
export type Outcome = "created" | "completed" | "known" | "ignored" | "wait" | "refused";

/** Minutes for which the end of an episode waits for its beginning, which may be behind it in the queue. */
const WAIT_MINUTES = 60;

/**
 * Brings a word to a maintenance system. Any number of times, in any order, from any number of attempts that failed halfway, an
 * episode becomes one order: what is there is asked before anything is created. Not for two at the same time: run one.
 *
 * @throws RemoteError where the system cannot be reached or refuses; the word must then come again
 */
export async function deliver(
  word: Word,
  system: MaintenanceSystem,
  policy: MaintenancePolicy,
  now: Date,
): Promise<Outcome> {
  const { episode, says, at } = word;
  const isWanted = says === "confirmed" || isSevere(episode.severity, policy.minimumSeverity);
  if (says !== "over" && !isWanted) {
    return "ignored";
  }
  const machine = Object.hasOwn(policy.machines ?? {}, episode.machineId)
    ? policy.machines?.[episode.machineId]
    : undefined;
  const event = (phase: "requested" | "completed"): MaintenanceEvent => maintenanceEvent(phase, word, machine);
  const order = await system.find(episode.episodeId);
  if (says !== "over") {
    if (order !== undefined) {
      return "known";
    }
    await system.submit(event("requested"));
    return "created";
  }
  if (order?.isCompleted === true) {
    return "known";
  }
  if (order === undefined) {
    if (now.getTime() - Date.parse(at) < WAIT_MINUTES * 60_000) {
      return "wait";
    }
    if (!isWanted) {
      return "ignored";
    }
    // Its beginning never came: the order is made for the record.
    await system.submit(event("requested"));
  }
  await system.submit(event("completed"));
  return "completed";
}

const isSevere = (severity: Severity, least: Severity = "critical"): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
