import { coloured, RemoteError } from "@edge-anomaly-detection/common";
import {
  applyTwin,
  follow,
  type Followed,
  type Instance,
  isEmpty,
  type Outcome,
  planTwin,
  type PlantTwin,
  readGraph,
  type StorageOptions,
  StorageQueue,
  type TwinPlan,
} from "@edge-anomaly-detection/twin";
import { EPISODE_QUEUE, IMPORT_CONTAINER } from "../../../constructs/digital-twins/digital-twins";

/** Where an environment's twin is in Azure. */
export interface LiveTwin {
  readonly environment: string;
  readonly instance: Instance;
  /** Addresses of the account's services: `https://ACCOUNT.blob.core.windows.net`. */
  readonly blobs: string;
  readonly queues: string;
  readonly storage: StorageOptions;
  readonly json: boolean;
}

/** Prints what an apply would do, and does it where it is told to; returns the exit status. */
export async function load(
  live: LiveTwin,
  wanted: PlantTwin,
  {
    apply,
    remove,
    withoutImport,
  }: { readonly apply: boolean; readonly remove: boolean; readonly withoutImport: boolean },
): Promise<number> {
  const { environment, instance, blobs, storage, json } = live;
  const plan = planTwin(wanted, await readGraph(instance));
  console.log(json ? JSON.stringify(summaryOf(plan), undefined, 2) : planText(environment, plan));
  if (!apply || isEmpty(plan)) {
    return 0;
  }
  await applyTwin(plan, {
    instance,
    name: environment,
    imports: { ...storage, address: `${blobs}/${IMPORT_CONTAINER}` },
    remove,
    withoutImport,
    onProgress: progress(),
  });
  const kept = plan.removeTwins.length + plan.removeRelationships.length;
  if (kept > 0 && !remove) {
    console.error(`${kept} twins and relationships are not in the configuration any more; --remove removes them`);
  }
  return 0;
}

/** Writes what waits in the queue to twins; returns the exit status. */
export async function followEpisodes({ instance, queues, storage, json }: LiveTwin): Promise<number> {
  const { messages, outcomes, problem }: Followed = await follow({
    queue: new StorageQueue(`${queues}/${EPISODE_QUEUE}`, storage),
    instance,
    onNews: ({ machineId, episodeId, phase, severity }, outcome) => {
      if (!json && outcome !== "unchanged") {
        console.log(`${machineId} ${episodeId}: ${phase}, ${severity}: ${WORDS[outcome]}`);
      }
    },
  });
  if (json) {
    console.log(JSON.stringify({ messages, outcomes, problem: problem?.problem ?? null }, undefined, 2));
  } else {
    const { changed, unchanged, unknown, refused } = outcomes;
    console.log(
      `${messages} messages: ${changed} changes, ${unchanged} known already, ${unknown} of machines that have no twin, ${refused} refused`,
    );
  }
  if (problem instanceof RemoteError) {
    console.error(problem.message);
  }
  return problem === undefined && outcomes.refused === 0 ? 0 : 2;
}

const WORDS: Readonly<Record<Outcome, string>> = {
  changed: "written",
  unchanged: "known already",
  unknown: "the machine has no twin",
  refused: "refused",
};

/** Counts and ids of a plan, for programs. */
const summaryOf = (plan: TwinPlan): object => ({
  models: plan.addModels.map((model) => model["@id"]),
  create: plan.addTwins.map(({ $dtId }) => $dtId),
  change: plan.changeTwins,
  remove: plan.removeTwins,
  createRelationships: plan.addRelationships.length,
  removeRelationships: plan.removeRelationships.length,
  unchanged: plan.unchanged,
  foreign: plan.foreign,
});

/** Twins that a plan names; the others are counted. */
const MAX_NAMED = 20;

function planText(environment: string, plan: TwinPlan): string {
  const named = (sign: string, colour: "green" | "yellow" | "red", items: readonly string[]): string[] => [
    ...items.slice(0, MAX_NAMED).map((item) => coloured(`${sign} ${item}`, colour, process.stdout)),
    ...(items.length > MAX_NAMED ? [`  and ${items.length - MAX_NAMED} more`] : []),
  ];
  const { addModels, addTwins, changeTwins, removeTwins, addRelationships, removeRelationships } = plan;
  return [
    ...named(
      "+",
      "green",
      addModels.map((model) => `model ${model["@id"]}`),
    ),
    ...named(
      "+",
      "green",
      addTwins.map(({ $dtId }) => $dtId),
    ),
    ...named(
      "~",
      "yellow",
      changeTwins.map(({ id, patch }) => `${id}: ${patch.map(({ path }) => path).join(", ")}`),
    ),
    ...named("-", "red", removeTwins),
    `${environment}: ${addTwins.length} twins to create, ${changeTwins.length} to change, ${removeTwins.length} to remove, ${plan.unchanged} unchanged; ` +
      `${addRelationships.length} relationships to create, ${removeRelationships.length} to remove; ${plan.foreign} twins of others left alone`,
  ].join("\n");
}

/** A line that is written over on a terminal, and a line for each step elsewhere. */
function progress(): (what: string, done: number, all: number) => void {
  const { isTTY } = process.stderr;
  return (what, done, all) => {
    if (isTTY) {
      process.stderr.write(`\r${what}: ${done} of ${all}${done === all ? "\n" : ""}`);
    } else if (done === all) {
      console.error(`${what}: ${done} of ${all}`);
    }
  };
}
