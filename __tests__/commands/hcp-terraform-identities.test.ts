import { readFileSync } from "node:fs";
import { identitiesIn } from "../../stacks/commands/hcp-terraform/identities";
import { at } from "../support/synth";

interface Outputs {
  readonly output: Readonly<Record<string, { readonly value: unknown }>>;
}

/** What `terraform output -json` prints for the bootstrap stack's snapshot, with an id in every place. */
function printedOutputs(): string {
  const { output } = JSON.parse(readFileSync("__tests__/snapshots/bootstrap.json", "utf8")) as Outputs;
  let count = 0;
  return JSON.stringify(output, (_key, value: unknown) => {
    if (typeof value !== "string") {
      return value;
    }
    count += 1;
    return `${String(count).padStart(8, "0")}-1111-4111-8111-111111111111`;
  });
}

test.each(["staging", "prod"])("the bootstrap stack puts out what is read for %s", (environment) => {
  const text = printedOutputs();
  const outputs: unknown = JSON.parse(text);
  expect(identitiesIn(text, environment, "bootstrap.json")).toEqual({
    tenantId: at(outputs, "tenant_id.value"),
    planClientId: at(outputs, `identities.value.${environment}.plan_client_id`),
    applyClientId: at(outputs, `identities.value.${environment}.apply_client_id`),
  });
});

test("an environment that has no identities is refused", () => {
  expect(() => identitiesIn(printedOutputs(), "toString", "bootstrap.json")).toThrow(
    /no UUID at identities\.value\.toString\.plan_client_id/,
  );
});
