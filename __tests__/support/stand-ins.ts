import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** How a script ended. */
export interface ScriptRun {
  readonly status: number | null;
  /** Both streams. */
  readonly output: string;
}

/** A folder for a script to run in, with programs that stand in for real ones and write down how they were called. */
export class ScriptFolder {
  public readonly path = mkdtempSync(join(tmpdir(), "script-"));
  private readonly programs = join(this.path, "programs");
  private readonly record = join(this.path, "calls");

  /** @param programs by name, what each does, in bash; "$@" are its arguments */
  public constructor(programs: Readonly<Record<string, string>>) {
    mkdirSync(this.programs);
    for (const [name, body] of Object.entries(programs)) {
      const file = join(this.programs, name);
      writeFileSync(
        file,
        `#!/bin/bash\nprintf '%s' "${name}" >>"${this.record}"\nprintf ' %s' "$@" >>"${this.record}"\necho >>"${this.record}"\n${body}\n`,
      );
      chmodSync(file, 0o755);
    }
  }

  /** Writes a file below the folder. */
  public write(path: string, text: string): string {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Reads a file below the folder; nothing where there is none. */
  public read(path: string): string | undefined {
    const file = join(this.path, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  /** Calls of the programs so far, in order, each as one line; the folder's own path is `.`. */
  public get calls(): string[] {
    return (this.read("calls") ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replaceAll(this.path, "."));
  }

  /** Runs a script of the repository in this folder as a step of a job would. */
  public run(script: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): ScriptRun {
    return this.spawn(resolve(script), args, variables);
  }

  /** Runs a line as GitHub runs a step. */
  public bash(line: string, variables: Readonly<Record<string, string>>): ScriptRun {
    return this.spawn("bash", ["--noprofile", "--norc", "-euo", "pipefail", "-c", line], variables);
  }

  private spawn(program: string, args: readonly string[], variables: Readonly<Record<string, string>>): ScriptRun {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.path,
      encoding: "utf8",
      env: {
        PATH: `${this.programs}:${process.env.PATH ?? ""}`,
        TMPDIR: this.path,
        CHECKPOINT_DISABLE: "1",
        GITHUB_OUTPUT: join(this.path, "output"),
        GITHUB_STEP_SUMMARY: join(this.path, "summary"),
        GITHUB_REPOSITORY: "contoso/factories",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_RUN_ID: "42",
        ...variables,
      },
    });
    return { status, output: stdout + stderr };
  }

  public remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
