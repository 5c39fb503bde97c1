import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { checkConfiguration, UNJUDGED } from "../../environments/validation/check";
import { ValidationError } from "@edge-anomaly-detection/common";
import { environments } from "../../environments";
import { bootstrap } from "../../environments/bootstrap";
import { organization } from "../../environments/organization";
import { buildApp } from "../../stacks/app";
import { damage, damaged } from "./damaged.arbitrary";

// Synthesizes whole environments, with PROPERTY_RUNS many of them.
jest.setTimeout(120_000);

const outdir = mkdtempSync(join(tmpdir(), "damaged-"));

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

/** What `npm run synth` does with a valid configuration. */
function synthesize(
  raw: Parameters<typeof checkConfiguration>[0],
): readonly { path: string; allowed: string; remedy: string }[] {
  const { configuration, problems } = checkConfiguration(raw);
  if (configuration === undefined) {
    // The message can be made of whatever stands there.
    expect(new ValidationError("configuration", problems).message).not.toMatch(/\n +at |\[object Object\]/);
    return problems;
  }
  buildApp(configuration, { outdir }).app.synth();
  return [];
}

test("a damaged configuration ends in validation errors or a synthesis, and in nothing else", () => {
  const outcomes = { synthesized: 0, refused: 0 };
  const shipped = { organization, environments: [environments[0], environments[2]], bootstrap };
  fc.assert(
    fc.property(
      fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 1, 2, 3),
      fc.array(damage, { minLength: 1, maxLength: 4 }),
      (which, damages) => {
        const apply = (value: unknown): unknown => damaged(value, damages);
        const raw = {
          organization: which === 2 ? apply(shipped.organization) : shipped.organization,
          environments: shipped.environments.map((environment, index) =>
            index === which ? apply(environment) : environment,
          ),
          bootstrap: which === 3 ? apply(shipped.bootstrap) : shipped.bootstrap,
        };
        let found: ReturnType<typeof synthesize>;
        try {
          found = synthesize(raw);
        } catch (error) {
          // Rules for whole stacks stop a synthesis in the same form.
          expect(error).toBeInstanceOf(ValidationError);
          found = (error as ValidationError).problems;
        }
        expect(found.filter(({ path }) => path.endsWith(UNJUDGED))).toEqual([]);
        expect(found.filter(({ allowed, remedy }) => allowed === "" || remedy === "")).toEqual([]);
        outcomes[found.length > 0 ? "refused" : "synthesized"] += 1;
      },
    ),
    { numRuns: 200 },
  );
  // Both ways out were really taken.
  expect(outcomes.refused).toBeGreaterThan(100);
  expect(outcomes.synthesized).toBeGreaterThan(1);
});
