/** Longer than the hub takes to tell of what waits, and a module to answer what it has read. */
const QUIET_MS = 800;
const LOOK_EVERY_MS = 100;

/**
 * Waits until nothing has been under way for a while.
 *
 * @param until milliseconds since 1970
 * @returns false where something still is at that time
 */
export async function untilQuiet(isBusy: () => boolean, until: number): Promise<boolean> {
  let quietSince = Date.now();
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (isBusy()) quietSince = Date.now();
    else if (Date.now() - quietSince > QUIET_MS) return true;
  }
  return false;
}
