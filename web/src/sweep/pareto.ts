// SPDX-License-Identifier: Apache-2.0
// Points by any two columns, with the Pareto front.

import { chart, insideZoom, tooltip, xValues, yValues } from "../chart";
import type { Child } from "../dom";
import { number, plurals, tick } from "../format";
import { type Section, section, select } from "../layout";
import type { TableColumn } from "../table";
import { hue } from "../theme";
import { pointTip } from "./point";
import {
  chosen,
  column,
  followers,
  index,
  isAxis,
  named,
  numbersOf,
  options,
  pick,
  pickedRow,
  pickers,
  shown,
  simulated,
  sweep,
  topicOf,
  varies,
  withUnit,
} from "./state";

export function paretoSection(): Section {
  const all = () => sweep().columns.filter((one) => one.numbers !== null && varies(one));
  const plot = chart({
    name: "pareto",
    title: () => ["Points by ", named(chosen.x), " and ", named(chosen.y)],
    subtitle: () => {
      const [x, y] = [numbersOf(chosen.x), numbersOf(chosen.y)];
      const missing = simulated().filter(
        (place) => (x[place] ?? null) === null || (y[place] ?? null) === null,
      ).length;
      const words = "Click on a point for all its figures. Ctrl + wheel zooms, drag moves";
      return missing === 0
        ? words
        : `${words}. ${plurals(missing, "point")} without a value not shown`;
    },
    height: 460,
    description: () =>
      `Scatter of ${plurals(shown.rows.length, "point")} by ${chosen.x} and ${chosen.y}; ${sweep().front.length} are on the Pareto front.`,
    controls: [
      select("Across", options(all()), chosen.x, (value) => {
        chosen.x = value;
        plot.resetZoom();
      }),
      select("Up", options(all()), chosen.y, (value) => {
        chosen.y = value;
        plot.resetZoom();
      }),
    ],
    legend: (theme) => {
      const { counts } = sweep();
      return [
        {
          name: "Pareto front",
          explain: "front",
          color: hue("vermilion", theme),
          shape: "diamond",
          note: number(sweep().front.length),
        },
        {
          name: "ok",
          explain: "status",
          color: hue("blue", theme),
          shape: "circle",
          note: number(counts.ok),
        },
        ...(counts.violated > 0
          ? [
              {
                name: "violated",
                explain: "status",
                color: hue("orange", theme),
                shape: "triangle" as const,
                note: number(counts.violated),
              },
            ]
          : []),
        ...(shown.rows.length < sweep().points.length
          ? [{ name: "filtered out", explain: "", color: theme.quiet, shape: "circle" as const }]
          : []),
      ];
    },
    data: () => frontColumns(),
    ready: (self) => {
      self.instance?.on("click", (event) => {
        const { seriesType, data } = event as unknown as { seriesType?: string; data?: number[] };
        if (seriesType === "scatter" && data && data[2] !== undefined) pick(data[2]);
      });
      const names = () => {
        self.axisTopics.clear();
        for (const name of [chosen.x, chosen.y]) self.axisTopics.set(withUnit(name), topicOf(name));
      };
      names();
      self.container.addEventListener("mouseenter", names);
    },
    option: (theme) => {
      const { status, points, front } = sweep();
      const x = numbersOf(chosen.x);
      const y = numbersOf(chosen.y);
      const good: number[][] = [];
      const violated: number[][] = [];
      const hidden: number[][] = [];
      const onFront: number[][] = [];
      const isFront = index().front;
      for (let place = 0; place < points.length; ++place) {
        const at = [x[place] as number, y[place] as number, place];
        if ((x[place] ?? null) === null || (y[place] ?? null) === null) continue;
        if (!shown.visible[place]) hidden.push(at);
        else if (isFront.has(place)) onFront.push(at);
        else if (status[place] === 0) good.push(at);
        else violated.push(at);
      }
      const objectives = sweep().objectives.map(({ name }) => name);
      const isPlane =
        objectives.length === 2 && objectives.includes(chosen.x) && objectives.includes(chosen.y);
      const line = isPlane
        ? front
            .map((place) => [x[place] as number, y[place] as number])
            .sort((a, b) => (a[0] as number) - (b[0] as number))
        : [];
      const size = points.length > 5000 ? 4 : points.length > 1000 ? 5 : 7;
      const series = (
        name: string,
        data: number[][],
        z: number,
        symbol: string,
        symbolSize: number,
        itemStyle: Record<string, unknown>,
        silent = false,
      ) => ({
        type: "scatter",
        name,
        data,
        z,
        symbol,
        symbolSize,
        silent,
        large: data.length > 2000,
        largeThreshold: 2000,
        itemStyle,
        emphasis:
          data.length > 2000
            ? { disabled: true }
            : { itemStyle: { borderColor: theme.ink, borderWidth: 1.5 } },
      });
      const picked = pickedRow();
      return {
        grid: { left: 12, right: 24, top: 34, bottom: 26, containLabel: true },
        xAxis: xValues(theme, {
          name: withUnit(chosen.x),
          scale: true,
          axisLabel: { formatter: tick },
        }),
        yAxis: yValues(theme, {
          name: withUnit(chosen.y),
          scale: true,
          axisLabel: { formatter: tick },
        }),
        dataZoom: [insideZoom("x"), insideZoom("y")],
        tooltip: tooltip(theme, {
          formatter: ({ data }: { data?: number[] }) =>
            data?.[2] === undefined
              ? ""
              : pointTip(data[2], [
                  chosen.x,
                  chosen.y,
                  ...sweep().objectives.map(({ name }) => name),
                ]),
        }),
        series: [
          series(
            "filtered out",
            hidden,
            1,
            "circle",
            size - 1,
            { color: theme.quiet, opacity: 0.45 },
            true,
          ),
          series("ok", good, 2, "circle", size, {
            color: hue("blue", theme),
            opacity: points.length > 2500 ? 0.45 : 0.75,
          }),
          series("violated", violated, 2, "triangle", size + 1, {
            color: hue("orange", theme),
            opacity: 0.6,
          }),
          {
            type: "line",
            silent: true,
            z: 3,
            symbol: "none",
            data: line,
            lineStyle: { color: hue("vermilion", theme), width: 1.5, opacity: 0.7 },
          },
          series("Pareto front", onFront, 4, "diamond", 11, {
            color: hue("vermilion", theme),
            borderColor: theme.surface,
            borderWidth: 1,
          }),
          {
            type: "scatter",
            name: "picked",
            silent: true,
            z: 5,
            symbol: "circle",
            symbolSize: 18,
            data:
              picked !== null && (x[picked] ?? null) !== null && (y[picked] ?? null) !== null
                ? [[x[picked], y[picked]]]
                : [],
            itemStyle: { color: "transparent", borderColor: theme.ink, borderWidth: 2 },
          },
        ],
      };
    },
  });
  followers.push(() => plot.redraw());
  pickers.push(() => plot.redraw());
  return section("pareto", "Pareto front", () => frontInWords(), plot.element);
}

function frontInWords(): Child {
  const { objectives, front } = sweep();
  return [
    `${plurals(front.length, "point")} are not worse in every objective than another one: `,
    objectives.map(({ name, maximize }, place) => [
      place > 0 && ", ",
      maximize ? "largest " : "smallest ",
      named(name),
    ]),
    ".",
  ];
}

function frontColumns(): TableColumn[] {
  const { front, points, objectives } = sweep();
  const names = [
    ...objectives.map(({ name }) => name),
    ...sweep()
      .columns.filter((one) => isAxis(one) && varies(one))
      .map(({ name }) => name),
  ];
  return [
    { name: "point", numbers: front.map((place) => points[place] as number), format: String },
    ...names.flatMap((name) => {
      const of = column(name);
      if (of === undefined) return [];
      return [
        {
          name,
          explain: of.explain,
          unit: of.unit,
          ...(of.numbers !== null
            ? { numbers: front.map((place) => of.numbers?.[place] ?? null) }
            : { texts: front.map((place) => of.texts?.[place] ?? "") }),
        },
      ];
    }),
  ];
}
