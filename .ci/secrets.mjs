#!/usr/bin/env node
// Compares what tfcheck --secrets lists with docs/secrets.md: nothing may be in a state that the document does not list,
// and the document may list nothing that is in no state, unless it says "(not in tfcheck)".
import { readFileSync } from "node:fs";

const document = readFileSync(process.argv[2] ?? "docs/secrets.md", "utf8");
const rows = [...document.matchAll(/^\| `([a-z_]+)\.([^`]+)`(.*)$/gm)].map(([, type, rest, remark]) => {
  const [id, ...path] = rest.split(".");
  return { type, id, path: path.join("."), unseen: remark.includes("(not in tfcheck)"), seen: false };
});

const matches = (pattern, text) =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replace(/[.[\]]/g, "\\$&"))
      .join(".*")}$`,
  ).test(text);

const unknown = new Set();
for (const line of readFileSync(0, "utf8").split("\n")) {
  const [, type, id, path] = /^state [^:]+: ([a-z_]+)\.([^.]+)\.(.+)$/.exec(line) ?? [];
  if (type === undefined) continue;
  // A logical id ends in a hash of the construct's path.
  const name = id.replace(/_[0-9A-F]{8}(\[.*)?$/, "");
  const row = rows.find((r) => r.type === type && matches(r.id, name) && matches(r.path, path));
  if (row === undefined) unknown.add(`${type}.${name}.${path}`);
  else row.seen = true;
}
const stale = rows.filter((row) => !row.seen && !row.unseen).map(({ type, id, path }) => `${type}.${id}.${path}`);
for (const entry of unknown) console.log(`in a state, not in the document: ${entry}`);
for (const entry of stale) console.log(`in the document, in no state: ${entry}`);
console.log(`${rows.length} entries listed, ${unknown.size} unlisted, ${stale.length} stale`);
process.exit(unknown.size + stale.length > 0 ? 1 : 0);
