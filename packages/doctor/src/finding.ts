/** `broken`: something does not work now. `finding`: it works, and will not for long, or not as configured. */
export type Level = "broken" | "finding";

/** What a check found. */
export interface Found {
  /** What it is about: a device, a rule, a deployment. Several of a kind are one finding where they have one cause. */
  readonly subject: string;
  /** What is wrong, in a sentence. */
  readonly what: string;
  /** Since when, ISO 8601. @default - not known */
  readonly since?: string;
  /** What to do, where it differs from what the check says. */
  readonly remedy?: string;
  /** How bad it is, where it differs from what the check says. */
  readonly level?: Level;
}

/** A finding as reports show it. */
export interface Finding extends Found {
  /** Id of the check. */
  readonly check: string;
  readonly level: Level;
  /** Why it matters. */
  readonly why: string;
  /** What to do. */
  readonly remedy: string;
  /** The page that helps, relative to the repository. */
  readonly page: string;
}

/** Checks that could not be made, for one reason. */
export interface NotChecked {
  /** Why, on one line. */
  readonly reason: string;
  /** Ids of the checks. */
  readonly checks: readonly string[];
}

/** Something worth knowing that is not wrong. */
export interface Fact {
  readonly what: string;
  readonly value: string;
}

/** What an examination came to. */
export interface Report {
  readonly environment: string;
  /** When it was made, ISO 8601. */
  readonly at: string;
  /** `healthy` only where every check was made and found nothing. */
  readonly verdict: "healthy" | "findings" | "broken";
  /** Whether the environment is there; where it is not, only what a deployment needs was checked. */
  readonly deployed: boolean | undefined;
  /** Broken ones first. */
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
  readonly facts: readonly Fact[];
  /** Checks that were made. */
  readonly checks: number;
  /** Requests that it took. */
  readonly requests: number;
  readonly seconds: number;
}
