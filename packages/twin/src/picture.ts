import { twinId } from "./ids";
import { compare, type PlacedMachine, placedMachines, type Plant } from "./plant";

/** Machines that a picture shows; a larger plant says how many are left out. */
const MAX_MACHINES = 60;

const ROW = 46;
const BOX = 32;
const TOP = 64;
/** Left edges of the columns and the widths of their boxes, in pixels. */
const COLUMNS = {
  site: { x: 16, width: 120 },
  line: { x: 176, width: 120 },
  machine: { x: 336, width: 190 },
  signal: { x: 566, width: 0 },
  detector: { x: 890, width: 190 },
} as const;
const WIDTH = 1096;
const SIGNAL_WIDTH = 98;
const SIGNALS_SHOWN = 3;

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #1b1f24 }
.head { font-weight: 600; fill: #57606a }
rect { fill: #fff; stroke: #8c959f }
.site { fill: #ddf4ff; stroke: #0969da }
.line { fill: #fff8c5; stroke: #9a6700 }
.machine { fill: #dafbe1; stroke: #1a7f37 }
.detector { fill: #fbefff; stroke: #8250df }
path { fill: none; stroke: #8c959f }
.watches { stroke: #8250df; stroke-dasharray: 4 3 }
.ground { fill: #fff; stroke: none }`;

interface Placed {
  readonly id: string;
  readonly text: string;
  readonly kind: keyof typeof COLUMNS;
  readonly y: number;
}

/**
 * A plant's graph as an SVG: sites, lines and machines from left to right with their signals, and the detectors that watch them. The
 * same plant gives the same text.
 */
export function picture(plant: Plant): string {
  const all = placedMachines(plant).sort(
    (a, b) => compare(a.site, b.site) || compare(a.line ?? "", b.line ?? "") || compare(a.id, b.id),
  );
  const machines = all.slice(0, MAX_MACHINES);
  const rows = new Map(machines.map(({ id }, index) => [id, TOP + index * ROW]));
  const boxes = [
    ...machines.map((machine): Placed => box("machine", machine.id, machine.name, rows.get(machine.id) ?? TOP)),
    ...grouped(machines, rows, ({ site }) => site).map(({ key, y }) => box("site", key, key, y)),
    ...grouped(machines, rows, lineKey).map(({ key, y, first }) => box("line", key, first.line ?? "", y)),
    ...detectorBoxes(plant, machines, rows),
  ];
  const byId = new Map(boxes.map((one) => [`${one.kind} ${one.id}`, one]));
  const lastRow = Math.max(TOP, ...boxes.map(({ y }) => y));
  const left = all.length - machines.length;
  const height = lastRow + ROW + (left > 0 ? 28 : 8);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(`The twins of ${plant.name}: ${all.length} machines`)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    ...Object.entries({ site: "Site", line: "Line", machine: "Machine", signal: "Signals", detector: "Detector" }).map(
      ([kind, text]) => `<text class="head" x="${COLUMNS[kind as keyof typeof COLUMNS].x}" y="36">${text}</text>`,
    ),
    ...lines(machines, plant, byId),
    ...boxes.map(drawn),
    ...machines.flatMap(({ id }) => signals(plant, rows.get(id) ?? TOP)),
    ...(left > 0 ? [`<text x="${COLUMNS.machine.x}" y="${height - 12}">and ${left} more machines</text>`] : []),
    "</svg>",
    "",
  ].join("\n");
}

const box = (kind: Placed["kind"], id: string, text: string, y: number): Placed => ({ kind, id, text, y });

const lineKey = ({ site, line }: PlacedMachine): string | undefined =>
  line === undefined ? undefined : twinId("line", site, line);

/** Groups of machines, each beside the middle of its machines. */
function grouped(
  machines: readonly PlacedMachine[],
  rows: ReadonlyMap<string, number>,
  keyOf: (machine: PlacedMachine) => string | undefined,
): { readonly key: string; readonly y: number; readonly first: PlacedMachine }[] {
  const groups = new Map<string, PlacedMachine[]>();
  for (const machine of machines) {
    const key = keyOf(machine);
    if (key !== undefined) {
      groups.set(key, [...(groups.get(key) ?? []), machine]);
    }
  }
  return [...groups].flatMap(([key, members]) => {
    const [first] = members;
    const ys = members.map(({ id }) => rows.get(id) ?? TOP);
    return first === undefined ? [] : [{ key, first, y: (Math.min(...ys) + Math.max(...ys)) / 2 }];
  });
}

/** Detectors beside the machines that they watch; those that watch none below. */
function detectorBoxes(plant: Plant, machines: readonly PlacedMachine[], rows: ReadonlyMap<string, number>): Placed[] {
  const watching = grouped(machines, rows, ({ analysedBy }) => analysedBy).map(({ key, y }) => ({ key, y }));
  const known = new Set(watching.map(({ key }) => key));
  const below = TOP + machines.length * ROW;
  const idle = plant.devices
    .filter(({ id, isEdge }) => isEdge !== false && !known.has(id) && plant.modules.length > 0)
    .slice(0, MAX_MACHINES)
    .map(({ id }, index) => ({ key: id, y: below + index * ROW }));
  return [...watching, ...idle].map(({ key, y }) => box("detector", key, key, y));
}

function lines(machines: readonly PlacedMachine[], plant: Plant, byId: ReadonlyMap<string, Placed>): string[] {
  const between = (from: string, to: string): string[] => {
    const [a, b] = [byId.get(from), byId.get(to)];
    return a === undefined || b === undefined ? [] : [curve(a, b)];
  };
  const paths = [
    ...machines.flatMap((machine) => {
      const { id, site, analysedBy } = machine;
      const line = lineKey(machine);
      return [
        ...(line === undefined
          ? between(`site ${site}`, `machine ${id}`)
          : [...between(`site ${site}`, `line ${line}`), ...between(`line ${line}`, `machine ${id}`)]),
        ...watching(byId.get(`machine ${id}`), byId.get(`detector ${analysedBy ?? ""}`)),
      ];
    }),
    ...plant.devices.flatMap(({ id, parent }) =>
      parent === undefined ? [] : connection(byId.get(`detector ${id}`), byId.get(`detector ${parent}`)),
    ),
  ];
  return [...new Set(paths)];
}

function curve(from: Placed, to: Placed): string {
  const start = COLUMNS[from.kind].x + COLUMNS[from.kind].width;
  const end = COLUMNS[to.kind].x;
  const [y1, y2] = [from.y + BOX / 2, to.y + BOX / 2];
  const middle = (start + end) / 2;
  return `<path d="M${start} ${y1} C${middle} ${y1} ${middle} ${y2} ${end} ${y2}"/>`;
}

/** From a machine to its detector, below the machine's signals. */
function watching(machine: Placed | undefined, detector: Placed | undefined): string[] {
  if (machine === undefined || detector === undefined) {
    return [];
  }
  const start = COLUMNS.machine.x + COLUMNS.machine.width;
  const end = COLUMNS.detector.x;
  const [from, below, to] = [machine.y + BOX - 6, machine.y + BOX + 5, detector.y + BOX - 6];
  return [`<path class="watches" d="M${start} ${from} L${start + 16} ${below} L${end - 16} ${below} L${end} ${to}"/>`];
}

/** Between two detectors, one of which reaches the hub through the other. */
function connection(from: Placed | undefined, to: Placed | undefined): string[] {
  if (from === undefined || to === undefined) {
    return [];
  }
  const x = COLUMNS.detector.x + COLUMNS.detector.width / 2;
  const [upper, lower] = from.y < to.y ? [from, to] : [to, from];
  return [`<path d="M${x} ${upper.y + BOX} L${x} ${lower.y}"/>`];
}

function drawn({ kind, text, y }: Placed): string {
  const { x, width } = COLUMNS[kind];
  return (
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${BOX}" rx="5"/>` +
    `<text x="${x + 10}" y="${y + 21}">${escaped(fitting(text, width))}</text>`
  );
}

function signals({ signals: all }: Plant, y: number): string[] {
  const { x } = COLUMNS.signal;
  const start = COLUMNS.machine.x + COLUMNS.machine.width;
  const line = all.length === 0 ? [] : [`<path d="M${start} ${y + BOX / 2} L${x} ${y + BOX / 2}"/>`];
  const chips = all.slice(0, SIGNALS_SHOWN).map(({ name }, index) => {
    const isLast = index === SIGNALS_SHOWN - 1 && all.length > SIGNALS_SHOWN;
    const text = isLast ? `and ${all.length - index} more` : name;
    const left = x + index * (SIGNAL_WIDTH + 6);
    return (
      `<rect x="${left}" y="${y + 4}" width="${SIGNAL_WIDTH}" height="${BOX - 8}" rx="12"/>` +
      `<text x="${left + 8}" y="${y + 21}">${escaped(fitting(text, SIGNAL_WIDTH))}</text>`
    );
  });
  return [...line, ...chips];
}

/** Pixels of a character, about. */
const CHARACTER = 7.2;

function fitting(text: string, width: number): string {
  const room = Math.floor((width - 16) / CHARACTER);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"\u0000-\u001f]/g, (character) => ENTITIES[character] ?? "\ufffd");

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
