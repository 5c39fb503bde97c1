import type { WrittenElement } from "./written-element";

/** What rules know of the stack around an element. */
export interface PolicyContext {
  /** Regions in which resources may be, by their programmatic names. */
  readonly allowedRegions: readonly string[];
  /** Days for which Log Analytics must keep logs at least. */
  readonly minimumLogRetentionDays: number;
  /** Days for which deleted data must be recoverable at least. */
  readonly minimumSoftDeleteDays: number;
  /** Whether what holds data must refuse its destruction. */
  readonly preventDestroy: boolean;
  /** Tags that everything must have. */
  readonly requiredTags: readonly string[];
  /** Everything in the stack. */
  readonly subjects: readonly WrittenElement[];
}

const REFERENCE = /\b((?:azurerm|azapi)_[a-z0-9_]+\.[A-Za-z_][A-Za-z0-9_-]*)/g;

/** Addresses of the resources that a text refers to. */
export function referencesIn(text: unknown): ReadonlySet<string> {
  const written = typeof text === "string" ? text : (JSON.stringify(text) as string | undefined);
  return new Set([...(written ?? "").matchAll(REFERENCE)].map((match) => match[1] ?? ""));
}
