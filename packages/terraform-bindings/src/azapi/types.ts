import type { IResolvable } from "cdktf";

/** A value of a request body: JSON, with Terraform references anywhere in it. */
export type Json =
  string | number | boolean | IResolvable | readonly Json[] | { readonly [property: string]: Json | undefined };

/** A request body. Property names are ARM's own and are sent as written. */
export type Body = Readonly<Record<string, Json>>;

/** Versions of a write-only body by property path (`properties.jobStorageAccount.accountKey`): a new version sends it again. */
export type SensitiveBodyVersion = Readonly<Record<string, string>>;

/** Names for parts of an answer and the JMESPath that finds them: `{ status: "status" }`. */
export type ResponseExports = Readonly<Record<string, string>>;

/** Extra query parameters of a request; each may stand several times. */
export type QueryParameters = Readonly<Record<string, readonly string[]>>;

/** Extra headers of a request. */
export type Headers = Readonly<Record<string, string>>;

/** How long an operation may take, as Go durations: `30m`, `1h30m`. */
export interface Timeouts {
  readonly create?: string;
  readonly read?: string;
  readonly update?: string;
  readonly delete?: string;
}

/** Errors on which a request is sent again until its timeout. */
export interface Retry {
  /** Regular expressions (Go RE2); a request is repeated when any matches the error's text. */
  readonly errorMessageRegex: readonly string[];
  /** First pause, in seconds. @default 10 */
  readonly intervalSeconds?: number;
  /** Longest pause, in seconds. @default 180 */
  readonly maxIntervalSeconds?: number;
}

/** `Microsoft.Logic/workflows@2019-05-01` without the API version. */
export function armTypeOf(type: string): string {
  return type.split("@", 1)[0] ?? type;
}

/** `retry` as Terraform spells it. */
export function retryToTerraform(retry: Retry | undefined): Record<string, unknown> | undefined {
  return (
    retry && {
      error_message_regex: retry.errorMessageRegex,
      interval_seconds: retry.intervalSeconds,
      max_interval_seconds: retry.maxIntervalSeconds,
    }
  );
}
