import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ModelConfiguration, withoutQuery } from "../configuration";
import { messageOf } from "../log";

/** Milliseconds without a byte after which a download is given up. */
const STALLED_MS = 30_000;
/** Milliseconds that a whole download may take: 64 MB at 0.6 Mbit/s. */
const DOWNLOAD_MS = 15 * 60_000;

/** A refusal that another attempt would only repeat. */
export class FinalError extends Error {}

function tooLarge(bytes: string, maxBytes: number): FinalError {
  return new FinalError(`model has ${bytes} bytes; ${maxBytes} are allowed (memory, or model.bytes)`);
}

export interface ModelStoreOptions {
  /** Folder of the cache. */
  readonly directory: string;
  /** Folder of the image with models, each as `SHA256/model.onnx`. */
  readonly imageDirectory: string;
  /** Certificate authorities for the download, as PEM; the system's where absent. */
  readonly ca?: string;
  /** Milliseconds that a whole download may take. @default 900000 */
  readonly downloadMs?: number;
}

export interface Wanted {
  /** Ends the download when it is not wanted any more. */
  readonly signal: AbortSignal;
  /** Bytes that the memory allows. */
  readonly maxBytes: number;
}

/**
 * Takes models from the image, or over HTTPS where the configuration names an address, and keeps them by their SHA-256: a
 * restart without a network has them, and a new image still has the model before its own to fall back to. Nothing is fetched
 * but what the configuration names, no redirect is followed, and no file is given out whose hash is another.
 */
export class ModelStore {
  /** The last one that asked for a file: two may ask for the same. */
  private readonly asking = new Map<string, Promise<unknown>>();

  public constructor(private readonly options: ModelStoreOptions) {}

  /** The path of a model's file, fetched where it is not there. Throws with a reason that may be shown. */
  public async obtain(configuration: ModelConfiguration, wanted: Wanted): Promise<string> {
    const file = this.pathOf(configuration.sha256);
    const before = this.asking.get(file) ?? Promise.resolve();
    const asking = before.then(async () => {
      const known = await this.hashOf(file);
      if (known === configuration.sha256) return;
      const { uri } = configuration;
      if (uri === undefined) await this.copy(file, configuration, wanted);
      else await this.fetch(file, { ...configuration, uri }, wanted);
    });
    const settled = asking.catch(() => undefined);
    this.asking.set(file, settled);
    try {
      await asking;
    } finally {
      if (this.asking.get(file) === settled) this.asking.delete(file);
    }
    return file;
  }

  /** Removes the files of all models but these, and what downloads left behind. */
  public async prune(keep: readonly string[]): Promise<void> {
    const names = await readdir(this.options.directory).catch(() => [] as string[]);
    for (const name of names) {
      const [, sha256] = /^([0-9a-f]{64})\.onnx(\.new)?$/.exec(name) ?? [];
      if (sha256 !== undefined && !keep.includes(sha256)) {
        await rm(join(this.options.directory, name), { force: true });
      }
    }
  }

  private pathOf(sha256: string): string {
    return join(this.options.directory, `${sha256}.onnx`);
  }

  private async hashOf(file: string): Promise<string | undefined> {
    try {
      const hash = createHash("sha256");
      await pipeline(createReadStream(file), hash);
      return hash.digest("hex");
    } catch {
      // Not there, or not readable: fetching it says why where that matters.
      return undefined;
    }
  }

  /** Copies a model out of the image, which does not change while this process runs: what is wrong stays wrong. */
  private async copy(file: string, { sha256, bytes }: ModelConfiguration, wanted: Wanted): Promise<void> {
    const source = join(this.options.imageDirectory, sha256, "model.onnx");
    const size = await stat(source).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) {
      const held = await readdir(this.options.imageDirectory).catch(() => [] as string[]);
      const others = held.length === 0 ? "none" : held.map((name) => name.slice(0, 12)).join(", ");
      throw new FinalError(
        `this image holds no model ${sha256.slice(0, 12)} (it holds ${others}), and no uri is given`,
      );
    }
    const maxBytes = Math.min(wanted.maxBytes, bytes ?? Infinity);
    if (size > maxBytes) throw tooLarge(String(size), maxBytes);
    const temporary = `${file}.new`;
    try {
      await mkdir(this.options.directory, { recursive: true });
      const { signal } = wanted;
      await pipeline(createReadStream(source), createWriteStream(temporary, { mode: 0o600, flush: true }), { signal });
      const actual = await this.hashOf(temporary);
      if (actual !== sha256)
        throw new FinalError(`sha256 of the image's model is ${actual ?? "unknown"}, not ${sha256}`);
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  private async fetch(
    file: string,
    configuration: ModelConfiguration & { readonly uri: string },
    wanted: Wanted,
  ): Promise<void> {
    const { uri, sha256, bytes } = configuration;
    const temporary = `${file}.new`;
    const { downloadMs = DOWNLOAD_MS } = this.options;
    const deadline = AbortSignal.timeout(downloadMs);
    try {
      await mkdir(this.options.directory, { recursive: true });
      const maxBytes = Math.min(wanted.maxBytes, bytes ?? Infinity);
      const signal = AbortSignal.any([wanted.signal, deadline]);
      const actual = await this.download(uri, temporary, maxBytes, signal);
      if (actual !== sha256) throw new Error(`sha256 of ${withoutQuery(uri)} is ${actual}, not ${sha256}`);
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      if (deadline.aborted && !wanted.signal.aborted) {
        throw new Error(`${withoutQuery(uri)} was not downloaded within ${downloadMs / 1000} s`);
      }
      if (error instanceof FinalError) throw error;
      // A parser's or a socket's message may quote the address with its signature.
      throw new Error(messageOf(error).replaceAll(uri, withoutQuery(uri)));
    }
  }

  /** Writes the response's body to a file and returns its SHA-256. */
  private download(uri: string, file: string, maxBytes: number, signal: AbortSignal): Promise<string> {
    const { ca } = this.options;
    return new Promise<string>((resolve, reject) => {
      const request = get(uri, { ...(ca !== undefined && { ca }), timeout: STALLED_MS, signal }, (response) => {
        const { statusCode, headers } = response;
        const announced = Number(headers["content-length"] ?? 0);
        if (statusCode !== 200 || announced > maxBytes) {
          response.destroy();
          reject(
            statusCode === 200
              ? tooLarge(String(announced), maxBytes)
              : new Error(`${withoutQuery(uri)} answered ${statusCode ?? "nothing"}, not 200`),
          );
          return;
        }
        const hash = createHash("sha256");
        let bytes = 0;
        const measure = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            bytes += chunk.length;
            hash.update(chunk);
            if (bytes > maxBytes) done(tooLarge(`more than ${maxBytes}`, maxBytes));
            else done(null, chunk);
          },
        });
        pipeline(response, measure, createWriteStream(file, { mode: 0o600, flush: true }), { signal }).then(() => {
          resolve(hash.digest("hex"));
        }, reject);
      });
      request.on("timeout", () => request.destroy(new Error(`${withoutQuery(uri)} sent nothing for 30 s`)));
      request.on("error", reject);
    });
  }
}
