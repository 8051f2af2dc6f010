// SPDX-License-Identifier: Apache-2.0
// Parallel coordinates; brushes on the axes filter everything else.

import { chart, font, labelSize, tooltip } from "../chart";
import { explain } from "../explain";
import { number, plurals, pluralUnit, tick } from "../format";
import { type Section, section, select } from "../layout";
import type { Column } from "../payload";
import { picker } from "../picker";
import { ramp } from "../theme";
import { pointTip } from "./point";
import {
  categoriesOf,
  choose,
  chosen,
  column,
  followers,
  isAxis,
  metrics,
  numbersOf,
  options,
  parallelValues,
  pick,
  pickable,
  shown,
  sweep,
  varies,
} from "./state";

const slowBrush = 600; // rows: above, the charts follow when the brush is let go

export function parallelSection(): Section {
  let restoring = false;
  const restore = () => {
    restoring = true;
    for (const [name, intervals] of chosen.brushes)
      plot.instance?.dispatchAction({
        type: "axisAreaSelect",
        parallelAxisId: `p-${name}`,
        intervals,
      });
    restoring = false;
  };
  const plot = chart({
    name: "parallel",
    title: "Every point as a line",
    subtitle: () =>
      "A line is a point. Drag along an axis to keep only the lines that cross there; click on the axis lets them go. Click on a name explains it",
    height: 440,
    description: () =>
      `Parallel coordinates of ${plurals(shown.rows.length, "point")} over ${chosen.dimensions.join(", ")}.`,
    controls: [
      select("Colour", options(metrics()), chosen.color, (value) => {
        chosen.color = value;
        plot.redraw();
      }),
      picker(
        "Axes",
        () => chosen.dimensions,
        () => pickable(sweepColumnsForAxes()),
        (names) => {
          chosen.dimensions = names;
          for (const name of [...chosen.brushes.keys()])
            if (!names.includes(name)) chosen.brushes.delete(name);
          choose(true);
        },
      ),
    ],
    ready: (self) => {
      self.instance?.on("axisareaselected", (event) => {
        if (restoring) return;
        const { parallelAxisId, intervals } = event as unknown as {
          parallelAxisId: string;
          intervals: [number, number][];
        };
        const name = parallelAxisId.slice(2);
        if (intervals.length === 0) chosen.brushes.delete(name);
        else
          chosen.brushes.set(
            name,
            intervals.map(([a, b]) => [Math.min(a, b), Math.max(a, b)]),
          );
        choose(false);
      });
      self.instance?.on("click", (event) => {
        const { componentType, data, name, targetType } = event as unknown as {
          componentType?: string;
          data?: unknown;
          name?: string;
          targetType?: string;
        };
        if (componentType === "parallelAxis" && targetType === "axisName") {
          const of = chosen.dimensions.find((one) => axisLabel(one) === name);
          if (of !== undefined) explain(column(of)?.explain ?? of);
        }
        if (componentType === "series" && Array.isArray(data))
          pick(data[data.length - 1] as number);
      });
    },
    option: (theme) => {
      const { points, status } = sweep();
      const dimensions = chosen.dimensions.filter((name) => column(name) !== undefined);
      const values = dimensions.map(parallelValues);
      const colors = numbersOf(chosen.color);
      const data: (number | string)[][] = [];
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let place = 0; place < points.length; ++place) {
        if (!shown.filtered[place] || (status[place] as number) > 1) continue;
        const line = values.map((of) => of[place] ?? "-");
        const color = colors[place] ?? null;
        if (color !== null) {
          low = Math.min(low, color);
          high = Math.max(high, color);
        }
        line.push(color ?? "-", place);
        data.push(line);
      }
      const many = data.length > slowBrush;
      const brushed = chosen.brushes.size > 0;
      return {
        parallel: { left: 60, right: 130, top: 56, bottom: 30, axisExpandable: false },
        parallelAxis: dimensions.map((name, dimension) => {
          const of = column(name) as Column;
          return {
            id: `p-${name}`,
            dim: dimension,
            name: axisLabel(name),
            nameLocation: "end",
            nameGap: 14,
            type: of.numbers === null ? "category" : "value",
            data: of.numbers === null ? categoriesOf(of) : undefined,
            scale: true,
            realtime: !many,
            triggerEvent: true,
            nameTextStyle: {
              color: theme.ink,
              fontSize: labelSize,
              lineHeight: 14,
              fontWeight: 500,
              backgroundColor: theme.surface,
              padding: [1, 3],
            },
            axisLine: { lineStyle: { color: theme.faint, width: 1.25 } },
            axisTick: { lineStyle: { color: theme.faint } },
            axisLabel: {
              color: theme.ink,
              fontSize: 11,
              textBorderColor: theme.surface,
              textBorderWidth: 3,
              formatter: of.numbers === null ? undefined : tick,
            },
            areaSelectStyle: {
              width: 18,
              borderColor: theme.accent,
              color: theme.accent,
              opacity: 0.25,
              borderWidth: 1,
            },
          };
        }),
        visualMap: {
          show: Number.isFinite(low),
          type: "continuous",
          min: low,
          max: high > low ? high : low + 1,
          dimension: dimensions.length,
          orient: "vertical",
          right: 6,
          top: 56,
          itemWidth: 10,
          itemHeight: 250,
          inRange: { color: ramp(theme) },
          text: [number(high), number(low)],
          textStyle: { color: theme.muted, fontSize: 11, fontFamily: font() },
          hoverLink: false,
          selectedMode: false,
        },
        tooltip: tooltip(theme, {
          formatter: ({ data: line }: { data?: number[] }) =>
            line
              ? pointTip(
                  line[line.length - 1] as number,
                  sweep().objectives.map(({ name }) => name),
                )
              : "",
        }),
        series: [
          {
            type: "parallel",
            data,
            progressive: 1200,
            progressiveThreshold: 3000,
            smooth: false,
            lineStyle: {
              width: many ? 0.8 : 1.2,
              opacity: many ? 0.25 : data.length > 400 ? 0.4 : 0.6,
            },
            inactiveOpacity: brushed ? 0.02 : 0.03,
            activeOpacity: many ? 0.35 : 0.7,
            emphasis: { disabled: many, lineStyle: { width: 3, opacity: 1 } },
          },
        ],
      };
    },
  });
  plot.container.addEventListener("drawn", restore);
  followers.push((byFilter) => {
    if (byFilter) plot.redraw();
  });
  return section("parallel", "Parallel coordinates", null, plot.element);
}

/** A name is longer than the space between two axes. */
export function axisLabel(name: string): string {
  const unit = pluralUnit(column(name)?.unit ?? "");
  const dot = name.lastIndexOf(".");
  const lines =
    name.length > 14 && dot > 0 ? [name.slice(0, dot + 1), name.slice(dot + 1)] : [name];
  return `${lines.join("\n")}${unit === "" ? "" : `, ${unit}`}`;
}

function sweepColumnsForAxes(): Column[] {
  return sweep().columns.filter((one) => (one.numbers !== null || isAxis(one)) && varies(one));
}
