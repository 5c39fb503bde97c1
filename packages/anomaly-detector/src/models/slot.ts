import { type ModelConfiguration } from "../configuration";
import { type Log, messageOf } from "../log";
import type { ModelRole } from "../machines";
import type { ModelInUse } from "../pipeline";
import { misfits, type ModelMetadata, readMetadata } from "./metadata";
import { ModelProcess } from "./process";
import { FinalError, type ModelStore } from "./store";

/** What the module reports of a model. `version` and `sha256` are those of the model in use, empty where none is. */
export interface ModelStatus {
  readonly status: "none" | "fetching" | "active" | "refused" | "fellBack";
  readonly version: string;
  readonly sha256: string;
  readonly reason: string;
}

export interface ModelSlotOptions {
  readonly role: ModelRole;
  readonly store: ModelStore;
  readonly workerFile: string;
  readonly log: Log;
  /** Milliseconds before the first new attempt to fetch; doubled with each further one up to an hour. */
  readonly retryMs: number;
  /** Told whenever {@link ModelSlot.inUse} or {@link ModelSlot.status} has changed. */
  readonly onChange: () => void;
  /** Whether the model has to leave time for other messages. @default true */
  readonly hasTimeShare?: boolean;
}

/** What a model is used for. */
export interface Purpose {
  readonly signals: readonly string[];
  /** Bytes that its file may have. */
  readonly maxBytes: number;
}

interface Loaded {
  readonly configuration: ModelConfiguration;
  readonly metadata: ModelMetadata;
  readonly signals: readonly string[];
  readonly path: string;
  process: ModelProcess;
}

/** Failures in a row after which a model is given up. */
const MAX_FAILURES = 3;
const MAX_RETRY_MS = 3_600_000;
/** A model gets this share of the time; messages beyond are scored without it rather than later and later. */
const TIME_SHARE = 0.5;
/** Milliseconds of time that a model may save up. */
const MOST_SAVED_MS = 1000;

/**
 * One place for a model: brings the wanted one in the background, runs it in a process of its own, and falls back to the
 * one before it when it fails. Scoring never waits for a download, and for an answer no longer than its deadline.
 */
export class ModelSlot {
  private status_: ModelStatus = { status: "none", version: "", sha256: "", reason: "" };
  private loaded: Loaded | undefined;
  private lastGood: ModelConfiguration | undefined;
  private purpose: Purpose = { signals: [], maxBytes: 0 };
  private wanted: ModelConfiguration | undefined;
  private abort: AbortController | undefined;
  private bringing: Promise<void> = Promise.resolve();
  private failures = 0;
  private savedMs = MOST_SAVED_MS;
  private savedAt = performance.now();

  public constructor(private readonly options: ModelSlotOptions) {}

  public get status(): ModelStatus {
    return this.status_;
  }

  /** The model that scores, or nothing. */
  public get inUse(): ModelInUse | undefined {
    if (!this.loaded) return undefined;
    const { configuration, metadata, signals } = this.loaded;
    const { mean, scale, sampleSeconds, reference } = metadata;
    return {
      version: configuration.version,
      sha256: configuration.sha256,
      form: {
        window: configuration.window,
        signals: signals.length,
        ...(mean && { mean }),
        ...(scale && { scale }),
        ...(sampleSeconds !== undefined && { sampleMs: sampleSeconds * 1000 }),
      },
      ...(reference && { reference }),
    };
  }

  /** The model that a restart should fall back to. */
  public get previous(): ModelConfiguration | undefined {
    return this.lastGood;
  }

  public set previous(configuration: ModelConfiguration | undefined) {
    this.lastGood = configuration;
  }

  /** Hashes of the files that are in use or may be again. */
  public get kept(): string[] {
    return [this.loaded?.configuration, this.lastGood, this.wanted].flatMap((each) => (each ? [each.sha256] : []));
  }

  /** Resolves when no model is being brought. */
  public settled(): Promise<void> {
    return this.bringing;
  }

  /** Says which model is to be used from now on; it is brought in the background. A newer word ends the older attempt. */
  public want(configuration: ModelConfiguration | undefined, purpose: Purpose): void {
    const isSameUse = purpose.signals.join() === this.purpose.signals.join();
    const isSame =
      isSameUse &&
      configuration?.sha256 === this.wanted?.sha256 &&
      configuration?.window === this.wanted?.window &&
      configuration?.version === this.wanted?.version &&
      configuration?.deadlineMs === this.wanted?.deadlineMs &&
      configuration?.uri === this.wanted?.uri;
    this.purpose = purpose;
    if (isSame && (configuration === undefined || this.status_.status !== "refused")) return;
    this.wanted = configuration;
    this.abort?.abort();
    if (this.loaded && !isSameUse) this.unload();
    if (configuration === undefined) {
      this.unload();
      this.lastGood = undefined;
      this.change("none", "");
      return;
    }
    this.abort = new AbortController();
    this.change("fetching", `${configuration.version} is being fetched`);
    const before = this.bringing;
    const { signal } = this.abort;
    this.bringing = before.then(() => this.bring(configuration, signal));
  }

