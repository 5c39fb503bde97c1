import { RemoteError } from "@edge-anomaly-detection/common";
import type { Queue } from "@edge-anomaly-detection/maintenance";
import type { Instance, ReadTwin } from "./api";
import { twinId } from "./ids";
import {
  type EpisodeNews,
  machineStateOf,
  newsOf,
  patchOf,
  type PatchOperation,
  signalStateOf,
  withNews,
  withReading,
} from "./state";

/** What came of what a message says: `unknown` where the graph has no such machine. */
export type Outcome = "changed" | "unchanged" | "unknown" | "refused";

/** What a run came to. */
export interface Followed {
  readonly messages: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Why the run ended before the queue was empty. */
  readonly problem?: RemoteError;
}

/** What a run is given. */
export interface FollowOptions {
  readonly queue: Queue;
  readonly instance: Pick<Instance, "twin" | "patchTwin">;
  /** Told of each piece of news. */
  readonly onNews?: (news: EpisodeNews, outcome: Outcome) => void;
}

/** Messages of one run: another comes a minute later. */
const MAX_MESSAGES = 1000;
/** Attempts at a twin that others change at the same time. */
const MAX_CONFLICTS = 10;

/** Statuses by which an instance says that this one change will never do. */
const isFinal = ({ status }: RemoteError): boolean =>
  status !== undefined && status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

/**
 * Writes to machines' twins what waits in a queue. Any number may run at once, messages may come twice and in any order: each change
 * carries the ETag of what it was computed from. A message leaves the queue when everything in it is written; where the instance is away
 * the run ends, and the message comes again.
 */
export async function follow({ queue, instance, onNews }: FollowOptions): Promise<Followed> {
  const outcomes: Record<Outcome, number> = { changed: 0, unchanged: 0, unknown: 0, refused: 0 };
  let messages = 0;
  try {
    for (; messages < MAX_MESSAGES; messages += 1) {
      const message = await queue.receive();
      if (message === undefined) {
        break;
      }
      let isDone = true;
      for (const news of newsOf(parsed(message.body))) {
        const outcome = await attempt(() => write(instance, news));
        outcomes[outcome] += 1;
        isDone &&= outcome !== "refused";
        onNews?.(news, outcome);
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

async function attempt(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RemoteError && isFinal(error)) {
      return "refused";
    }
    throw error;
  }
}

/** The signal first: where the run ends between the two, the message comes again, and the machine is still written. */
async function write(instance: FollowOptions["instance"], news: EpisodeNews): Promise<Outcome> {
  if (news.phase === "open" && news.value !== undefined) {
    await change(instance, twinId("signal", news.machineId, news.signal), (twin) => {
      const state = signalStateOf(twin);
      return patchOf({ ...state }, { ...withReading(state, news) });
    });
  }
  return change(instance, twinId("machine", news.machineId), (twin) => {
    const state = machineStateOf(twin);
    const before = Object.fromEntries(
      Object.keys(state).map((name) => [
        name,
        twin[name] === undefined ? undefined : state[name as keyof typeof state],
      ]),
    );
    return patchOf(before, { ...withNews(state, news) });
  });
}

async function change(
  instance: FollowOptions["instance"],
  id: string,
  patchFor: (twin: ReadTwin["twin"]) => PatchOperation[],
): Promise<Outcome> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const read = await instance.twin(id);
    if (read === undefined) {
      return "unknown";
    }
    const patch = patchFor(read.twin);
    if (patch.length === 0) {
      return "unchanged";
    }
    if (await instance.patchTwin(id, read.etag, patch)) {
      return "changed";
    }
  }
  throw new RemoteError(`${id} is changed by others all the time`, "run fewer of these at once");
}

/** What is no JSON says nothing, and is taken out. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
