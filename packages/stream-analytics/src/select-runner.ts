import { type AnomalyModels } from "./anomaly-functions";
import { compileExpression } from "./compile-expression";
import { type Evaluate, holds, type Scope } from "./scope";
import { QueryError } from "./query-error";
import { type Select, type Window } from "./syntax";
import { type Value } from "./values";

/** A row of a step: its columns, and its time. */
export interface Row {
  readonly record: Record<string, Value>;
  readonly time: number;
}

interface Group {
  readonly rows: Row[];
  /** The record that the grouping expressions and plain columns are read from. */
  readonly first: Row;
}

/** One running SELECT: takes the rows of its source in order of time and gives its own. */
export class SelectRunner {
  private readonly columns: readonly { readonly name: string; readonly evaluate: Evaluate }[];
  private readonly where: Evaluate | undefined;
  private readonly having: Evaluate | undefined;
  private readonly keys: readonly Evaluate[];
  private readonly lags: ((scope: Scope) => void)[] = [];
  private pending: Row[] = [];
  private nextEnd: number | undefined;

  constructor(
    private readonly select: Select,
    models: AnomalyModels,
  ) {
    const compile = (expression: Parameters<typeof compileExpression>[0]): Evaluate =>
      compileExpression(expression, models, this.lags);
    this.columns = select.columns.flatMap((column) =>
      column === "*" ? [] : [{ name: column.name, evaluate: compile(column.value) }],
    );
    this.where = select.where && compile(select.where);
    this.having = select.having && compile(select.having);
    this.keys = select.groupBy.map(compile);
    if (select.window !== undefined && this.lags.length > 0) {
      throw new QueryError("LAG beside a window is not evaluated here; compute it in a step before", 1, 1);
    }
  }

  push(row: Row): Row[] {
    const { window } = this.select;
    for (const see of this.lags) see(row);
    if (window === undefined) return holds(this.where, row) ? [this.project(row)] : [];
    const ended = this.advance(row.time - 1);
    if (holds(this.where, row)) {
      this.pending.push(row);
      // A window holds its end and not its start: (end - length, end].
      this.nextEnd ??= Math.ceil(row.time / window.hopMs) * window.hopMs;
    }
    return ended;
  }

  /** Ends the windows that lie before `time`, that is whose end is at most `time`. */
  advance(time: number): Row[] {
    const { window } = this.select;
    if (window === undefined) return [];
    const rows: Row[] = [];
    while (this.nextEnd !== undefined && this.nextEnd <= time) {
      rows.push(...this.endWindow(window, this.nextEnd));
    }
    return rows;
  }

  private endWindow(window: Window, end: number): Row[] {
    const groups = new Map<string, Group>();
    for (const row of this.pending) {
      if (row.time > end || row.time <= end - window.lengthMs) continue;
      const key = JSON.stringify(this.keys.map((evaluate) => evaluate(row)));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { rows: [row], first: row });
      else group.rows.push(row);
    }
    this.pending = this.pending.filter((row) => row.time > end + window.hopMs - window.lengthMs);
    this.nextEnd = this.pending.length === 0 ? undefined : this.followingEnd(window, end);
    return [...groups.values()].flatMap(({ rows, first }) => {
      const scope: Scope = { record: first.record, time: end, rows };
      return holds(this.having, scope) ? [this.project(scope)] : [];
    });
  }

  /** The next window that can hold a pending row: empty ones report nothing. */
  private followingEnd(window: Window, end: number): number {
    const earliest = this.pending[0]?.time ?? end;
    return Math.max(end + window.hopMs, Math.ceil(earliest / window.hopMs) * window.hopMs);
  }

  private project(scope: Scope): Row {
    const record: Record<string, Value> = {};
    for (const column of this.select.columns) {
      if (column === "*") Object.assign(record, scope.record);
    }
    for (const { name, evaluate } of this.columns) record[name] = evaluate(scope);
    return { record, time: scope.time };
  }
}
