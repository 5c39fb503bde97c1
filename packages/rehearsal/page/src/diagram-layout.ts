import type { Description } from "../../src/server/frames";

export const CLOUD = "$upstream";
export const LEAF = "leaf";

export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Names of the routes that this line stands for. */
  readonly routes: readonly string[];
  /** An SVG path. */
  readonly path: string;
  readonly labelX: number;
  readonly labelY: number;
  readonly anchor: "start" | "end";
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
}

/** Sizes along the way of a message (`depth`) and across it (`lane`), in pixels. */
interface Sizes {
  readonly depth: number;
  readonly gap: number;
  readonly lane: number;
  readonly free: number;
  readonly span: number;
}

/** Module of a place such as `module/input`. */
export const moduleOf = (place: string): string => place.split("/")[0] ?? place;

/**
 * Places sensors at one end, the cloud at the other and each module between them in a lane of its own, so that a line
 * which passes a module never crosses it. Wide screens read it from left to right, narrow ones from top to bottom.
 */
export function layOut(routes: Description["routes"], width: number): Layout {
  const isWide = width >= 640;
  const links = linksOf(routes);
  const ids = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  const rank = rankOf(ids, links);
  const middle = ids
    .filter((id) => id !== CLOUD && (rank.get(id) ?? 0) > 0)
    .sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
  const sources = ids.filter((id) => id !== CLOUD && rank.get(id) === 0);
  const depths = Math.max(1, ...middle.map((id) => rank.get(id) ?? 0));
  const hasFreeLane = links.some(({ from, to }) => to === CLOUD && sources.includes(from));
  const lanes = Math.max(1, middle.length);
  const sizes = isWide ? wide(width, depths) : narrow(width, lanes, hasFreeLane);
  const free = hasFreeLane ? sizes.free : 0;
  const across = free + lanes * sizes.lane;
  const along = sizes.depth * 2 + depths * (sizes.depth + sizes.gap) + sizes.gap;

  const place = (id: string, at: number, size: number, lane: number, span: number): Box =>
    isWide ? { id, x: at, y: lane, width: size, height: span } : { id, x: lane, y: at, width: span, height: size };
  const boxes = [
    ...sources.map((id, index) => {
      const share = across / sources.length;
      return place(id, 0, sizes.depth, index * share + (index > 0 ? 6 : 0), share - (index > 0 ? 6 : 0));
    }),
    ...middle.map((id, index) => {
      const at = (sizes.depth + sizes.gap) * (rank.get(id) ?? 1);
      const lane = free + index * sizes.lane + (sizes.lane - sizes.span) / 2;
      return place(id, at, sizes.depth, lane, sizes.span);
    }),
    place(CLOUD, along - sizes.depth, sizes.depth, 0, across),
  ].map((box) => ({ ...box, x: box.x + 1, y: box.y + 1 }));

  const byId = new Map(boxes.map((box) => [box.id, box]));
  const laneCentre = (id: string): number | undefined => {
    const index = middle.indexOf(id);
    return index < 0 ? undefined : free + (index + 0.5) * sizes.lane + 1;
  };
  const edges = links.flatMap((link) => {
    const [from, to] = [byId.get(link.from), byId.get(link.to)];
    if (from === undefined || to === undefined) {
      return [];
    }
    // Ends that share a side of a module stand beside each other.
    const incoming = links.filter(({ to: other }) => other === link.to);
    const shift = (incoming.indexOf(link) - (incoming.length - 1) / 2) * (isWide ? 24 : 44);
    const target = laneCentre(link.to);
    const source = laneCentre(link.from);
    const end = target === undefined ? (source ?? free / 2) : target + shift;
    const start = source ?? clamp(end, from, isWide);
    const a = isWide ? { x: from.x + from.width, y: start } : { x: start, y: from.y + from.height };
    const b = isWide ? { x: to.x, y: end } : { x: end, y: to.y };
    const anchor: Edge["anchor"] = isWide || (target !== undefined && shift < 0) ? "end" : "start";
    return [{ ...link, ...curve(a, b, isWide, anchor), anchor }];
  });
  return isWide ? { width, height: across + 2, boxes, edges } : { width, height: along + 2, boxes, edges };
}

function wide(width: number, depths: number): Sizes {
  const depth = Math.min(180, (width - 2) / (depths + 2) / 1.6);
  const gap = (width - 2 - depth * (depths + 2)) / (depths + 1);
  return { depth, gap, lane: 84, free: 40, span: 68 };
}

function narrow(width: number, lanes: number, hasFreeLane: boolean): Sizes {
  const free = hasFreeLane ? 46 : 0;
  const lane = (width - 2 - free) / lanes;
  return { depth: 66, gap: 52, lane, free: 46, span: lane - 6 };
}

function linksOf(routes: Description["routes"]): { from: string; to: string; routes: string[] }[] {
  const links = new Map<string, { from: string; to: string; routes: string[] }>();
  for (const { name, from, to } of routes) {
    const link = { from: moduleOf(from), to: to === CLOUD ? CLOUD : moduleOf(to), routes: [name] };
    const key = `${link.from} ${link.to}`;
    const found = links.get(key);
    if (found === undefined) {
      links.set(key, link);
    } else {
      found.routes.push(name);
    }
  }
  return [...links.values()];
}

/** How many modules a message passes at most before it arrives; routes that form a circle count once. */
function rankOf(ids: readonly string[], links: readonly { from: string; to: string }[]): Map<string, number> {
  const depth = (id: string, seen: ReadonlySet<string>): number =>
    Math.max(
      0,
      ...links
        .filter(({ from, to }) => to === id && !seen.has(from))
        .map(({ from }) => 1 + depth(from, new Set([...seen, from]))),
    );
  return new Map(ids.map((id) => [id, depth(id, new Set([id]))]));
}

function clamp(at: number, box: Box, isWide: boolean): number {
  const [low, size] = isWide ? [box.y, box.height] : [box.x, box.width];
  return Math.min(Math.max(at, low + 14), low + size - 14);
}

function curve(
  a: { x: number; y: number },
  b: { x: number; y: number },
  isWide: boolean,
  anchor: Edge["anchor"],
): { path: string; labelX: number; labelY: number } {
  const end = isWide ? { x: b.x - 7, y: b.y } : { x: b.x, y: b.y - 7 };
  // The last pixels are straight: they give the arrow its direction.
  const reach = Math.min((isWide ? end.x - a.x : end.y - a.y) - 6, 90) / 2;
  const path = isWide
    ? `M${a.x} ${a.y}C${a.x + reach} ${a.y} ${a.x + reach} ${end.y} ${a.x + 2 * reach} ${end.y}L${end.x} ${end.y}`
    : `M${a.x} ${a.y}C${a.x} ${a.y + reach} ${end.x} ${a.y + reach} ${end.x} ${a.y + 2 * reach}L${end.x} ${end.y}`;
  return isWide
    ? { path, labelX: end.x - 12, labelY: end.y - 6 }
    : { path, labelX: end.x + (anchor === "end" ? -6 : 6), labelY: end.y - 8 };
}
