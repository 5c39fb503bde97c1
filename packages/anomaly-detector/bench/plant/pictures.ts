import { FAULTS } from "./faults";
import type { Found } from "./run";

const CELL = { width: 74, height: 20 } as const;
const LABEL = 210;

const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** A table of shares or counts as a picture: the darker a cell the better; its number stands in it. */
function heat(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly [string, readonly (number | undefined)[]])[],
  goodness: (value: number) => number,
): string {
  const width = LABEL + columns.length * CELL.width + 10;
  const height = 50 + rows.length * CELL.height;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="11">`,
    `<title>${escape(title)}</title><rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="6" y="16" font-size="12" font-weight="bold">${escape(title)}</text>`,
    ...columns.map(
      (name, i) => `<text x="${LABEL + (i + 0.5) * CELL.width}" y="38" text-anchor="middle">${escape(name)}</text>`,
    ),
  ];
  rows.forEach(([name, values], r) => {
    const y = 44 + r * CELL.height;
    parts.push(`<text x="6" y="${y + 14}">${escape(name)}</text>`);
    values.forEach((value, c) => {
      if (value === undefined) return;
      const good = Math.min(Math.max(goodness(value), 0), 1);
      const fill = `hsl(${Math.round(10 + 190 * good)},60%,${Math.round(88 - 22 * good)}%)`;
      const x = LABEL + c * CELL.width;
      parts.push(
        `<rect x="${x + 1}" y="${y + 1}" width="${CELL.width - 2}" height="${CELL.height - 2}" fill="${fill}"/>`,
        `<text x="${x + CELL.width / 2}" y="${y + 14}" text-anchor="middle">${Number(value.toFixed(1))}</text>`,
      );
    });
  });
  return `${parts.join("\n")}\n</svg>\n`;
}

/** Pictures of the suite's results: false alerts by kind of normal, faults found by kind of fault. */
export function draw(results: Readonly<Record<string, unknown>>): Record<string, string> {
  const pictures: Record<string, string> = {};
  const falseAlerts = results.falseAlerts as Record<string, Record<string, number>> | undefined;
  if (falseAlerts) {
    const columns = Object.keys(Object.values(falseAlerts)[0] ?? {});
    const rows = Object.entries(falseAlerts).map(([name, row]) => [name, columns.map((each) => row[each])] as const);
    pictures["false-alerts"] = heat(
      "False alerts of a machine in a month, by message interval",
      columns,
      rows,
      (n) => 1 - n / 12,
    );
  }
  const faults = results.faults as Record<string, Record<string, Record<string, Found>>> | undefined;
  if (faults) {
    const columns = Object.keys(Object.values(faults)[0] ?? {});
    const rows = FAULTS.map(({ name }) => {
      const values = columns.map((rate) => {
        const all = Object.values(faults[name]?.[rate] ?? {});
        const trials = all.reduce((sum, each) => sum + each.trials, 0);
        return trials === 0 ? undefined : (100 * all.reduce((sum, each) => sum + each.withinTwo, 0)) / trials;
      });
      return [name, values] as const;
    });
    pictures.faults = heat(
      "Faults found of 100 within two hours or 120 messages, all kinds of normal",
      columns,
      rows,
      (n) => n / 100,
    );
  }
  return pictures;
}