  /** A window's score, or nothing where the model fails, is too slow, or is being restarted. Never throws. */
  public async score(input: Float32Array): Promise<number | undefined> {
    const { loaded } = this;
    if (!loaded?.process.isAlive || !this.hasTime()) return undefined;
    const startedAt = performance.now();
    try {
      const score = await loaded.process.score(input);
      this.failures = 0;
      return loaded.metadata.anomalous === "lower" ? -score : score;
    } catch (error) {
      if (this.loaded === loaded) this.failed(loaded, messageOf(error));
      return undefined;
    } finally {
      this.savedMs -= performance.now() - startedAt;
    }
  }

  public stop(): void {
    this.abort?.abort();
    this.unload();
  }

  private hasTime(): boolean {
    if (this.options.hasTimeShare === false) return true;
    const now = performance.now();
    this.savedMs = Math.min(this.savedMs + (now - this.savedAt) * TIME_SHARE, MOST_SAVED_MS);
    this.savedAt = now;
    return this.savedMs > 0;
  }

  private async bring(configuration: ModelConfiguration, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const loaded = await this.load(configuration, signal);
        if (isAborted(signal)) loaded.process.stop();
        else this.use(loaded);
        return;
      } catch (error) {
        if (isAborted(signal)) return;
        const reason = `${configuration.version}: ${messageOf(error)}`;
        this.options.log("error", "model refused", { role: this.options.role, attempt, reason });
        this.change(
          "refused",
          error instanceof FinalError ? reason : `${reason} (attempt ${attempt}; it is tried again)`,
        );
        if (error instanceof FinalError) return;
        await pause(Math.min(this.options.retryMs * 2 ** (attempt - 1), MAX_RETRY_MS), signal);
      }
    }
  }

  private async load(configuration: ModelConfiguration, signal: AbortSignal): Promise<Loaded> {
    const { signals, maxBytes } = this.purpose;
    const path = await this.options.store.obtain(configuration, { signal, maxBytes });
    const metadata = await readMetadata(path).catch((error: unknown) => {
      throw new FinalError(`model cannot be loaded: ${messageOf(error)}`);
    });
    const wrong = misfits(metadata, signals, configuration.window);
    if (wrong.length > 0) throw new FinalError(wrong.join("; "));
    const process = await this.run(configuration, path, signals, signal);
    return { configuration, metadata, signals, path, process };
  }

  private run(
    { window, deadlineMs }: ModelConfiguration,
    path: string,
    signals: readonly string[],
    signal?: AbortSignal,
  ): Promise<ModelProcess> {
    const model = { path, window, signals: signals.length, deadlineMs };
    return ModelProcess.start(this.options.workerFile, model, signal);
  }

  private use(loaded: Loaded): void {
    const before = this.loaded?.configuration;
    if (before && before.sha256 !== loaded.configuration.sha256) this.lastGood = before;
    this.loaded?.process.stop();
    this.loaded = loaded;
    this.failures = 0;
    this.change("active", "");
  }

  private unload(): void {
    this.loaded?.process.stop();
    this.loaded = undefined;
  }

  /** Counts a failure; starts a process anew that has ended, and gives the model up when it keeps failing. */
  private failed(loaded: Loaded, reason: string): void {
    const { version } = loaded.configuration;
    this.options.log("warn", "model failed", { role: this.options.role, version, reason });
    if (++this.failures >= MAX_FAILURES) {
      this.giveUp(loaded, reason);
      return;
    }
    if (loaded.process.isAlive) return;
    void this.run(loaded.configuration, loaded.path, loaded.signals).then(
      (process) => {
        if (this.loaded === loaded) loaded.process = process;
        else process.stop();
      },
      (error: unknown) => {
        if (this.loaded === loaded) this.giveUp(loaded, messageOf(error));
      },
    );
  }

  /** Takes the model before a model that fails, if there was one. */
  private giveUp(loaded: Loaded, reason: string): void {
    const { version } = loaded.configuration;
    const previous = this.lastGood;
    this.lastGood = undefined;
    this.unload();
    this.failures = 0;
    this.options.log("error", "model given up", { role: this.options.role, version, reason });
    this.change("fellBack", `${version}: ${reason}`);
    if (!previous || !this.abort || this.abort.signal.aborted) return;
    const { signal } = this.abort;
    this.bringing = this.load(previous, signal).then(
      (before) => {
        if (signal.aborted) {
          before.process.stop();
          return;
        }
        this.loaded = before;
        this.change("fellBack", `${version}: ${reason}`);
      },
      (error: unknown) => {
        this.options.log("error", "model refused", { role: this.options.role, reason: messageOf(error) });
      },
    );
  }

  private change(status: ModelStatus["status"], reason: string): void {
    const { version = "", sha256 = "" } = this.loaded?.configuration ?? {};
    this.status_ = { status, version, sha256, reason };
    this.options.onChange();
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
