import type uPlot from "uplot";
import type { Episode, PlacedAction } from "../../src/server/frames";
import { labelOf } from "./action-labels";
import type { Colours } from "./theme";

export interface Marks {
  readonly episodes: readonly Episode[];
  readonly actions: readonly PlacedAction[];
  /** Milliseconds since 1970, where open episodes end for now. */
  readonly now: number;
}

/** Under the line: the time in which an episode was open. */
export function drawEpisodeAreas(chart: uPlot, { episodes, now }: Marks, colours: Colours): void {
  const { ctx, bbox } = chart;
  clipped(chart, () => {
    for (const episode of episodes) {
      if (episode.source === "detector") {
        const left = chart.valToPos(episode.openedAt / 1000, "x", true);
        const right = chart.valToPos((episode.closedAt ?? now) / 1000, "x", true);
        ctx.fillStyle = colours.alertArea;
        ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * devicePixelRatio), bbox.height);
        ctx.fillStyle = colours.alert;
        ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * devicePixelRatio), 3 * devicePixelRatio);
      }
    }
  });
}

/** Over the line: where episodes opened, rows of the query, and what was done to the system. */
export function drawMarks(chart: uPlot, { episodes, actions }: Marks, colours: Colours): void {
  const { ctx, bbox } = chart;
  const unit = devicePixelRatio;
  clipped(chart, () => {
    let labelEnd = -Infinity;
    ctx.font = `${11 * unit}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    for (const { readingTime, action } of actions) {
      const x = Math.round(chart.valToPos(readingTime / 1000, "x", true));
      ctx.strokeStyle = colours.action;
      ctx.lineWidth = unit;
      ctx.setLineDash([3 * unit, 3 * unit]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
      const label = labelOf(action).toLowerCase();
      const { width } = ctx.measureText(label);
      if (x > labelEnd && x + width + 6 * unit < bbox.left + bbox.width) {
        const bottom = bbox.top + bbox.height - 3 * unit;
        ctx.fillStyle = colours.surface;
        ctx.globalAlpha = 0.85;
        ctx.fillRect(x + unit, bottom - 13 * unit, width + 6 * unit, 14 * unit);
        ctx.globalAlpha = 1;
        ctx.fillStyle = colours.text;
        ctx.fillText(label, x + 4 * unit, bottom);
        labelEnd = x + width + 8 * unit;
      }
    }
    for (const episode of episodes) {
      const x = chart.valToPos(episode.openedAt / 1000, "x", true);
      if (episode.source === "detector") {
        drawFlag(ctx, x, bbox.top, unit, colours.alert);
      } else {
        const y = episode.value === undefined ? bbox.top + 18 * unit : chart.valToPos(episode.value, "y", true);
        drawDiamond(ctx, x, Math.max(y, bbox.top + 6 * unit), unit, colours);
      }
    }
  });
}

function clipped(chart: uPlot, draw: () => void): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

function drawFlag(ctx: CanvasRenderingContext2D, x: number, top: number, unit: number, colour: string): void {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x + 11 * unit, top);
  ctx.lineTo(x, top + 11 * unit);
  ctx.closePath();
  ctx.fill();
}

function drawDiamond(ctx: CanvasRenderingContext2D, x: number, y: number, unit: number, colours: Colours): void {
  const size = 5 * unit;
  ctx.fillStyle = colours.query;
  ctx.strokeStyle = colours.surface;
  ctx.lineWidth = 1.5 * unit;
  ctx.beginPath();
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size, y);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
}
