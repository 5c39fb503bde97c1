import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian's package `chromium` puts it. */
const CHROMIUM = "/usr/bin/chromium";

/** Runs tests that need a browser, and says so where it is not. */
export function describeWithChromium(title: string, tests: () => void): void {
  if (existsSync(CHROMIUM)) {
    describe(title, tests);
  } else {
    test.skip(`${title} (${CHROMIUM} of Debian's package chromium is not here)`, () => undefined);
  }
}

/** A headless browser with a profile of its own, which can look up no name, reaches this machine only and asks for nothing on its own. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}
