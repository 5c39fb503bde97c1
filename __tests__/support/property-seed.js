// The same cases on every machine, so that a change fails for what it changes. Other cases: PROPERTY_SEED=$RANDOM npm test
// How many cases a property gets is stated at the property; PROPERTY_RUNS=20 gives each twenty times as many.
const fc = require("fast-check");

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261123) });

const factor = Number(process.env.PROPERTY_RUNS ?? 1);
const { assert } = fc.default;
fc.default.assert = (property, { numRuns = 100, ...parameters } = {}) =>
  assert(property, { ...parameters, numRuns: Math.ceil(numRuns * factor) });
