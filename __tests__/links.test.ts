import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(__dirname, "..");
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading ?? ""));

/** Links of a document that lead nowhere: to no file, or to no heading of it. */
function deadLinks(path: string): string[] {
  const text = readFileSync(join(ROOT, path), "utf8").replace(/^```[^]*?^```/gm, "");
  return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
    ([link, file = "", anchor]) => {
      const target = file === "" ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) {
        return [link];
      }
      const isMissing =
        anchor !== undefined &&
        target.endsWith(".md") &&
        !anchorsIn(readFileSync(join(ROOT, target), "utf8")).includes(anchor);
      return isMissing ? [link] : [];
    },
  );
}

test.each(documents)("links of %s lead somewhere", (path) => {
  expect(deadLinks(path)).toEqual([]);
});

// Validation errors, findings and comments name pages as well.
test("pages that sources name exist, and have the headings", () => {
  const sources = execFileSync("git", ["ls-files", "*.ts", "*.mjs", "*.sh", "*.yml", "*.py"], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .split("\n")
    .filter((path) => path !== "" && !path.includes("__tests__") && existsSync(join(ROOT, path)));
  const dead = sources.flatMap((path) =>
    [...readFileSync(join(ROOT, path), "utf8").matchAll(/(?<![\w/.-])(docs\/[\w./-]+\.md)(?:#([\w-]+))?/g)].flatMap(
      ([name, page = "", anchor]) => {
        const isThere =
          existsSync(join(ROOT, page)) &&
          (anchor === undefined || anchorsIn(readFileSync(join(ROOT, page), "utf8")).includes(anchor));
        return isThere ? [] : [`${path}: ${name}`];
      },
    ),
  );
  expect(dead).toEqual([]);
});
