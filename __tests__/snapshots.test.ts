import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { snapshot } from "../stacks/commands/snapshot";
import { environments } from "../environments";
import { bootstrap } from "../environments/bootstrap";
import { organization } from "../environments/organization";
import { buildApp } from "../stacks/app";

const SNAPSHOTS = join(__dirname, "snapshots");
const STACKS = [...environments.map(({ name }) => name), "bootstrap"];
const outdir = mkdtempSync(join(tmpdir(), "snapshots-"));

const read = (name: string): string => readFileSync(join(outdir, "stacks", name, "cdk.tf.json"), "utf8");

beforeAll(() => {
  buildApp({ organization, environments, bootstrap }, { outdir }).app.synth();
});

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

test.each(STACKS)("%s is what its snapshot says (renew with `npm run snapshots`)", (name) => {
  expect(JSON.parse(snapshot(read(name)))).toEqual(JSON.parse(readFileSync(join(SNAPSHOTS, `${name}.json`), "utf8")));
});

test("there is a snapshot for each stack and no other", () => {
  expect(readdirSync(SNAPSHOTS).sort()).toEqual(STACKS.map((name) => `${name}.json`).sort());
});

test.each(STACKS)("%s has nothing of the machine in it", (name) => {
  const text = read(name);
  for (const trace of [outdir, process.cwd(), process.env.HOME ?? "/root"]) {
    expect(text).not.toContain(`"${trace}`);
    expect(text).not.toContain(`${trace}/`);
  }
  // Containers have a /tmp of their own, and nothing named below it.
  expect(text).not.toContain(`${tmpdir()}/`);
});
