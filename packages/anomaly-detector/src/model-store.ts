import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ModelConfiguration, withoutQuery } from "./configuration";
import { messageOf } from "./log";
import { loadOnnxModel, type OnnxModel } from "./onnx-model";

/** A model that has been fetched, checked, loaded and tried. */
export interface LoadedModel {
  readonly configuration: ModelConfiguration;
  readonly model: OnnxModel;
}

const MAX_MODEL_BYTES = 256 * 1024 * 1024;
/** Milliseconds without a byte after which a download is given up. */
const STALLED_MS = 30_000;

export interface ModelStoreOptions {
  /** Folder of the cache. */
  readonly directory: string;
  /** Certificate authorities for the download, as PEM; the system's where absent. */
  readonly ca?: string;
}

/**
 * Fetches models over HTTPS and keeps them by their SHA-256, so that a restart without a network has them. Nothing is
 * fetched but what the configuration names, no redirect is followed, and no file is loaded whose hash is another.
 */
export class ModelStore {
  public constructor(private readonly options: ModelStoreOptions) {}

  /** Fetches, checks, loads and tries a model of `dimensions` signals. Throws with a reason that may be shown. */
  public async take(configuration: ModelConfiguration, dimensions: number): Promise<LoadedModel> {
    const file = join(this.options.directory, `${configuration.sha256}.onnx`);
    const bytes = (await this.cached(file, configuration.sha256)) ?? (await this.fetch(file, configuration));
    const model = await loadOnnxModel(bytes, configuration.window, dimensions);
    return { configuration, model };
  }

  private async cached(file: string, sha256: string): Promise<Buffer | undefined> {
    try {
      const bytes = await readFile(file);
      return createHash("sha256").update(bytes).digest("hex") === sha256 ? bytes : undefined;
    } catch {
      // Not there, or not readable: fetching it says why where that matters.
      return undefined;
    }
  }

  private async fetch(file: string, { uri, sha256 }: ModelConfiguration): Promise<Buffer> {
    const temporary = `${file}.new`;
    await mkdir(this.options.directory, { recursive: true });
    try {
      const actual = await this.download(uri, temporary);
      if (actual !== sha256) throw new Error(`sha256 of ${withoutQuery(uri)} is ${actual}, not ${sha256}`);
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      // A parser's or a socket's message may quote the address with its signature.
      throw new Error(messageOf(error).replaceAll(uri, withoutQuery(uri)));
    }
    return readFile(file);
  }

  /** Writes the response's body to a file and returns its SHA-256. */
  private download(uri: string, file: string): Promise<string> {
    const { ca } = this.options;
    return new Promise<string>((resolve, reject) => {
      const request = get(uri, { ...(ca !== undefined && { ca }), timeout: STALLED_MS }, (response) => {
        const { statusCode } = response;
        if (statusCode !== 200) {
          response.destroy();
          reject(new Error(`${withoutQuery(uri)} answered ${statusCode ?? "nothing"}, not 200`));
          return;
        }
        const hash = createHash("sha256");
        let bytes = 0;
        const measure = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            bytes += chunk.length;
            hash.update(chunk);
            if (bytes > MAX_MODEL_BYTES) done(new Error(`model is larger than ${MAX_MODEL_BYTES} bytes`));
            else done(null, chunk);
          },
        });
        pipeline(response, measure, createWriteStream(file, { mode: 0o600 })).then(() => {
          resolve(hash.digest("hex"));
        }, reject);
      });
      request.on("timeout", () => request.destroy(new Error(`${withoutQuery(uri)} sent nothing for 30 s`)));
      request.on("error", reject);
    });
  }
}
