import type { IncomingMessage } from "node:http";

/** What the server answers where it does not do what was asked. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1)(:\d{1,5})?$/i;

/** Sent with every answer. The page loads nothing but its own files, and nothing else may load or frame it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
};

/**
 * Refuses what does not come from this machine's own page. Another site that lets its name resolve to 127.0.0.1 (DNS
 * rebinding) still sends its own name as `Host`; a form or script of another site sends its own `Origin`.
 */
export function checkSender({ headers, method }: IncomingMessage): Refusal | undefined {
  const host = headers.host ?? "";
  if (!LOCAL_HOST.test(host)) {
    return { status: 403, message: `host ${JSON.stringify(host)} is refused: open the page at localhost or 127.0.0.1` };
  }
  const { origin } = headers;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return { status: 403, message: `origin ${JSON.stringify(origin)} is refused: only the page itself may ask` };
  }
  const site = headers["sec-fetch-site"];
  if (method === "POST" && site !== undefined && site !== "same-origin") {
    return { status: 403, message: `requests from ${JSON.stringify(site)} are refused: only the page itself may ask` };
  }
  return undefined;
}
