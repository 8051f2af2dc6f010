// SPDX-License-Identifier: Apache-2.0
// A metric by two axes, over all others.

import { categories, chart, font, tip, tooltip } from "../chart";
import { number, quantity } from "../format";
import { type Section, section, segmented, select } from "../layout";
import type { Column } from "../payload";
import { ramp } from "../theme";
import {
  axes,
  best,
  chosen,
  column,
  filterBy,
  followers,
  metrics,
  named,
  numbersOf,
  options,
  simulated,
  topicOf,
  withUnit,
} from "./state";
import { levelsOf } from "./statistics";

function heatAggregate(): "mean" | "least" | "most" {
  return chosen.heatOf || best(chosen.heatMetric) || "mean";
}

interface Heat {
  xs: string[];
  ys: string[];
  /** x, y, value, points, row of the best */
  cells: number[][];
}

function heat(): Heat {
  const rows = simulated();
  const values = numbersOf(chosen.heatMetric);
  const x = column(chosen.heatX);
  const y = column(chosen.heatY);
  if (x === undefined || y === undefined) return { xs: [], ys: [], cells: [] };
  const xs = levelsOf(x, rows, (value) => number(value));
  const ys = levelsOf(y, rows, (value) => number(value));
  const how = heatAggregate();
  const cells = new Map<number, number[]>();
  for (const place of rows) {
    const value = values[place] ?? null;
    const across = xs.of[place] as number;
    const up = ys.of[place] as number;
    if (value === null || across < 0 || up < 0) continue;
    const key = up * xs.names.length + across;
    const known = cells.get(key);
    if (known === undefined) cells.set(key, [across, up, value, 1, place]);
    else {
      known[3] = (known[3] as number) + 1;
      if (how === "mean") known[2] = (known[2] as number) + value;
      else if ((how === "least") === value < (known[2] as number) && value !== known[2]) {
        known[2] = value;
        known[4] = place;
      }
    }
  }
  if (how === "mean")
    for (const one of cells.values()) one[2] = (one[2] as number) / (one[3] as number);
  return { xs: xs.names, ys: ys.names, cells: [...cells.values()] };
}

const aggregateNames = { mean: "mean", least: "smallest", most: "largest" };

