import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { HcpTerraformApi } from "./api";
import { HcpTerraformError } from "./error";

/** How often a plan that is not finished is asked for. */
const ATTEMPTS = 10;
const WAIT_MS = 3000;
const DOWNLOAD_TIMEOUT_MS = 600_000;

/**
 * Downloads the plan of a run, as `terraform show -json` prints it, to a file that only its owner can read: sensitive values
 * are in it. The API answers with a link that holds for one minute and needs no token, which therefore is not sent there.
 *
 * @param address scheme and host of the API; a link without `https` is followed only where this has none either
 * @throws HcpTerraformError where there is no such run, it has no plan yet, or the download broke off; then there is no file
 */
export async function downloadPlan(
  api: HcpTerraformApi,
  address: string,
  run: string,
  file: string,
  wait: (milliseconds: number) => Promise<void> = (milliseconds) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds)),
): Promise<void> {
  const link = await linkTo(api, address, run, wait);
  const partial = `${file}.partial`;
  try {
    const answer = await fetch(link, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!answer.ok || answer.body === null) {
      throw new HcpTerraformError(
        `the plan of ${run} could not be downloaded: status ${answer.status}`,
        "run the command again; the link to a plan holds for one minute",
        answer.status,
      );
    }
    await pipeline(
      Readable.fromWeb(answer.body as ReadableStream<Uint8Array>),
      createWriteStream(partial, { mode: 0o600 }),
    );
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    // The link is a secret, and messages of fetch may have it in them.
    throw error instanceof HcpTerraformError ? error : brokenOff(run, error);
  }
}

async function linkTo(
  api: HcpTerraformApi,
  address: string,
  run: string,
  wait: (milliseconds: number) => Promise<void>,
): Promise<URL> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const answer = await api.send("GET", `/runs/${encodeURIComponent(run)}/plan/json-output`);
    const location = answer.headers.get("location");
    if (answer.status >= 300 && location !== null) {
      return safeLink(new URL(location, address), address, run);
    }
    if (answer.status !== 204) {
      throw new HcpTerraformError(
        `HCP Terraform answered with status ${answer.status} where a link to the plan of ${run} was expected`,
        "check the host in the environment's record; a proxy may have answered in its place",
        answer.status,
      );
    }
    if (attempt < ATTEMPTS) {
      await wait(WAIT_MS);
    }
  }
  throw new HcpTerraformError(`the plan of ${run} is not finished`, "wait until the run has planned, then try again");
}

function safeLink(link: URL, address: string, run: string): URL {
  if (link.protocol !== "https:" && link.protocol !== new URL(address).protocol) {
    throw new HcpTerraformError(
      `the link to the plan of ${run} is not encrypted`,
      "check the host in the environment's record; a proxy may have answered in its place",
    );
  }
  return link;
}

function brokenOff(run: string, error: unknown): HcpTerraformError {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const reason = typeof code === "string" ? ` (${code})` : "";
  return new HcpTerraformError(
    `the download of the plan of ${run} broke off${reason}`,
    "check the folder it is written to and the network, then run the command again",
  );
}
