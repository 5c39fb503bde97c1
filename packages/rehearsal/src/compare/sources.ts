import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DataError } from "../data/faults";
import type { RehearsalInput } from "../input";

/** A version of the repository that can be asked for its rehearsals. */
interface Version {
  readonly folder: string;
  readonly dispose: () => void;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/**
 * What devices of each environment get in a version of the configuration, by the version's own code.
 *
 * @param source a git revision, a folder with the repository, or a folder that stands for `environments/`
 * @throws DataError where there is no such version, or it cannot say
 */
export function inputsOf(source: string, root: string, words: readonly string[]): RehearsalInput[] {
  const { folder, dispose } = open(source, root);
  try {
    if (!existsSync(join(folder, "stacks", "commands", "rehearse.ts"))) {
      throw new DataError(
        `${source} has no rehearsal yet (stacks/commands/rehearse.ts); compare with a later revision`,
      );
    }
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [".config/run.mjs", "stacks/commands/rehearse", "input", ...words],
      {
        cwd: folder,
        encoding: "utf8",
        maxBuffer: 256 * 1024 * 1024,
      },
    );
    if (status !== 0) throw new DataError(`${source} cannot be rehearsed:\n${stderr.trim()}`);
    return JSON.parse(stdout) as RehearsalInput[];
  } finally {
    dispose();
  }
}

function open(source: string, root: string): Version {
  const path = resolve(source);
  if (isFolder(path) && existsSync(join(path, ".config", "run.mjs"))) return { folder: path, dispose: () => undefined };
  const isConfiguration = isFolder(path) && existsSync(join(path, "index.ts"));
  const version = checkOut(isConfiguration ? "HEAD" : source, root);
  if (isConfiguration) cpSync(path, join(version.folder, "environments"), { recursive: true });
  return version;
}

function checkOut(revision: string, root: string): Version {
  const git = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync("git", args, { cwd: root, encoding: "utf8" });
  // A revision that looks like an option would be one.
  const { status, stdout } = git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
  if (status !== 0) throw new DataError(`${revision} is no folder and no revision of this repository`);
  const parent = mkdtempSync(join(tmpdir(), "rehearsal-"));
  const folder = join(parent, "tree");
  const dispose = (): void => {
    git("worktree", "remove", "--force", folder);
    rmSync(parent, { recursive: true, force: true });
  };
  const added = git("worktree", "add", "--quiet", "--detach", folder, String(stdout).trim());
  if (added.status !== 0) {
    dispose();
    throw new DataError(`${revision} cannot be checked out: ${String(added.stderr).trim()}`);
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir");
  return { folder, dispose };
}