export function heatSection(): Section {
  const choices = () => axes().map(({ name }) => ({ value: name, label: name }));
  const plot = chart({
    name: "heatmap",
    title: () => ["Fields of ", named(chosen.heatMetric)],
    subtitle: () =>
      `${aggregateNames[heatAggregate()]} over all other axes${(column(chosen.heatMetric)?.unit ?? "") === "" ? "" : `, in ${column(chosen.heatMetric)?.unit}`}. Click on a field filters by it`,
    height: () => Math.max(280, Math.min(620, 110 + 34 * heat().ys.length)),
    description: () => `Heat map of ${chosen.heatMetric} by ${chosen.heatX} and ${chosen.heatY}.`,
    controls: [
      select("Across", choices(), chosen.heatX, (value) => {
        chosen.heatX = value;
        plot.redraw();
      }),
      select("Up", choices(), chosen.heatY, (value) => {
        chosen.heatY = value;
        plot.redraw();
      }),
      select("Value", options(metrics()), chosen.heatMetric, (value) => {
        chosen.heatMetric = value;
        plot.redraw();
      }),
      segmented(
        "Over the other axes",
        [
          { value: "least", label: "smallest" },
          { value: "mean", label: "mean" },
          { value: "most", label: "largest" },
        ],
        heatAggregate(),
        (value) => {
          chosen.heatOf = value as "mean";
          plot.redraw();
        },
      ),
    ],
    data: () => {
      const { xs, ys, cells } = heat();
      return [
        {
          name: chosen.heatX,
          explain: topicOf(chosen.heatX),
          texts: cells.map(([x]) => xs[x as number] as string),
        },
        {
          name: chosen.heatY,
          explain: topicOf(chosen.heatY),
          texts: cells.map(([, y]) => ys[y as number] as string),
        },
        {
          name: chosen.heatMetric,
          unit: column(chosen.heatMetric)?.unit,
          numbers: cells.map(([, , value]) => value as number),
        },
        {
          name: "points",
          explain: "point",
          numbers: cells.map(([, , , count]) => count as number),
        },
      ];
    },
    ready: (self) => {
      self.instance?.on("click", (event) => {
        const { seriesType, value } = event as unknown as { seriesType?: string; value?: number[] };
        if (seriesType !== "custom" || value === undefined) return;
        const place = value[4] as number;
        const [x, y] = [column(chosen.heatX), column(chosen.heatY)];
        if (x && y) filterBy(`${condition(x, place)} and ${condition(y, place)}`);
      });
      self.container.addEventListener("mouseenter", () => {
        self.axisTopics.clear();
        for (const name of [chosen.heatX, chosen.heatY])
          self.axisTopics.set(withUnit(name), topicOf(name));
      });
    },
    option: (theme) => {
      const { xs, ys, cells } = heat();
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (const [, , value] of cells) {
        low = Math.min(low, value as number);
        high = Math.max(high, value as number);
      }
      const labelled = cells.length <= 200 && xs.length <= 14;
      return {
        grid: { left: 12, right: 96, top: 34, bottom: 26, containLabel: true },
        xAxis: categories(theme, {
          data: xs,
          name: withUnit(chosen.heatX),
          axisLine: { show: false },
        }),
        yAxis: categories(theme, {
          data: ys,
          name: withUnit(chosen.heatY),
          nameLocation: "end",
          nameGap: 12,
          nameTextStyle: { align: "left", padding: [0, 0, 0, -8] },
          axisLine: { show: false },
        }),
        visualMap: {
          show: cells.length > 0,
          type: "continuous",
          min: low,
          max: high > low ? high : low + 1,
          dimension: 2,
          right: 4,
          top: 34,
          itemWidth: 10,
          itemHeight: 170,
          inRange: { color: ramp(theme) },
          text: [number(high), number(low)],
          textStyle: { color: theme.muted, fontSize: 11, fontFamily: font() },
          hoverLink: false,
          selectedMode: false,
        },
        tooltip: tooltip(theme, {
          formatter: ({ value: data }: { value: number[] }) =>
            tip(
              [quantity(data[2], column(chosen.heatMetric)?.unit ?? "")],
              [
                { label: chosen.heatX, value: xs[data[0] as number] as string },
                { label: chosen.heatY, value: ys[data[1] as number] as string },
                { label: "points", value: number(data[3]) },
              ],
              `${aggregateNames[heatAggregate()]} ${chosen.heatMetric}`,
            ),
        }),
        series: [
          {
            type: "custom",
            name: "fields",
            data: cells,
            encode: { x: 0, y: 1 },
            renderItem: (
              _: unknown,
              api: {
                value: (dimension: number) => number;
                coord: (point: number[]) => number[];
                size: (size: number[]) => number[];
                visual: (name: string) => string;
              },
            ) => {
              const [x, y] = api.coord([api.value(0), api.value(1)]) as [number, number];
              const [width, height] = api.size([1, 1]) as [number, number];
              const value = api.value(2);
              const strong = value - low > 0.52 * (high - low);
              return {
                type: "rect",
                shape: {
                  x: x - width / 2 + 0.75,
                  y: y - height / 2 + 0.75,
                  width: width - 1.5,
                  height: height - 1.5,
                  r: 2,
                },
                style: { fill: api.visual("color") },
                emphasis: { style: { stroke: theme.ink, lineWidth: 2 } },
                textConfig: { position: "inside" },
                textContent: labelled
                  ? {
                      style: {
                        text: number(value, 3),
                        // of the ramp's two halves one is dark
                        fill: strong === (theme.name === "light") ? "#ffffff" : "#10151a",
                        font: `11px ${font()}`,
                      },
                    }
                  : undefined,
              };
            },
          },
        ],
      };
    },
  });
  followers.push(() => plot.redraw());
  return section("heatmap", "Heat map", null, plot.element);
}

/** A filter that a row passes. */
function condition(of: Column, place: number): string {
  if (of.numbers !== null) return `${of.name} = ${of.numbers[place]}`;
  return `${of.name} = "${of.texts?.[place]}"`;
}
