import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tokenFor, tokenVariable } from "../src/token";

const folder = mkdtempSync(join(tmpdir(), "token-"));
const file = join(folder, "credentials.tfrc.json");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  writeFileSync(file, JSON.stringify({ credentials: { "app.terraform.io": { token: "from the file" } } }));
});

test.each([
  ["app.terraform.io", "TF_TOKEN_app_terraform_io"],
  ["terraform.factory-one.example", "TF_TOKEN_terraform_factory__one_example"],
])("the variable of %s is Terraform's own", (host, name) => {
  expect(tokenVariable(host)).toBe(name);
});

test("the variable comes first", () => {
  expect(tokenFor("app.terraform.io", { TF_TOKEN_app_terraform_io: " from the variable\n" }, file)).toBe(
    "from the variable",
  );
});

test("then comes what `terraform login` wrote", () => {
  expect(tokenFor("app.terraform.io", {}, file)).toBe("from the file");
});

test.each([
  ["of another host", () => undefined],
  [
    "in a file that is not JSON",
    () => {
      writeFileSync(file, "secret{");
    },
  ],
  [
    "in a file without credentials",
    () => {
      writeFileSync(file, "[]");
    },
  ],
  [
    "in a file that is not there",
    () => {
      rmSync(file);
    },
  ],
])("a token %s is none, and the message says what to do", (_name, prepare) => {
  prepare();
  const host = "toString";
  expect(() => tokenFor(host, {}, file)).toThrow(
    /there is no token for toString\n {2}do: run `terraform login toString`/,
  );
});

test("an empty variable is no token", () => {
  expect(() => tokenFor("app.terraform.io", { TF_TOKEN_app_terraform_io: "" }, file)).toThrow(/there is no token/);
});
