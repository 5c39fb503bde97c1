import type { Endpoints } from "../endpoints";
import type { Expectations } from "../expectations";
import type { AzureHttp } from "../http";

/** What sources read with and from. */
export interface Around {
  readonly http: AzureHttp;
  readonly endpoints: Endpoints;
  readonly expected: Expectations;
  /** The time that everything is judged at. */
  readonly now: Date;
}

/** A list, of which some may have been left out to keep the number of requests small. */
export interface Bounded<T> {
  readonly items: readonly T[];
  /** Whether there are more. */
  readonly isCut: boolean;
}
