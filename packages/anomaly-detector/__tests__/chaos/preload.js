/**
 * Loaded into the module's process before the module: lets the disk be full and the clock jump, as the file that
 * CHAOS_CONTROL names says.
 */
const fs = require("node:fs");

const file = process.env.CHAOS_CONTROL;
let control = {};
function read() {
  try {
    control = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    // It is being written.
  }
}
read();
setInterval(read, 10).unref();

const { now } = Date;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(now() + (control.clockMs ?? 0));
    else super(...args);
  }
  static now() {
    return now() + (control.clockMs ?? 0);
  }
};

const { open } = fs.promises;
fs.promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  for (const method of ["write", "appendFile", "sync", "datasync"]) {
    const original = handle[method].bind(handle);
    handle[method] = (...args) => {
      if (!control.isDiskFull) return original(...args);
      return Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
    };
  }
  return handle;
};
