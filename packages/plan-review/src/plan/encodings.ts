import { gunzipSync } from "node:zlib";

/** Runs of a text that may be another text in base64, base64url or hex. */
const RUNS: readonly RegExp[] = [
  /[A-Za-z0-9+/_-]{16,}={0,2}/g,
  /(?<![0-9a-zA-Z])(?:[0-9a-fA-F]{2}){8,}(?![0-9a-zA-Z])/g,
];

/** Parts of links; only those with a percent sign are looked into. */
const LINK_PARTS = /[\w.~!*'()+%-]{8,}/g;

const runsOf = (text: string): readonly RegExp[] => (text.includes("%") ? [...RUNS, LINK_PARTS] : RUNS);

/** Whether a run may be an encoded text: base64 of 16 characters and more has letters of both cases, hex has digits. */
const mayBeEncoded = (run: string): boolean =>
  run.includes("%") || (/[A-Z]/.test(run) && /[a-z]/.test(run)) || (/\d/.test(run) && /^[0-9a-fA-F]+$/.test(run));

/** How deep one encoding is looked for in another, and characters of a run that is looked into. */
const MAX_DEPTH = 3;
const MAX_RUN = 4_000_000;

/**
 * A text in which encoded runs that hold a secret are replaced.
 *
 * @param holdsSecret whether a decoded text holds one
 */
export function withoutEncodedSecrets(text: string, hidden: string, holdsSecret: (decoded: string) => boolean): string {
  const isWrapped = /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text) && text.includes("\n");
  if (isWrapped && isSecretRun(text.replaceAll(/\s/g, ""), holdsSecret, 1)) {
    return hidden;
  }
  return runsOf(text).reduce(
    (rest, runs) => rest.replace(runs, (run) => (isSecretRun(run, holdsSecret, 1) ? hidden : run)),
    text,
  );
}

function isSecretRun(run: string, holdsSecret: (decoded: string) => boolean, depth: number): boolean {
  return (
    run.length <= MAX_RUN &&
    mayBeEncoded(run) &&
    decodings(run).some(
      (decoded) =>
        holdsSecret(decoded) ||
        (depth < MAX_DEPTH &&
          runsOf(decoded).some((runs) =>
            (decoded.match(runs) ?? []).some((inner) => isSecretRun(inner, holdsSecret, depth + 1)),
          )),
    )
  );
}

/** What a run may say: only what reads as text, or holds the beginning of something that does. */
function decodings(run: string): string[] {
  if (run.includes("%")) {
    return [percentDecoded(run)];
  }
  const isHex = run.length % 2 === 0 && /^[0-9a-f]+$/i.test(run);
  const buffers = [Buffer.from(run, "base64"), ...(isHex ? [Buffer.from(run, "hex")] : [])];
  return buffers.flatMap((bytes) => texts(unpacked(bytes)));
}

/** Bytes as text; as UTF-16 where every second one is zero, as PowerShell encodes commands. */
function texts(bytes: Buffer): string[] {
  return bytes.length > 3 && bytes[1] === 0 && bytes[3] === 0 ? [bytes.toString("utf16le")] : [bytes.toString("utf8")];
}

/** What cloud-init unpacks. */
function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    return bytes;
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_RUN });
  } catch {
    return bytes;
  }
}

function percentDecoded(text: string): string {
  return Buffer.from(
    text
      .replaceAll("+", " ")
      .replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
}

/** A text as it stands in other text: as it is, in JSON, in JSON in JSON, in XML. */
export function writtenForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  // Go escapes more than JavaScript; JSON in JSON is escaped twice.
  const goJson = json.replaceAll(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  const xml = text.replaceAll(/[&<>"']/g, (sign) => XML[sign] ?? sign);
  return [text, json, goJson, JSON.stringify(json).slice(1, -1), xml];
}

/** The forms in which a text may stand elsewhere. */
export function encodedForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const wellFormed = bytes.toString("utf8");
  const uri = encodeURIComponent(wellFormed);
  const strict = uri.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (encoded: string): string => encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [
    ...writtenForms(text),
    ...[uri, strict, strict.replaceAll("%20", "+"), lower(uri), lower(strict)],
    ...[bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")],
    ...[bytes.toString("hex"), bytes.toString("hex").toUpperCase()],
  ];
}

const XML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
