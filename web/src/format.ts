// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: four significant digits, thousands separated, always with the unit.

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Without a unit: 1,234,567 · 12.35 · 0.00123 */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  const whole = 10 ** (digits - 1);
  if (size >= whole || Number.isInteger(value)) return minus(grouped.format(value));
  if (size < 1e-4) return minus(value.toExponential(2));
  return minus(trimmed(value.toPrecision(digits)));
}

/** All digits that matter, for filters and tables that are copied. */
export function exact(value: number | null): string {
  return value === null ? "" : String(Number(value.toPrecision(12)));
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function minus(text: string): string {
  return text.replace("-", "−");
}

const steps: [number, string][] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** With an SI prefix: 1.2M */
export function short(value: number, digits = 3): string {
  for (const [size, prefix] of steps)
    if (Math.abs(value) >= size) return `${number(value / size, digits)}${prefix}`;
  return number(value, digits);
}

/** On an axis, where there is little room. */
export function tick(value: number): string {
  return Math.abs(value) >= 1e5 ? short(value, 5) : number(value, 5);
}

/** `count` and `1` say no more than the number itself. */
export function unitOf(unit: string): string {
  return unit === "count" || unit === "1" ? "" : unit;
}

const plural: Record<string, string> = { cycle: "cycles", byte: "bytes", token: "tokens" };

export function quantity(value: number | null | undefined, unit: string, digits = 4): string {
  const text = number(value, digits);
  if (text === "–") return text;
  const shown = pluralUnit(unit);
  return shown === "" ? text : `${text} ${shown}`;
}

export function pluralUnit(unit: string): string {
  const shown = unitOf(unit);
  return plural[shown] ?? shown;
}

export function bytes(value: number): string {
  for (const [size, prefix] of steps)
    if (value >= size) return `${number(value / size, 4)} ${prefix}B`;
  return `${number(value)} bytes`;
}

export function cyclesToMs(cycles: number, clockMhz: number): number {
  return cycles / (clockMhz * 1e3);
}

/** Time of so many cycles in the unit that suits it. */
export function duration(cycles: number, clockMhz: number): string {
  const microseconds = cycles / clockMhz;
  if (microseconds >= 1000) return `${number(microseconds / 1000)} ms`;
  if (microseconds >= 1) return `${number(microseconds)} µs`;
  return `${number(microseconds * 1000)} ns`;
}

export function percent(share: number, digits = 3): string {
  return `${number(share * 100, digits)} %`;
}

export function plurals(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
