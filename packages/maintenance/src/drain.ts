import { RemoteError } from "@edge-anomaly-detection/common";
import { deliver, type MaintenancePolicy, type Outcome } from "./deliver";
import { isFinal } from "./http";
import type { Queue } from "./queue";
import { type MaintenanceSystem, SystemsInOrder } from "./system";
import { type Episode, type Word, wordsOf } from "./words";

/** What a run came to. */
export interface Drained {
  readonly messages: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Why the run ended before the queue was empty. */
  readonly problem?: RemoteError;
}

/** What a run is given. */
export interface DrainOptions {
  readonly queue: Queue;
  /** The maintenance systems by name, at least one. */
  readonly systems: Readonly<Record<string, MaintenanceSystem>>;
  /** Names of the systems of an episode: the one that new orders go to, and those that may have its order from before. @default - the only system */
  readonly systemsOf?: (episode: Episode) => readonly string[];
  readonly policy: MaintenancePolicy;
  /** @default - now */
  readonly now?: () => Date;
  /** Told of each word, and why it was refused. */
  readonly onWord?: (word: Word, outcome: Outcome, refusal?: RemoteError) => void;
}

/** Messages of one run: another comes a minute later. */
const MAX_MESSAGES = 1000;

/**
 * Delivers what waits in a queue. A message is taken out when everything that it says is delivered; one that cannot be stays locked and
 * comes again. A system that is away is asked nothing more in this run, and where all are, the run ends, so that a long outage uses up no
 * message's deliveries; a message that a system refuses for good is passed over, and ends among the queue's dead letters.
 */
export async function drain(options: DrainOptions): Promise<Drained> {
  const { queue, systems } = options;
  const outcomes: Record<Outcome, number> = { created: 0, completed: 0, known: 0, ignored: 0, wait: 0, refused: 0 };
  /** Systems that are away, and why. */
  const away = new Map<string, RemoteError>();
  let messages = 0;
  try {
    for (let received = 0; received < MAX_MESSAGES && away.size < Object.keys(systems).length; received += 1) {
      const message = await queue.receive();
      if (message === undefined) {
        break;
      }
      const results = await deliverAll(wordsOf(parsed(message.body)), away, options);
      messages += results.includes("away") ? 0 : 1;
      for (const result of results) {
        if (result !== "away") {
          outcomes[result] += 1;
        }
      }
      if (!results.some((result) => ["away", "wait", "refused"].includes(result))) {
        await message.complete();
      }
    }
    const [problem] = away.values();
    return { messages, outcomes, ...(problem && { problem }) };
  } catch (error) {
    if (error instanceof RemoteError) {
      return { messages, outcomes, problem: error };
    }
    throw error;
  }
}

async function deliverAll(
  words: readonly Word[],
  away: Map<string, RemoteError>,
  { systems, policy, now = () => new Date(), onWord, ...options }: DrainOptions,
): Promise<(Outcome | "away")[]> {
  const systemsOf = options.systemsOf ?? (() => Object.keys(systems));
  const results: (Outcome | "away")[] = [];
  for (const word of words) {
    const names = systemsOf(word.episode);
    const result = names.some((name) => away.has(name))
      ? "away"
      : await attempt(names, away, () => deliver(word, oneOf(systems, names), policy, now()));
    const outcome = result instanceof RemoteError ? "refused" : result;
    results.push(outcome);
    if (outcome !== "away") {
      onWord?.(word, outcome, result instanceof RemoteError ? result : undefined);
    }
  }
  return results;
}

/** Why, for what is refused for good; `away` where a system is. */
async function attempt(
  names: readonly string[],
  away: Map<string, RemoteError>,
  act: () => Promise<Outcome>,
): Promise<Outcome | RemoteError | "away"> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RemoteError)) {
      throw error;
    }
    if (isFinal(error)) {
      return error;
    }
    // Which of several did not answer is not known; they are asked again a minute later.
    for (const name of names) {
      away.set(name, error);
    }
    return "away";
  }
}

/** The systems of an episode as one. */
function oneOf(systems: Readonly<Record<string, MaintenanceSystem>>, names: readonly string[]): MaintenanceSystem {
  const [first, ...others] = names.flatMap((name) => systems[name] ?? []);
  if (first === undefined) {
    throw new Error(`no maintenance system for an episode among ${Object.keys(systems).join(", ")}`);
  }
  return others.length === 0 ? first : new SystemsInOrder([first, ...others]);
}

/** What is no JSON says nothing, and is taken out. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
