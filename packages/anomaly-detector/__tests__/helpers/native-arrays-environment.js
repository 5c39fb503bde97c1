const { TestEnvironment } = require("jest-environment-node");

/**
 * Jest gives each test file its own globals. A native addon makes its arrays with Node's own, and onnxruntime-node then
 * does not know its own Float32Array; here both are the same.
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.Float32Array = Float32Array;
    this.global.BigInt64Array = BigInt64Array;
  }
};
