import { checkConfiguration, type Configuration, describeMistakes, withoutQuery } from "./configuration";
import type { Log } from "./log";

export interface TwinOptions {
  readonly memoryBytes: number;
  readonly log: Log;
  /** Takes a configuration that is sound. Resolves when it is in force. */
  readonly apply: (configuration: Configuration) => Promise<void>;
  readonly report: (properties: Readonly<Record<string, unknown>>) => Promise<void>;
}

type Properties = Readonly<Record<string, unknown>>;

/** A twin's text may have 4 KB. */
const MAX_REPORTED = 3000;

/** Desired properties: each version is applied as a whole or not at all, and what came of it is reported. */
export class Twin {
  public configuration: Configuration;
  /** The desired properties in force, as they may be saved. */
  public desired: Properties = {};
  /** Why the newest desired properties are not in force. */
  public problem: string | undefined;
  private version: number | undefined;
  private work: Promise<void> = Promise.resolve();

  public constructor(private readonly options: TwinOptions) {
    const checked = checkConfiguration({});
    if (!checked.ok) throw new Error("the default configuration is not sound");
    this.configuration = checked.configuration;
  }

  /** Takes the desired properties of a connection or a change. Never throws. */
  public take(properties: Properties): Promise<void> {
    this.work = this.work.then(() => this.applyDesired(properties));
    return this.work;
  }

  /** Takes what the last run had in force; true when it is sound here as well. */
  public async restore(desired: unknown): Promise<boolean> {
    const checked = checkConfiguration(desired, { memoryBytes: this.options.memoryBytes });
    if (!checked.ok) return false;
    await this.use(checked.configuration, desired as Properties);
    return true;
  }

  /** Resolves when all changes so far are done. */
  public idle(): Promise<void> {
    return this.work;
  }

  private async applyDesired(properties: Properties): Promise<void> {
    const version = typeof properties.$version === "number" ? properties.$version : 0;
    if (version > 0 && version === this.version) return;
    this.version = version;
    const checked = checkConfiguration(properties, { memoryBytes: this.options.memoryBytes });
    if (!checked.ok) {
      const lines = describeMistakes(checked.mistakes);
      this.problem = lines.join("\n");
      this.options.log("error", "configuration refused", { version, mistakes: lines });
      const mistakes = this.problem.slice(0, MAX_REPORTED);
      await this.options.report({ configuration: { status: "refused", version, mistakes, count: lines.length } });
      return;
    }
    this.problem = undefined;
    await this.use(checked.configuration, properties);
    this.options.log("info", "configuration applied", { version });
    await this.options.report({ configuration: { status: "applied", version, ...summaryOf(checked.configuration) } });
  }

  private async use(configuration: Configuration, desired: Properties): Promise<void> {
    this.configuration = configuration;
    this.desired = { ...desired, ...publicModels(configuration) };
    await this.options.apply(configuration);
  }
}

/** Models as they may be saved: without the query of their addresses, which may hold a signature. */
function publicModels({ model, shadowModel }: Configuration): Properties {
  return Object.fromEntries(
    Object.entries({ model, shadowModel }).flatMap(([key, each]) =>
      each ? [[key, { ...each, ...(each.uri !== undefined && { uri: withoutQuery(each.uri) }) }]] : [],
    ),
  );
}

/** The twin merges objects: keys of an earlier refusal have to be taken out by null. */
function summaryOf({ signals, detectors, cooldownMessages, scoredOutput }: Configuration): Properties {
  return {
    mistakes: null,
    count: null,
    signals: signals
      .map(({ name, path }) => `${name}=${path.join(".")}`)
      .join(", ")
      .slice(0, MAX_REPORTED),
    detectors: Object.entries(detectors)
      .filter(([, { enabled }]) => enabled)
      .map(([name, detector]) => ("confidence" in detector ? `${name} ${detector.confidence} %` : name))
      .join(", "),
    cooldownMessages,
    scoredOutput: scoredOutput.mode,
  };
}
