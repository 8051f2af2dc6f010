// SPDX-License-Identifier: Apache-2.0
// What an axis of a design space does to a number.

import type { Column } from "../payload";

/** Values of a column put into few classes: as they are, or in ranges of about equally many points. */
export interface Levels {
  names: string[];
  /** Per row; -1: not known. */
  of: Int32Array;
  /** Ranges instead of single values. */
  binned: boolean;
}

const mostLevels = 32;
const bins = 12;

export function levelsOf(
  column: Column,
  rows: ArrayLike<number>,
  show: (value: number) => string,
): Levels {
  const count = column.numbers?.length ?? column.texts?.length ?? 0;
  const of = new Int32Array(count).fill(-1);
  if (column.texts !== null) {
    const places = new Map<string, number>();
    for (let i = 0; i < rows.length; ++i) {
      const row = rows[i] as number;
      const text = column.texts[row] as string;
      if (!places.has(text)) places.set(text, places.size);
      of[row] = places.get(text) as number;
    }
    return { names: [...places.keys()], of, binned: false };
  }
  const numbers = column.numbers ?? [];
  const values: number[] = [];
  for (let i = 0; i < rows.length; ++i) {
    const value = numbers[rows[i] as number] ?? null;
    if (value !== null) values.push(value);
  }
  values.sort((a, b) => a - b);
  const distinct = values.filter((value, index) => index === 0 || value !== values[index - 1]);
  if (distinct.length <= mostLevels) {
    const places = new Map(distinct.map((value, place) => [value, place]));
    for (let i = 0; i < rows.length; ++i) {
      const row = rows[i] as number;
      of[row] = places.get(numbers[row] as number) ?? -1;
    }
    return { names: distinct.map(show), of, binned: false };
  }
  const edges: number[] = [];
  for (let bin = 0; bin <= bins; ++bin) {
    const edge = values[
      Math.min(values.length - 1, Math.floor((bin * values.length) / bins))
    ] as number;
    if (edge !== edges[edges.length - 1]) edges.push(edge);
  }
  for (let i = 0; i < rows.length; ++i) {
    const row = rows[i] as number;
    const value = numbers[row] ?? null;
    if (value === null) continue;
    let bin = 0;
    while (bin + 2 < edges.length && value >= (edges[bin + 1] as number)) ++bin;
    of[row] = bin;
  }
  return {
    names: edges
      .slice(0, -1)
      .map((edge, bin) => `${show(edge)} – ${show(edges[bin + 1] as number)}`),
    of,
    binned: true,
  };
}

export interface Effect {
  /** Var(E[y|x]) / Var(y); null where y does not vary. */
  share: number | null;
  levels: Levels;
  mean: (number | null)[];
  least: number[];
  most: number[];
  points: number[];
}

/** Of an axis on a metric, over the rows that have both. */
export function effectOf(
  levels: Levels,
  values: ArrayLike<number | null>,
  rows: ArrayLike<number>,
): Effect {
  const size = levels.names.length;
  const sums = new Float64Array(size);
  const points = new Array<number>(size).fill(0);
  const least = new Array<number>(size).fill(Number.POSITIVE_INFINITY);
  const most = new Array<number>(size).fill(Number.NEGATIVE_INFINITY);
  let count = 0;
  let total = 0;
  for (let i = 0; i < rows.length; ++i) {
    const row = rows[i] as number;
    const level = levels.of[row] as number;
    const value = values[row] ?? null;
    if (level < 0 || value === null) continue;
    sums[level] = (sums[level] as number) + value;
    points[level] = (points[level] as number) + 1;
    least[level] = Math.min(least[level] as number, value);
    most[level] = Math.max(most[level] as number, value);
    total += value;
    ++count;
  }
  const mean = count > 0 ? total / count : 0;
  let variance = 0;
  for (let i = 0; i < rows.length; ++i) {
    const row = rows[i] as number;
    const value = values[row] ?? null;
    if ((levels.of[row] as number) >= 0 && value !== null) variance += (value - mean) ** 2;
  }
  let between = 0;
  for (let level = 0; level < size; ++level) {
    const inLevel = points[level] as number;
    if (inLevel > 0) between += inLevel * ((sums[level] as number) / inLevel - mean) ** 2;
  }
  // what rounding leaves of a constant is no variance
  const varies = variance > 1e-18 * mean * mean * count && variance > 0;
  return {
    share: varies ? Math.min(1, between / variance) : null,
    levels,
    mean: points.map((inLevel, level) => (inLevel > 0 ? (sums[level] as number) / inLevel : null)),
    least,
    most,
    points,
  };
}
