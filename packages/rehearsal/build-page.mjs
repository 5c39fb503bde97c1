#!/usr/bin/env node
// Compiles the page of a rehearsal: everything that a browser loads, in three files and an icon.
//
//   node packages/rehearsal/build-page.mjs [FOLDER]    writes to FOLDER, else to packages/rehearsal/dist/page
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const SOURCE = join(import.meta.dirname, "page");

export async function buildPage(folder = join(import.meta.dirname, "dist", "page")) {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: { page: join(SOURCE, "src", "main.ts") },
    outdir: folder,
    bundle: true,
    format: "esm",
    // uPlot's licence travels with it.
    legalComments: "eof",
    minify: true,
    target: "es2022",
    logLevel: "warning",
  });
  for (const name of ["index.html", "icon.svg"]) {
    copyFileSync(join(SOURCE, name), join(folder, name));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await buildPage(process.argv[2] === undefined ? undefined : resolve(process.argv[2]));
}
