/** Colours of the style sheet, for what is drawn on a canvas. */
export interface Colours {
  readonly line: string;
  readonly band: string;
  readonly alert: string;
  readonly alertArea: string;
  readonly query: string;
  readonly action: string;
  readonly grid: string;
  readonly text: string;
  readonly surface: string;
}

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    line: colour("accent"),
    band: colour("band"),
    alert: colour("bad"),
    alertArea: colour("bad-area"),
    query: colour("query"),
    action: colour("muted"),
    grid: colour("grid"),
    text: colour("muted"),
    surface: colour("surface"),
  };
}

export function onThemeChange(listener: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
}

export function prefersReducedMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
