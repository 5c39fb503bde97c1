/** A sensor message that has arrived and is not scored yet. */
export interface Incoming {
  readonly body: Buffer;
  /** The device that sent it, where it is another one than the module's. */
  readonly deviceId: string | undefined;
  /** `performance.now()` when it arrived. */
  readonly startedAt: number;
}

type Item =
  | {
      readonly kind: "message";
      readonly message: Incoming;
      readonly resolve: (kept: Promise<void> | undefined) => void;
    }
  | { readonly kind: "step"; readonly run: () => void; readonly resolve: () => void };

/** A message that has been scored; `kept` resolves when it may be acknowledged, absent: it may be at once. */
export interface Done {
  readonly kept: Promise<void> | undefined;
}

/**
 * Messages in the order of their arrival, and steps that have to fall between two of them. A message is scored at once
 * where nothing has to be waited for; while a model is asked, those after it wait.
 */
export class Inbox {
  private readonly items: Item[] = [];
  private working: Promise<void> | undefined;

  /**
   * @param now Scores a message without waiting; undefined where a model has to be asked.
   * @param later Scores a message and asks the models.
   */
  public constructor(
    private readonly now: (message: Incoming) => Done | undefined,
    private readonly later: (message: Incoming) => Promise<Done>,
  ) {}

  /** Messages and steps that wait. */
  public get length(): number {
    return this.items.length;
  }

  /** Takes a message; resolves when it may be acknowledged. */
  public push(message: Incoming): Promise<void> {
    if (!this.working) {
      const done = this.now(message);
      if (done) return done.kept ?? Promise.resolve();
    }
    return new Promise<void>((resolve) => {
      this.items.push({
        kind: "message",
        message,
        resolve: (kept) => {
          resolve(kept);
        },
      });
      this.start();
    });
  }

  /** Runs a step at once, or between two messages when messages are being scored. */
  public between(run: () => void): Promise<void> {
    if (!this.working) {
      run();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.items.push({ kind: "step", run, resolve });
    });
  }

  /** Resolves when nothing waits any more. */
  public async idle(): Promise<void> {
    while (this.working) await this.working;
  }

  private start(): void {
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  private async work(): Promise<void> {
    for (let item = this.items.shift(); item !== undefined; item = this.items.shift()) {
      if (item.kind === "step") {
        item.run();
        item.resolve();
      } else {
        const { kept } = await this.later(item.message);
        item.resolve(kept);
      }
    }
  }
}
