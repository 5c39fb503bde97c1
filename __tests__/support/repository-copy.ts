import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const FOLDERS = [
  ".config",
  "environments",
  "stacks",
  "constructs",
  "edge-manifests",
  "packages",
  "__tests__/benchmarks",
  "__tests__/doctor",
];
const FILES = ["main.ts", "package.json", "package-lock.json", "tsconfig.json", ".npmrc"];
const isBuilt = (path: string): boolean => /\/(dist|node_modules)$/.test(path);

const SCOPE = "@edge-anomaly-detection";

/** What a program that ended has left. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of this repository in which tests may change files and run commands. */
export class RepositoryCopy {
  public readonly root = mkdtempSync(join(tmpdir(), "repository-"));

  public constructor() {
    // What this repository has compiled is copied too; compiled here, it is also what the next command and the next run take.
    spawnSync(process.execPath, [join(ROOT, ".config/run.mjs")]);
    for (const name of [...FOLDERS, ...FILES]) {
      cpSync(join(ROOT, name), join(this.root, name), { recursive: true, filter: (path) => !isBuilt(path) });
    }
    // The copy's own packages; everything else is shared.
    mkdirSync(join(this.root, "node_modules"));
    for (const name of readdirSync(join(ROOT, "node_modules")).filter((entry) => entry !== SCOPE)) {
      symlinkSync(join(ROOT, "node_modules", name), join(this.root, "node_modules", name));
    }
    symlinkSync(join("..", "packages"), join(this.root, "node_modules", SCOPE));
    // What npm could not hoist: packages that need another version than the root has.
    for (const name of readdirSync(join(this.root, "packages"))) {
      const own = join("packages", name, "node_modules");
      if (existsSync(join(ROOT, own))) symlinkSync(join(ROOT, own), join(this.root, own));
    }
    // What is compiled already need not be compiled again; it is compared with the sources before it is used.
    if (existsSync(join(ROOT, "dist"))) {
      cpSync(join(ROOT, "dist"), join(this.root, "dist"), { recursive: true });
    }
  }

  public run(program: string, ...args: string[]): Ended {
    const env = { ...process.env, NO_COLOR: "1" };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: this.root, encoding: "utf8", env });
    return { status, stdout, stderr };
  }

  public remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
