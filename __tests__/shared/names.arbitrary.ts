import fc from "fast-check";
import type { NameParts } from "../../constructs/shared/names";

/** Parts that the rules take. */
export const validParts: fc.Arbitrary<NameParts> = fc.record({
  workload: fc.stringMatching(/^[a-z][a-z0-9]{1,6}$/),
  code: fc.stringMatching(/^[a-z][a-z0-9]{1,2}$/),
  location: fc.constantFrom("westeurope", "eastus2", "swedencentral"),
  seed: fc.string({ minLength: 8, maxLength: 40 }).filter((seed) => seed.trim().length >= 8),
});
