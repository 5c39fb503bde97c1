import { join } from "node:path";
import { DETECTOR_MODULE } from "@edge-anomaly-detection/detector-contract";
import type { Configuration } from "../configuration";
import type { Log } from "../log";
import type { ModelRole } from "../machines";
import { allowedModelBytes } from "../memory";
import type { ModelInputs, ModelScores } from "../outcomes";
import { WORKER_FILE } from "./process";
import { ModelSlot } from "./slot";
import { ModelStore } from "./store";

export const ROLES: readonly ModelRole[] = ["model", "shadowModel"];

/** Settings of models that tests may change. */
export interface ModelOptions {
  /** Folder of the image with models. @default `DETECTOR_MODULE.modelDirectory` */
  readonly imageDirectory?: string;
  /** Milliseconds that a download may take. */
  readonly downloadMs?: number;
  /** Milliseconds before the first new attempt. */
  readonly retryMs?: number;
  /** The compiled file that runs a model. */
  readonly workerFile?: string;
}

export interface ModelsOptions extends ModelOptions {
  /** Folder for state and models. */
  readonly directory: string;
  readonly ca?: string;
  readonly log: Log;
  /** Bytes of memory that there are. */
  readonly memoryBytes: number;
  /** Told whenever the model in use, or what is to be reported of it, has changed. */
  readonly onChange: (role: ModelRole, slot: ModelSlot) => Promise<void>;
  /** Told of a message that is scored without the model in use. */
  readonly onWithout: () => void;
}

const FIRST_RETRY_MS = 30_000;

/** The model in use and the shadow model, with the files of both. */
export class Models {
  public readonly slots: Readonly<Record<ModelRole, ModelSlot>>;
  private readonly store: ModelStore;

  public constructor(private readonly options: ModelsOptions) {
    const { directory, ca, downloadMs, log, workerFile = WORKER_FILE, retryMs = FIRST_RETRY_MS } = options;
    this.store = new ModelStore({
      directory: join(directory, "models"),
      imageDirectory: options.imageDirectory ?? DETECTOR_MODULE.modelDirectory,
      ...(ca !== undefined && { ca }),
      ...(downloadMs !== undefined && { downloadMs }),
    });
    const slot = (role: ModelRole): ModelSlot =>
      new ModelSlot({ role, store: this.store, workerFile, log, retryMs, onChange: () => void this.changed(role) });
    this.slots = { model: slot("model"), shadowModel: slot("shadowModel") };
  }

  /** Whether a message has to wait for a model. */
  public get areInUse(): boolean {
    return ROLES.some((role) => this.slots[role].inUse);
  }

  /** Says which models are to be used from now on; they are brought in the background. */
  public want({ model, shadowModel, maxMachines, signals }: Configuration): void {
    const names = signals.map(({ name }) => name);
    for (const [role, own, other] of [
      ["model", model, shadowModel],
      ["shadowModel", shadowModel, model],
    ] as const) {
      const unsized = own && { window: own.window };
      const maxBytes = allowedModelBytes(this.options.memoryBytes, maxMachines, names.length, [other, unsized]);
      this.slots[role].want(own, { signals: names, maxBytes });
    }
  }

  public async ask(inputs: ModelInputs | undefined): Promise<ModelScores> {
    const scores: Partial<Record<ModelRole, number>> = {};
    for (const role of ROLES) {
      const input = inputs?.[role];
      if (!input) continue;
      const score = await this.slots[role].score(input);
      if (score !== undefined) scores[role] = score;
      else if (role === "model") this.options.onWithout();
    }
    return scores;
  }

  /** What the health check has to say: any model that is wanted and not in use. */
  public problems(): string[] {
    return ROLES.flatMap((role) => {
      const { status, reason } = this.slots[role].status;
      return status === "none" || status === "active" ? [] : [`${role}: ${reason}`];
    });
  }

  /** Resolves when no model is being brought. */
  public async settled(): Promise<void> {
    for (const role of ROLES) await this.slots[role].settled();
  }

  /** Ends downloads and processes. */
  public stop(): void {
    for (const role of ROLES) this.slots[role].stop();
  }

  private async changed(role: ModelRole): Promise<void> {
    const slot = this.slots[role];
    await this.options.onChange(role, slot);
    if (slot.status.status !== "active") return;
    await this.store.prune(ROLES.flatMap((each) => this.slots[each].kept)).catch(() => undefined);
  }
}
