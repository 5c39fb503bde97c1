import { reasonOf, RemoteError, send } from "@edge-anomaly-detection/common";
import type { Queue, QueueMessage } from "@edge-anomaly-detection/maintenance";

/** How a storage account is reached: by identity alone. */
export interface StorageOptions {
  readonly tokenFor: (scope: string) => Promise<string>;
  /** @default - a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const SCOPE = "https://storage.azure.com/.default";
/** Version of the storage services; tokens of Entra ID need 2017-11-09 or later. */
const API_VERSION = "2023-11-03";
/** Seconds for which a message that was received is hidden from others. */
const HIDDEN_SECONDS = 300;

/**
 * Uploads a text as a block blob, in place of what was there.
 *
 * @param address of the blob
 */
export async function uploadText(address: string, text: string, options: StorageOptions): Promise<void> {
  await request("PUT", new URL(address), options, "Storage Blob Data Contributor on the container", {
    text,
    headers: { "x-ms-blob-type": "BlockBlob", "Content-Type": "application/x-ndjson" },
  });
}

/** A queue of Azure Storage, as Event Grid fills it (learn.microsoft.com/rest/api/storageservices/get-messages). */
export class StorageQueue implements Queue {
  public constructor(
    /** `https://ACCOUNT.queue.core.windows.net/QUEUE` */
    private readonly address: string,
    private readonly options: StorageOptions,
  ) {}

  public async receive(): Promise<QueueMessage | undefined> {
    const role = "Storage Queue Data Message Processor on the queue";
    const url = new URL(`${this.address}/messages?numofmessages=1&visibilitytimeout=${HIDDEN_SECONDS}`);
    const answer = await request("GET", url, this.options, role);
    const xml = await answer.text();
    const [id, receipt, text] = ["MessageId", "PopReceipt", "MessageText"].map((name) => elementOf(xml, name));
    if (id === undefined || receipt === undefined) {
      return undefined;
    }
    return {
      body: decoded(text ?? ""),
      complete: async () => {
        const gone = new URL(`${this.address}/messages/${encodeURIComponent(id)}`);
        gone.searchParams.set("popreceipt", receipt);
        // One that somebody else has received meanwhile comes to them, and changes nothing.
        await request("DELETE", gone, this.options, role, { accepted: [404] });
      },
    };
  }
}

interface RequestOptions {
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accepted?: readonly number[];
}

async function request(
  method: string,
  url: URL,
  { tokenFor, wait }: StorageOptions,
  role: string,
  { text, headers = {}, accepted = [] }: RequestOptions = {},
): Promise<Response> {
  const answer = await send(
    {
      method,
      url,
      headers: { Authorization: `Bearer ${await tokenFor(SCOPE)}`, "x-ms-version": API_VERSION, ...headers },
      ...(text !== undefined && { text }),
    },
    {
      again: (last) => last instanceof Error || last.status === 429 || last.status >= 500,
      ...(wait !== undefined && { wait }),
    },
  );
  if (answer instanceof Error) {
    throw new RemoteError(`${url.host} cannot be reached: ${reasonOf(answer)}`, "check the network and the proxy");
  }
  if (!answer.ok && !accepted.includes(answer.status)) {
    throw new RemoteError(
      `${method} ${url.host}${url.pathname} was refused with status ${answer.status}`,
      `the identity needs ${role}, and the account must answer its network`,
      answer.status,
    );
  }
  return answer;
}

/** Text of the first element of a name; the service's answers nest none in itself. */
function elementOf(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found?.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_all, entity: string) => ENTITIES[entity] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Event Grid writes its events as base64; a text that is JSON is taken as it is. */
const decoded = (text: string): string =>
  text.trimStart().startsWith("{") ? text : Buffer.from(text, "base64").toString("utf8");
