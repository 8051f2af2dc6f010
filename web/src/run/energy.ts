// SPDX-License-Identifier: Apache-2.0
// Energy by part of the chip and by block.

import { categories, chart, highest, stacked, tip, tooltip, xValues, yValues } from "../chart";
import { number, percent, quantity } from "../format";
import { row, type Section, section } from "../layout";
import { colorOf } from "../theme";
import { blockLabel, blockNames, groupLegend, run, sum } from "./state";

export function energySection(): Section {
  const { energy } = run();
  const parts = chart({
    name: "energy-parts",
    title: "Energy by part of the chip",
    subtitle: () => "mJ per image, mean",
    height: () => 50 + 34 * run().energy.parts.length,
    half: true,
    description: () =>
      `Energy by part: ${run()
        .energy.parts.map((part) => `${part.name} ${quantity(part.mj, "mJ")}`)
        .join(", ")}.`,
    data: () => [
      { name: "part", texts: run().energy.parts.map(({ name }) => name) },
      {
        name: "energy",
        explain: "energy_mj",
        unit: "mJ",
        numbers: run().energy.parts.map(({ mj }) => mj),
      },
      {
        name: "share",
        unit: "%",
        numbers: run().energy.parts.map(
          ({ mj }) => (100 * mj) / sum(run().energy.parts.map((part) => part.mj)),
        ),
      },
    ],
    option: (theme) => {
      const ordered = [...run().energy.parts].sort((a, b) => b.mj - a.mj);
      const all = sum(ordered.map(({ mj }) => mj));
      return {
        grid: { left: 8, right: 110, top: 6, bottom: 26, containLabel: true },
        xAxis: xValues(theme, { name: "mJ per image" }),
        yAxis: categories(theme, {
          data: ordered.map(({ name }) => name),
          inverse: true,
          axisLabel: { color: theme.ink },
        }),
        tooltip: tooltip(theme, {
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const part = ordered[dataIndex];
            if (part === undefined) return "";
            return tip(
              part.name,
              [
                {
                  label: "energy",
                  value: quantity(part.mj, "mJ"),
                  color: colorOf(part.name, theme),
                },
                { label: "share", value: percent(part.mj / all) },
              ],
              part.meaning,
            );
          },
        }),
        series: [
          {
            type: "bar",
            barMaxWidth: 18,
            data: ordered.map((part) => ({
              value: part.mj,
              itemStyle: { color: colorOf(part.name, theme), borderRadius: [0, 2, 2, 0] },
            })),
            label: {
              show: true,
              position: "right",
              color: theme.muted,
              fontSize: 11.5,
              formatter: ({ value }: { value: number }) =>
                `${number(value, 3)} mJ · ${percent(value / all, 2)}`,
            },
          },
        ],
      };
    },
  });
  const blocks = chart({
    name: "energy-blocks",
    title: "Energy by block",
    subtitle: () => "mJ per image, mean, stacked by group of operators",
    height: () => 50 + 34 * run().energy.parts.length,
    half: true,
    description: () => "Stacked bars of the energy of each block by group of operators.",
    legend: groupLegend,
    data: () => {
      const { names, groups } = energyByBlock();
      return [
        { name: "block", texts: names },
        ...run().groups.map((group, index) => ({
          name: group.name,
          unit: "mJ",
          numbers: groups[index] as number[],
        })),
      ];
    },
    option: (theme) => {
      const { names, groups } = energyByBlock();
      return {
        grid: { left: 8, right: 8, top: 34, bottom: 26, containLabel: true },
        xAxis: categories(theme, {
          data: names.map(blockLabel),
          name: "block",
          axisLabel: { interval: names.length > 26 ? "auto" : 0, hideOverlap: false },
        }),
        yAxis: yValues(theme, { name: "mJ per image" }),
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          formatter: (params: { dataIndex: number }[]) => {
            const place = params[0]?.dataIndex ?? 0;
            const values = groups.map((of) => of[place] as number);
            return tip(names[place], [
              { label: "all", value: quantity(sum(values), "mJ"), strong: true },
              ...run()
                .groups.map(({ name }, index) => ({ name, mj: values[index] as number }))
                .filter(({ mj }) => mj > 0)
                .map(({ name, mj }) => ({
                  label: name,
                  color: colorOf(name, theme),
                  value: quantity(mj, "mJ"),
                })),
            ]);
          },
        }),
        series: run().groups.map((group, index) => ({
          type: "bar",
          name: group.name,
          stack: "energy",
          barMaxWidth: 36,
          ...stacked(groups[index] as number[], colorOf(group.name, theme), theme, highest(groups)),
        })),
      };
    },
  });
  return section(
    "energy",
    "Energy",
    () =>
      `${quantity(sum(run().energy.parts.map(({ mj }) => mj)), "mJ")} per image, an estimate of ±${number(energy.uncertainty_percent)} %.`,
    row(parts.element, blocks.element),
  );
}

function energyByBlock(): { names: string[]; groups: number[][] } {
  const { operators, groups } = run();
  const nameOf = blockNames();
  const names: string[] = [];
  const places = new Map<string, number>();
  const table: number[][] = groups.map(() => []);
  const groupPlace = new Map(groups.map(({ name }, index) => [name, index]));
  for (let i = 0; i < operators.name.length; ++i) {
    const name = nameOf(i);
    let place = places.get(name);
    if (place === undefined) {
      place = names.length;
      places.set(name, place);
      names.push(name);
      for (const line of table) line.push(0);
    }
    const line = table[groupPlace.get(operators.group[i] as string) ?? 0];
    if (line) line[place] = (line[place] as number) + (operators.energy_mj[i] as number);
  }
  return { names, groups: table };
}
