import { createHash } from "node:crypto";
import { RemoteError } from "@edge-anomaly-detection/common";
import type { Instance } from "./api";
import { importFile } from "./graph";
import { uploadText, type StorageOptions } from "./storage";
import type { TwinPlan } from "./plan";

/** What an apply is given. */
export interface ApplyOptions {
  readonly instance: Instance;
  /** Name of the environment, in the header of the import file. */
  readonly name: string;
  /** Where import files go: `https://ACCOUNT.blob.core.windows.net/CONTAINER`, and how it is reached. */
  readonly imports: StorageOptions & { readonly address: string };
  /** Whether the first load is written twin by twin too, where the instance does not reach the account. @default false */
  readonly withoutImport?: boolean;
  /** Whether twins and relationships that the configuration no longer has are removed. */
  readonly remove: boolean;
  /** Told after each step how many of how many are done. */
  readonly onProgress?: (what: string, done: number, all: number) => void;
}

/** Milliseconds between two questions after an import job, and how many times it is asked after: an hour. */
const POLL_MS = 5000;
const MAX_POLLS = 720;
/** Requests at once; an instance takes 1,000 reads and 500 changes of twins a second. */
const AT_ONCE = 8;

/**
 * Carries out a plan. The first load is an import job; what comes later is written twin by twin, on the condition that it is not there:
 * an import could write over states. What was done stays done: whatever an attempt leaves, the next plan finds.
 *
 * @throws RemoteError where something was refused or gave no answer
 */
export async function applyTwin(plan: TwinPlan, options: ApplyOptions): Promise<void> {
  const { instance, remove, onProgress } = options;
  if (plan.isFirstLoad && options.withoutImport !== true) {
    await importAll(plan, options);
    return;
  }
  await instance.addModels(plan.addModels);
  await each(plan.addTwins, "twins created", (twin) => instance.addTwin(twin), onProgress);
  await each(plan.changeTwins, "twins changed", ({ id, patch }) => change(instance, id, patch), onProgress);
  if (remove) {
    await each(
      plan.removeRelationships,
      "relationships removed",
      ({ $dtId, $relationshipId }) => instance.removeRelationship($dtId, $relationshipId),
      onProgress,
    );
  }
  await each(plan.addRelationships, "relationships created", (one) => instance.addRelationship(one), onProgress);
  if (remove) {
    await each(plan.removeTwins, "twins removed", (id) => instance.removeTwin(id), onProgress);
  }
}

async function importAll(plan: TwinPlan, { instance, name, imports, onProgress }: ApplyOptions): Promise<void> {
  const file = importFile({ models: plan.addModels, twins: plan.addTwins, relationships: plan.addRelationships }, name);
  // The same file again after a failure is another job: ids are for one.
  const hash = createHash("sha256").update(file).digest("hex").slice(0, 12);
  const id = `${name}-${hash}-${Date.now().toString(36)}`;
  const input = `${imports.address}/${id}.ndjson`;
  await uploadText(input, file, imports);
  await instance.startImport(id, input, `${imports.address}/${id}.log.ndjson`);
  const wait = imports.wait ?? ((milliseconds) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
  for (let polls = 1; polls <= MAX_POLLS; polls += 1) {
    const { status, problem } = await instance.importJob(id);
    if (status === "succeeded") {
      onProgress?.("import finished", polls, polls);
      return;
    }
    if (status === "failed" || status === "cancelled") {
      throw new RemoteError(
        `import job ${id} ${status}${problem === undefined ? "" : `: ${problem}`}`,
        `read ${imports.address}/${id}.log.ndjson; the instance's identity needs Storage Blob Data Contributor on the container`,
      );
    }
    onProgress?.(`import ${status}`, polls, MAX_POLLS);
    await wait(POLL_MS);
  }
  throw new RemoteError(`import job ${id} has not ended within an hour`, "plan again later: it goes on");
}

/** On the twin as it is now; somebody may have changed its state since the plan. */
async function change(instance: Instance, id: string, patch: TwinPlan["changeTwins"][number]["patch"]): Promise<void> {
  for (let attempts = 0; attempts < 10; attempts += 1) {
    const read = await instance.twin(id);
    if (read === undefined || (await instance.patchTwin(id, read.etag, patch))) {
      return;
    }
  }
  throw new RemoteError(`${id} is changed by others all the time`, "run it again");
}

async function each<T>(
  items: readonly T[],
  what: string,
  act: (item: T) => Promise<void>,
  onProgress: ApplyOptions["onProgress"],
): Promise<void> {
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      await act(item);
      done += 1;
      onProgress?.(what, done, items.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
