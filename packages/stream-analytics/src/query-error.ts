/** A query that this evaluator cannot run: a syntax error, or a part of the language that it does not have. */
export class QueryError extends Error {
  override readonly name = "QueryError";

  constructor(
    message: string,
    /** Line in the query, from 1. */
    readonly line: number,
    /** Column in that line, from 1. */
    readonly column: number,
  ) {
    super(`query line ${line}, column ${column}: ${message}`);
  }
}

/** What stops a running job: Stream Analytics ends a job whose `CAST` fails (learn.microsoft.com, CAST). */
export class JobFailure extends Error {
  override readonly name = "JobFailure";
}
