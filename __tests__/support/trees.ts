import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { organization } from "../../environments/organization";
import { buildApp } from "../../stacks/app";

const folders: string[] = [];

/** A folder that `removeTrees` removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trees-"));
  folders.push(folder);
  return folder;
}

/** Removes every folder that was made here. */
export function removeTrees(): void {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true });
  }
}

/** Synthesizes environments; the folder is what `cdktf.out` is. */
export function synthesized(...environments: readonly EnvironmentConfig[]): string {
  const { app } = buildApp({ organization, environments }, { outdir: temporaryFolder() });
  app.synth();
  return app.outdir;
}

/** Writes stacks by name, as cdktf would. */
export function written(stacks: Readonly<Record<string, object>>): string {
  const folder = temporaryFolder();
  for (const [name, json] of Object.entries(stacks)) {
    const stack = join(folder, "stacks", name);
    mkdirSync(stack, { recursive: true });
    writeFileSync(join(stack, "cdk.tf.json"), JSON.stringify({ terraform: {}, ...json }));
  }
  return folder;
}
