import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** An image that is built from this repository. */
export interface ImageSource {
  /** Repository in the registry. */
  readonly repository: string;
  /** Dockerfile, from the root of the repository, which is the build's context. */
  readonly dockerfile: string;
  /** Files and folders that it copies, from the root. */
  readonly inputs: readonly string[];
}

/** Images of this repository by what they are for. */
export const IMAGE_SOURCES = {
  detector: {
    repository: "anomaly-detector",
    dockerfile: "packages/anomaly-detector/Dockerfile",
    inputs: [
      ".npmrc",
      "package-lock.json",
      "package.json",
      "packages/anomaly-detector/Dockerfile",
      "packages/anomaly-detector/package.json",
      "packages/anomaly-detector/src",
      "packages/anomaly-detector/tsconfig.build.json",
      "packages/detector-contract",
      "tsconfig.json",
    ],
  },
  training: {
    repository: "anomaly-training",
    dockerfile: "packages/training/Dockerfile",
    inputs: [
      "packages/training/Dockerfile",
      "packages/training/anomaly_training",
      "packages/training/requirements.txt",
    ],
  },
} as const satisfies Readonly<Record<string, ImageSource>>;

/** In place of an image's tag: the image is built from the sources that are synthesized, and its tag says which. */
export const FROM_SOURCE = "source";

/** Folders that no image needs. */
const LEFT_OUT = new Set(["__pycache__", "__tests__", "dist", "node_modules"]);

interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly content: Buffer;
}

/**
 * Tag of the image that these sources give: `source-` and 12 hexadecimal digits of a hash of their paths and contents. What
 * else changes in the repository changes no tag.
 *
 * @param root of the repository
 */
export function sourceTag(image: ImageSource, root = process.cwd()): string {
  return `source-${digestOf(image, readSources(image, root)).slice(0, 12)}`;
}

/** Archives by the digest of their sources: every environment of an app builds the same one. */
const archives = new Map<string, Buffer>();

/** The build's context, a gzipped tar: the same bytes for the same sources on the same version of Node. */
export function contextArchive(image: ImageSource, root = process.cwd()): Buffer {
  const sources = readSources(image, root);
  const digest = digestOf(image, sources);
  const archive = archives.get(digest) ?? compress(sources);
  archives.set(digest, archive);
  return archive;
}

function compress(sources: readonly SourceFile[]): Buffer {
  const blocks = sources.flatMap(({ path, content }) => [
    tarHeader(path, content.length),
    content,
    Buffer.alloc(padding(content.length)),
  ]);
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 });
}

function digestOf({ dockerfile }: ImageSource, sources: readonly SourceFile[]): string {
  const hash = createHash("sha256").update(`${dockerfile}\0`);
  for (const { path, content } of sources) {
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function readSources({ inputs }: ImageSource, root: string): SourceFile[] {
  return inputs
    .flatMap((input) => filesIn(root, input))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => ({ path, content: readFileSync(join(root, path)) }));
}

function filesIn(root: string, path: string): string[] {
  let entries;
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") {
      return [path];
    }
    throw error;
  }
  return entries
    .filter(({ name }) => !LEFT_OUT.has(name))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(root, `${path}/${entry.name}`) : [`${path}/${entry.name}`]));
}

const BLOCK = 512;
const padding = (length: number): number => (BLOCK - (length % BLOCK)) % BLOCK;

/** A header of the ustar format (POSIX.1-1988): a plain file of nobody, at the time 0. */
function tarHeader(path: string, length: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits - 1, "0")}\0`;
  const put = (text: string, offset: number): number => header.write(text, offset, "latin1");
  if (Buffer.byteLength(path) > 100) {
    throw new Error(`${path} has more than the 100 bytes that a name may have in a tar file`);
  }
  header.write(path, 0);
  put(octal(0o644, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(length, 12), 124);
  put(octal(0, 12), 136);
  // The checksum is taken over a header in which it is spaces.
  put(" ".repeat(8), 148);
  put("0", 156);
  put("ustar\x0000", 257);
  put(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return header;
}
