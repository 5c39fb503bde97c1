/** A number with separators. */
export const count = (value: number): string => value.toLocaleString("en");

/** A duration in hours, or a shorter one in minutes. */
export const hours = (value: number): string =>
  value < 1 ? minutes(value * 60) : `${value.toLocaleString("en", { maximumFractionDigits: 1 })} h`;

/** A duration in minutes, or a longer one in hours. */
export const minutes = (value: number): string =>
  value < 1
    ? "under a minute"
    : value >= 120
      ? hours(value / 60)
      : `${value.toLocaleString("en", { maximumFractionDigits: 0 })} min`;

/** Columns as wide as what they hold; what is coloured stands last. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
