// SPDX-License-Identifier: Apache-2.0
// How much of a metric each axis decides, and what it does to it.

import { categories, chart, tip, tooltip, xValues, yValues } from "../chart";
import { explain, term } from "../explain";
import { number, percent, plurals, quantity, tick } from "../format";
import { row, type Section, section, select } from "../layout";
import type { Column, Sweep } from "../payload";
import { hue } from "../theme";
import {
  axes,
  chosen,
  column,
  followers,
  metrics,
  named,
  numbersOf,
  options,
  shown,
  simulated,
  sweep,
  topicOf,
  withUnit,
} from "./state";
import { type Effect, effectOf, levelsOf } from "./statistics";

interface Ranked extends Effect {
  axis: Column;
}

function effects(): Ranked[] {
  const rows = simulated();
  const values = numbersOf(chosen.effectMetric);
  return axes()
    .map((axis) => ({
      axis,
      ...effectOf(
        levelsOf(axis, rows, (value) => number(value)),
        values,
        rows,
      ),
    }))
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
}

export function sensitivitySection(): Section {
  let known: { key: string; rows: number[]; of: Sweep; list: Ranked[] } | null = null;
  const ranked = () => {
    if (known?.key !== chosen.effectMetric || known.rows !== shown.rows || known.of !== sweep())
      known = { key: chosen.effectMetric, rows: shown.rows, of: sweep(), list: effects() };
    return known.list;
  };
  const effect = () => ranked().find(({ axis }) => axis.name === chosen.effectAxis) ?? ranked()[0];
  const shares = chart({
    name: "sensitivity",
    title: () => ["What decides ", named(chosen.effectMetric)],
    subtitle: () =>
      "Share of its variance that each axis explains by itself. Click on a bar shows its effect",
    half: true,
    height: () => Math.max(220, 60 + 32 * axes().length),
    description: () =>
      `Share of the variance of ${chosen.effectMetric}: ${ranked()
        .map(({ axis, share }) => `${axis.name} ${share === null ? "none" : percent(share)}`)
        .join(", ")}.`,
    controls: select("Of", options(metrics()), chosen.effectMetric, (value) => {
      chosen.effectMetric = value;
      shares.redraw();
      curve.redraw();
    }),
    data: () => [
      { name: "axis", explain: "axes", texts: ranked().map(({ axis }) => axis.name) },
      {
        name: "share of the variance",
        explain: "",
        unit: "%",
        numbers: ranked().map(({ share }) => (share === null ? null : share * 100)),
      },
    ],
    ready: (self) => {
      self.instance?.on("click", (event) => {
        const { componentType, value, dataIndex } = event as unknown as {
          componentType?: string;
          value?: unknown;
          dataIndex?: number;
        };
        if (componentType === "yAxis") {
          const axis = column(String(value));
          if (axis) explain(axis.explain);
        } else if (componentType === "series" && dataIndex !== undefined) {
          chosen.effectAxis = ranked()[dataIndex]?.axis.name ?? "";
          shares.redraw();
          curve.redraw();
        }
      });
    },
    option: (theme) => {
      const list = ranked();
      const now = effect()?.axis.name;
      return {
        grid: { left: 8, right: 56, top: 6, bottom: 26, containLabel: true },
        xAxis: xValues(theme, { name: "% of the variance", min: 0, max: 100 }),
        yAxis: categories(theme, {
          data: list.map(({ axis }) => axis.name),
          inverse: true,
          axisLabel: { color: theme.ink, interval: 0, width: 180, overflow: "truncate" },
        }),
        tooltip: tooltip(theme, {
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const one = list[dataIndex];
            return one === undefined
              ? ""
              : tip(one.axis.name, [
                  {
                    label: "explains",
                    value: one.share === null ? "nothing to explain" : percent(one.share),
                    strong: true,
                  },
                  {
                    label: one.levels.binned ? "ranges of values" : "values",
                    value: number(one.levels.names.length),
                  },
                ]);
          },
        }),
        series: [
          {
            type: "bar",
            barMaxWidth: 18,
            cursor: "pointer",
            data: list.map(({ axis, share }) => ({
              value: share === null ? 0 : share * 100,
              itemStyle: {
                color: axis.name === now ? hue("blue", theme) : theme.quiet,
                borderRadius: [0, 2, 2, 0],
              },
            })),
            label: {
              show: true,
              position: "right",
              color: theme.muted,
              fontSize: 11.5,
              formatter: ({ value }: { value: number }) => `${value.toFixed(1)} %`,
            },
          },
        ],
      };
    },
  });
  const curve = chart({
    name: "main-effect",
    title: () => ["Effect of ", term(effect()?.axis.name ?? "", effect()?.axis.explain)],
    subtitle: () =>
      "Mean over all points with this value; the band reaches from the smallest to the largest",
    half: true,
    height: () => Math.max(220, 60 + 32 * axes().length),
    description: () => `Mean of ${chosen.effectMetric} by ${effect()?.axis.name}.`,
    data: () => {
      const one = effect();
      if (one === undefined) return [];
      const unit = column(chosen.effectMetric)?.unit;
      return [
        { name: one.axis.name, explain: one.axis.explain, texts: one.levels.names },
        { name: "mean", explain: topicOf(chosen.effectMetric), unit, numbers: one.mean },
        {
          name: "smallest",
          explain: topicOf(chosen.effectMetric),
          unit,
          numbers: one.least.map(finite),
        },
        {
          name: "largest",
          explain: topicOf(chosen.effectMetric),
          unit,
          numbers: one.most.map(finite),
        },
        { name: "points", explain: "point", numbers: one.points },
      ];
    },
    ready: (self) => {
      self.container.addEventListener("mouseenter", () => {
        self.axisTopics.clear();
        const one = effect();
        if (one) self.axisTopics.set(withUnit(one.axis.name), one.axis.explain);
        self.axisTopics.set(
          withUnit(chosen.effectMetric),
          column(chosen.effectMetric)?.explain ?? "",
        );
      });
    },
    option: (theme) => {
      const one = effect();
      if (one === undefined) return {};
      const color = hue("blue", theme);
      const unit = column(chosen.effectMetric)?.unit ?? "";
      return {
        grid: { left: 10, right: 16, top: 34, bottom: 26, containLabel: true },
        xAxis: categories(theme, {
          data: one.levels.names,
          name: withUnit(one.axis.name),
          boundaryGap: one.axis.texts !== null,
        }),
        yAxis: yValues(theme, {
          name: withUnit(chosen.effectMetric),
          scale: true,
          axisLabel: { formatter: tick },
        }),
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "line" },
          formatter: (params: { dataIndex: number }[]) => {
            const level = params[0]?.dataIndex ?? 0;
            return tip(`${one.axis.name} ${one.levels.names[level]}`, [
              { label: "mean", value: quantity(one.mean[level], unit), strong: true },
              { label: "smallest", value: quantity(finite(one.least[level] as number), unit) },
              { label: "largest", value: quantity(finite(one.most[level] as number), unit) },
              { label: "points", value: number(one.points[level]) },
            ]);
          },
        }),
        series: [
          {
            type: "line",
            silent: true,
            stack: "band",
            stackStrategy: "all",
            symbol: "none",
            lineStyle: { opacity: 0 },
            data: one.least.map(finite),
          },
          {
            type: "line",
            silent: true,
            stack: "band",
            stackStrategy: "all",
            symbol: "none",
            lineStyle: { opacity: 0 },
            areaStyle: { color, opacity: 0.13 },
            data: one.most.map((value, level) =>
              finite(value) === null ? null : value - (one.least[level] as number),
            ),
          },
          {
            type: "line",
            name: "mean",
            data: one.mean,
            symbolSize: 7,
            symbol: "circle",
            lineStyle: { color, width: 2, type: one.axis.texts !== null ? "dotted" : "solid" },
            itemStyle: { color },
          },
        ],
      };
    },
  });
  followers.push(() => {
    shares.redraw();
    curve.redraw();
  });
  return section(
    "sensitivity",
    "Sensitivity",
    () =>
      `Over ${plurals(simulated().length, "simulated point")}. What the shares leave to 100 % comes from axes acting together, or from axes that vary together.`,
    row(shares.element, curve.element),
  );
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
