import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const { include } = JSON.parse(readFileSync(join(ROOT, "tsconfig.build.json"), "utf8")) as { include: string[] };
const SOURCES = [...include, "package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", ".npmrc"];

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
    for (const name of SOURCES) {
      cpSync(join(ROOT, name), join(this.root, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.root, "node_modules"));
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
