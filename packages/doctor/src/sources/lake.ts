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

/**
 * Whether a text stands in a file that was written below the hub's folder since a time. Folders are times: only those of the
 * minutes from then on are looked into.
 */
export async function isInLake(
  around: Around,
  container: string,
  wanted: string,
  from: Date,
  until: Date,
): Promise<boolean> {
  const hours = new Set<string>();
  for (let at = from.getTime(); at <= until.getTime() + 3_599_999; at += 3_600_000) {
    hours.add(new Date(at).toISOString().slice(0, 13).replace(/[-T]/g, "/"));
  }
  for (const hour of hours) {
    for (const minute of await children(around, container, `${around.expected.hub.name}/${hour}`)) {
      const folder = text(minute, "name") ?? "";
      const written = Date.parse(
        `${hour.replace("/", "-").replace("/", "-").replace("/", "T")}:${folder.split("/").at(-1) ?? ""}:00Z`,
      );
      if (written < from.getTime() - 60_000) {
        continue;
      }
      for (const file of await children(around, container, folder)) {
        if ((await contents(around, container, text(file, "name") ?? "")).includes(wanted)) {
          return true;
        }
      }
    }
  }
  return false;
}

async function contents(around: Around, container: string, path: string): Promise<string> {
  const url = new URL(`${around.endpoints.lake(around.expected.lake.account)}/${container}/${path}`);
  const answer = await around.http.send({ url, scope: SCOPES.lake, headers: { "x-ms-version": "2023-11-03" } });
  // A file that is being written is read again the next time.
  return answer.ok ? answer.text() : "";
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
