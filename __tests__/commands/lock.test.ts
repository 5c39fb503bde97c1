import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lock } from "../../stacks/commands/lock";
import { listenToConsole } from "../support/console";

const { printed, complained } = listenToConsole();
const before = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** A Terraform that writes its arguments into the lock file, and fails in the stack `bad`. */
function terraform(): string {
  const program = join(folder, "terraform");
  writeFileSync(
    program,
    '#!/bin/sh\ncase "$1" in *bad) exit 1;; esac\necho "$@" > "${1#-chdir=}/.terraform.lock.hcl"\n',
  );
  chmodSync(program, 0o755);
  return program;
}

const withStacks = (...stacks: string[]): void => {
  stacks.forEach((stack) => mkdirSync(join("cdktf.out/stacks", stack), { recursive: true }));
};

test("writes a lock file for each stack, with checksums for every platform", () => {
  withStacks("dev", "prod");
  expect(lock([], terraform())).toBe(0);
  expect(printed).toEqual(["locks/dev.lock.hcl", "locks/prod.lock.hcl"]);
  expect(readFileSync("locks/prod.lock.hcl", "utf8")).toBe(
    "-chdir=cdktf.out/stacks/prod providers lock -platform=linux_amd64 -platform=linux_arm64 -platform=darwin_arm64 " +
      "-platform=darwin_amd64 -platform=windows_amd64\n",
  );
});

test("says which stack failed, and leaves its file as it was", () => {
  withStacks("bad");
  expect(lock([], terraform())).toBe(1);
  expect(complained.join()).toBe("bad: terraform providers lock failed; locks/bad.lock.hcl is as it was");
  expect(existsSync("locks/bad.lock.hcl")).toBe(false);
});

test("says what is missing", () => {
  expect(lock([])).toBe(1);
  expect(complained.join()).toContain("run npm run synth");
  withStacks("dev");
  expect(lock([], join(folder, "nowhere"))).toBe(1);
  expect(complained.join()).toContain("dev: spawnSync");
  expect(lock(["--all"])).toBe(2);
});
