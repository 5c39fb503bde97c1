import { RemoteError } from "@edge-anomaly-detection/common";
import { SCOPES } from "../endpoints";
import { at, requiredList, text, time } from "../json";
import type { Around } from "./around";

/** Folders below the hub's own, as the routes write them: year, month, day, hour, minute. */
const LEVELS = 5;

/**
 * When the newest file was written below the hub's folder of a container; undefined where there is none. Folders are times, so
 * the last of each level leads there: one request a level, whatever the lake holds.
 */
export async function newestFile(around: Around, container: string): Promise<string | undefined> {
  let folder = around.expected.hub.name;
  for (let level = 0; level < LEVELS; level += 1) {
    const names = (await children(around, container, folder))
      .filter((path) => text(path, "isDirectory") === "true" || at(path, "isDirectory") === true)
      .flatMap((path) => text(path, "name") ?? []);
    const last = names.sort().at(-1);
    if (last === undefined) {
      return undefined;
    }
    folder = last;
  }
  const times = (await children(around, container, folder)).flatMap((path) => modified(path) ?? []);
  return times.sort().at(-1);
}

function modified(path: unknown): string | undefined {
  // An HTTP date, which has its zone.
  const written = text(path, "lastModified");
  return written === undefined ? undefined : time({ written: new Date(written).toISOString() }, "written");
}

/** What is in a folder (learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/list). */
async function children(around: Around, container: string, folder: string): Promise<readonly unknown[]> {
  const url = new URL(`${around.endpoints.lake(around.expected.lake.account)}/${container}`);
  for (const [name, value] of Object.entries({ resource: "filesystem", recursive: "false", directory: folder })) {
    url.searchParams.set(name, value);
  }
  const answer = await around.http.send({ url, scope: SCOPES.lake, headers: { "x-ms-version": "2023-11-03" } });
  if (answer.status === 404) {
    return [];
  }
  if (!answer.ok) {
    throw new RemoteError(
      `GET ${url.host}${url.pathname} was refused with status ${answer.status}`,
      "sign in as somebody with the role Storage Blob Data Reader on the lake",
      answer.status,
    );
  }
  return requiredList(await answer.json().catch(() => undefined), "paths", url);
}
