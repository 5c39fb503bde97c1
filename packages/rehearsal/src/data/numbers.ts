/** How a file writes the fraction of a number. */
export type DecimalMark = "." | ",";

const MISSING = new Set(["", "null", "nan", "na", "n/a", "-", "none", "\\n"]);

/** A number, null where the cell says that there is none, undefined where it is something else. */
export function readNumber(cell: unknown, mark: DecimalMark): number | null | undefined {
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : null;
  if (cell === null || cell === undefined) return null;
  if (typeof cell !== "string") return undefined;
  const text = cell.trim();
  // What most cells are, before anything is taken apart.
  if (mark === "." && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (MISSING.has(text.toLowerCase())) return null;
  const grouped =
    mark === "." ? /^[+-]?\d{1,3}([, '\u00a0\u202f]\d{3})+(\.\d+)?$/ : /^[+-]?\d{1,3}([. '\u00a0\u202f]\d{3})+(,\d+)?$/;
  const bare = grouped.test(text) ? text.replace(mark === "." ? /[, '\u00a0\u202f]/g : /[. '\u00a0\u202f]/g, "") : text;
  const plain = mark === "," ? bare.replace(",", ".") : bare;
  if (mark === "," && bare.includes(".")) return undefined;
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(plain) && Number.isFinite(Number(plain))
    ? Number(plain)
    : undefined;
}

export interface MarkFound {
  readonly mark: DecimalMark;
  /** Said where it was assumed. */
  readonly note?: string;
}

/** The decimal mark that cells show; undefined where they contradict each other. */
export function decimalMarkOf(cells: readonly string[], delimiter: string | undefined): MarkFound | undefined {
  let [comma, point, either] = [0, 0, 0];
  for (const cell of cells.map((text) => text.trim())) {
    if (
      /^[+-]?\d*,(\d{1,2}|\d{4,})$/.test(cell) ||
      /^[+-]?0,\d+$/.test(cell) ||
      /^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(cell)
    )
      comma += 1;
    else if (
      /^[+-]?\d*\.(\d{1,2}|\d{4,})(e[+-]?\d+)?$/i.test(cell) ||
      /^[+-]?0\.\d+$/.test(cell) ||
      /^[+-]?\d{1,3}(,\d{3})+\.\d+$/.test(cell)
    )
      point += 1;
    else if (/^[+-]?\d+,\d{3}$/.test(cell)) either += 1;
  }
  if (comma > 0 && point > 0) return undefined;
  if (comma > 0) return { mark: ",", note: "decimal commas" };
  if (point > 0 || either === 0) return { mark: "." };
  // 1,234 alone: a thousand where commas separate fields, a fraction where something else does.
  return delimiter === "," || delimiter === undefined
    ? { mark: ".", note: "numbers such as 1,234 are read as thousands (--decimal , reads fractions)" }
    : { mark: ",", note: "numbers such as 1,234 are read with decimal commas (--decimal . reads thousands)" };
}
