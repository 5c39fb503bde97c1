import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isLayeredDocument, isManifest } from "./check/document";
import { MAX_CHARACTERS, readManifestBytes, type ReadDocument } from "./check/read";
import type { FileReport, LocatedFinding } from "./check/sarif";
import { logText } from "./log-text";
import { checkDeployments, type ManifestFinding } from "./manifest-checker";

/** UTF-16 takes two bytes for most characters. */
const MAX_BYTES = 2 * MAX_CHARACTERS + 2;
/** Folders in which nobody keeps manifests of their own. */
const SKIPPED = new Set(["node_modules", ".git"]);
const MAX_FILES = 20_000;

type ReadFile = { readonly file: string } & (ReadDocument | { readonly unreadable: string });

/** Reads and checks files and folders; files together where exactly one of them is a base. */
export function checkFiles(paths: readonly string[]): FileReport[] {
  const read = paths.flatMap(readPath);
  const documents = read.flatMap((entry) => ("document" in entry ? [entry] : []));
  const templates = new Set<object>(
    documents.filter(({ file }) => isTemplateName(file)).map(({ document }) => document),
  );
  const bases = documents.filter(({ document }) => !isLayeredDocument(document, templates.has(document)));
  const found = new Map<ReadFile, readonly ManifestFinding[]>();
  if (bases.length === 1) {
    checkDeployments(
      documents.map(({ document }) => document),
      { templates },
    ).forEach((findings, index) => {
      const entry = documents[index];
      if (entry !== undefined) {
        found.set(entry, findings);
      }
    });
  } else {
    for (const entry of documents) {
      found.set(entry, checkDeployments([entry.document], { templates })[0] ?? []);
    }
  }
  return read.map((entry) =>
    "unreadable" in entry
      ? { file: entry.file, unreadable: entry.unreadable, findings: [] }
      : { file: entry.file, findings: located(entry, found.get(entry) ?? []) },
  );
}

/** The IoT Edge tools call templates `deployment.template.json`, `deployment.debug.template.json` and so on. */
const isTemplateName = (file: string): boolean => /template[^/\\]*\.json$/i.test(file);

function located({ remarks, regionOf }: ReadDocument, findings: readonly ManifestFinding[]): LocatedFinding[] {
  return [...remarks, ...findings].map((finding) => ({ ...finding, region: regionOf(finding.pointer) }));
}

function readPath(path: string): ReadFile[] {
  try {
    if (path === "-" || !statSync(path).isDirectory()) {
      return [{ file: path, ...readFile(path) }];
    }
    const manifests = filesBelow(path).flatMap(readIfManifest);
    return manifests.length > 0 ? manifests : [{ file: path, unreadable: "there is no manifest in this folder" }];
  } catch (error) {
    return [{ file: path, unreadable: reasonOf(error) }];
  }
}

/** JSON files of a folder and of those in it, in alphabetical order; links are not followed. */
function filesBelow(folder: string): string[] {
  const files: string[] = [];
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined && files.length < MAX_FILES; next = pending.pop()) {
    const current = next;
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) {
        pending.push(join(current, entry.name));
      } else if (entry.isFile() && /\.json$/i.test(entry.name)) {
        files.push(join(current, entry.name));
      }
    }
  }
  return files.sort();
}

/** A file of a folder, where it is a manifest, or would be if it could be read. */
function readIfManifest(file: string): ReadFile[] {
  const read = readFile(file);
  if ("document" in read) {
    return isManifest(read.document) ? [{ file, ...read }] : [];
  }
  return /"modules?Content"|"\$edgeAgent"/.test(readFileSync(file, "latin1").replaceAll("\0", ""))
    ? [{ file, ...read }]
    : [];
}

function readFile(file: string): ReturnType<typeof readManifestBytes> {
  try {
    if (file !== "-" && statSync(file).size > MAX_BYTES) {
      return {
        unreadable: `the file has more than ${MAX_BYTES} bytes; a manifest has at most ${MAX_CHARACTERS} characters`,
      };
    }
    return readManifestBytes(readFileSync(file === "-" ? 0 : file));
  } catch (error) {
    return { unreadable: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "it may not be read",
  };
  return reasons[code ?? ""] ?? logText(message);
}
