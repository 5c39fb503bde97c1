// The same cases on every machine, so that a change fails for what it changes. Other cases: PROPERTY_SEED=$RANDOM npm test
const fc = require("fast-check");

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261123) });
