import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
}

/** All that the page consists of. Nothing else in the folder is served, whatever a request's path says. */
const FILES = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
} as const;

/**
 * Reads the compiled page.
 * @throws where the page is not compiled, with the command that does it
 */
export function readPage(folder: string): ReadonlyMap<string, StaticFile> {
  return new Map(
    Object.entries(FILES).map(([path, [name, type]]) => {
      const file = join(folder, name);
      if (!existsSync(file)) {
        throw new Error(`${file}: missing; compile the page: node packages/rehearsal/build-page.mjs`);
      }
      return [path, { type, body: readFileSync(file) }];
    }),
  );
}
