const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function count(value: number): string {
  return whole.format(value);
}

/** A measured value, as exact as a person reads it. */
export function measured(value: number): string {
  return value.toFixed(Math.abs(value) >= 1000 ? 0 : 2);
}

export function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : whole.format(perSecond);
}

export function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(1) : whole.format(value);
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? size.toFixed(0) : size.toFixed(1)} ${units[unit] ?? ""}`;
}

export function timeOfDay(milliseconds: number): string {
  return clock.format(milliseconds);
}

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0
    ? `${hours} h ${minutes % 60} min`
    : minutes > 0
      ? `${minutes} min ${seconds % 60} s`
      : `${seconds} s`;
}

/** `1 alert`, `2 alerts`. */
export function plural(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}
