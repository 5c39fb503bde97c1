import { RemoteError } from "@edge-anomaly-detection/common";
import { deliver, type MaintenancePolicy, type Outcome } from "./deliver";
import type { Queue } from "./queue";
import type { MaintenanceSystem } from "./system";
import { type Word, wordsOf } from "./words";

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
  readonly system: MaintenanceSystem;
  readonly policy: MaintenancePolicy;
  /** @default - now */
  readonly now?: () => Date;
  /** Told of each word, and why it was refused. */
  readonly onWord?: (word: Word, outcome: Outcome, refusal?: RemoteError) => void;
}

/** Messages of one run: another comes a minute later. */
const MAX_MESSAGES = 1000;

/** Statuses by which a system says that this one message will never do. */
const isFinal = ({ status }: RemoteError): boolean =>
  status !== undefined && status >= 400 && status < 500 && ![401, 403, 404, 408, 409, 425, 429].includes(status);

/**
 * Delivers what waits in a queue. A message is taken out when everything that it says is delivered; one that cannot be stays locked and
 * comes again. Where the system is away the run ends, so that a long outage uses up no message's deliveries; a message that the
 * system refuses for good is passed over, and ends among the queue's dead letters.
 */
export async function drain(options: DrainOptions): Promise<Drained> {
  const { queue, system, policy, now = () => new Date(), onWord } = options;
  const outcomes: Record<Outcome, number> = { created: 0, completed: 0, known: 0, ignored: 0, wait: 0, refused: 0 };
  let messages = 0;
  try {
    for (; messages < MAX_MESSAGES; messages += 1) {
      const message = await queue.receive();
      if (message === undefined) {
        break;
      }
      let isDone = true;
      for (const word of wordsOf(parsed(message.body))) {
        const result = await attempt(() => deliver(word, system, policy, now()));
        const outcome = result instanceof RemoteError ? "refused" : result;
        outcomes[outcome] += 1;
        isDone &&= outcome !== "wait" && outcome !== "refused";
        onWord?.(word, outcome, result instanceof RemoteError ? result : undefined);
      }
      if (isDone) {
        await message.complete();
      }
    }
    return { messages, outcomes };
  } catch (error) {
    if (error instanceof RemoteError) {
      return { messages, outcomes, problem: error };
    }
    throw error;
  }
}

/** Why, for what is refused for good. */
async function attempt(act: () => Promise<Outcome>): Promise<Outcome | RemoteError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RemoteError && isFinal(error)) {
      return error;
    }
    throw error;
  }
}

/** What is no JSON says nothing, and is taken out. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
