// SPDX-License-Identifier: Apache-2.0
// What the parts of the report of a run share.

import type { LegendItem } from "../chart";
import type { Run } from "../payload";
import { page } from "../state";
import { colorOf, type Theme } from "../theme";

export function run(): Run {
  return page().run as Run;
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; ++i) total += values[i] as number;
  return total;
}

export function causeLegend(theme: Theme): LegendItem[] {
  return run().causes.map(({ name, explain }) => ({ name, explain, color: colorOf(name, theme) }));
}

export function groupLegend(theme: Theme): LegendItem[] {
  return run()
    .groups.filter(({ cycles, energy_mj }) => cycles > 0 || energy_mj > 0)
    .map(({ name, explain }) => ({ name, explain, color: colorOf(name, theme) }));
}

/** What is in no block is called by where it is: in front of the blocks or behind them. */
export function blockNames(): (operator: number) => string {
  const { block } = run().operators;
  const first = block.findIndex((number) => number > 0);
  return (i) => {
    if ((block[i] as number) > 0) return `block ${block[i]}`;
    return i < first ? "embedding" : "head";
  };
}

export function blockLabel(name: string): string {
  return name.replace("block ", "");
}
