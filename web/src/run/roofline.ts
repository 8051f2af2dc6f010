// SPDX-License-Identifier: Apache-2.0
// Every operator under the roof of the array and the memory.

import {
  type Chart,
  chart,
  insideZoom,
  type LegendItem,
  type Shape,
  tip,
  tooltip,
  xValues,
  yValues,
} from "../chart";
import { bytes, number, percent, quantity } from "../format";
import type { Run } from "../payload";
import { colorOf, type Theme } from "../theme";

interface Point {
  operator: number;
  intensity: number;
  gmacs: number;
  bytes: number;
}

/** Operators with MACs and cycles of their own; those without traffic have no intensity. */
function points(run: Run): { placed: Point[]; onChip: Point[] } {
  const { operators } = run;
  const placed: Point[] = [];
  const onChip: Point[] = [];
  for (let i = 0; i < operators.name.length; ++i) {
    const macs = operators.macs[i] as number;
    const cycles = operators.cycles[i] as number;
    if (macs <= 0 || cycles <= 0) continue;
    const moved =
      (operators.input_bytes[i] as number) +
      (operators.weight_bytes[i] as number) +
      (operators.output_bytes[i] as number);
    const point = {
      operator: i,
      intensity: macs / moved,
      gmacs: (macs / cycles) * run.clock_mhz * 1e-3,
      bytes: moved,
    };
    if (moved > 0) placed.push(point);
    else onChip.push(point);
  }
  return { placed, onChip };
}

const shapes: { symbol: string; shape: Shape }[] = [
  { symbol: "circle", shape: "circle" },
  { symbol: "diamond", shape: "diamond" },
  { symbol: "triangle", shape: "triangle" },
  { symbol: "rect", shape: "box" },
];

const dashes: { type: string; shape: Shape }[] = [
  { type: "solid", shape: "line" },
  { type: "dashed", shape: "dash" },
  { type: "dotted", shape: "dots" },
];

/** Groups with a mark in the chart, in their order. */
function presentGroups(run: Run): string[] {
  const { placed, onChip } = points(run);
  const present = new Set(
    [...placed, ...onChip].map(({ operator }) => run.operators.group[operator]),
  );
  return run.groups.map(({ name }) => name).filter((name) => present.has(name));
}

export function roofline(run: () => Run, legend: (theme: Theme) => LegendItem[]): Chart {
  return chart({
    name: "roofline",
    title: "Operators under the roof",
    subtitle: () =>
      "Both axes are logarithmic; the area of a mark is the operator's share of the cycles. Ctrl + wheel zooms, drag moves",
    height: 440,
    description: () =>
      `Roofline: peak ${quantity(run().roofline.peak_gmacs, "GMAC/s")}; ${points(run()).placed.length} operators by MACs per byte and GMAC per second.`,
    legend: (theme) => {
      const { roofline: roof } = run();
      const present = presentGroups(run());
      return [
        ...legend(theme)
          .filter(({ name }) => present.includes(name))
          .map((item) => ({
            ...item,
            list: "operators",
            shape: shapes[present.indexOf(item.name) % shapes.length]?.shape,
          })),
        {
          name: "array",
          explain: "array.macs_per_cycle",
          color: theme.ink,
          shape: "line" as const,
          list: "roof",
          note: `${quantity(roof.peak_gmacs, "GMAC/s")}, ${number(roof.peak_macs_per_cycle)} MACs per cycle`,
        },
        ...roof.limits.map((limit, index) => ({
          name: limit.name,
          explain: limit.explain,
          color: index === 0 ? theme.ink : theme.faint,
          shape: dashes[index % dashes.length]?.shape,
          list: "roof",
          note: quantity(limit.gb_per_s, "GB/s"),
        })),
      ];
    },
    data: () => {
      const { operators } = run();
      const { placed, onChip } = points(run());
      const rows = [...placed, ...onChip];
      return [
        { name: "operator", texts: rows.map(({ operator }) => operators.name[operator] as string) },
        { name: "group", texts: rows.map(({ operator }) => operators.group[operator] as string) },
        {
          name: "intensity",
          unit: "MAC/byte",
          numbers: rows.map((point) => (point.bytes > 0 ? point.intensity : null)),
        },
        { name: "performance", unit: "GMAC/s", numbers: rows.map(({ gmacs }) => gmacs) },
        {
          name: "MACs",
          explain: "macs",
          numbers: rows.map(({ operator }) => operators.macs[operator] as number),
        },
        {
          name: "DDR traffic",
          unit: "bytes",
          numbers: rows.map((point) => Math.round(point.bytes)),
        },
        {
          name: "cycles",
          unit: "cycles",
          numbers: rows.map(({ operator }) => Math.round(operators.cycles[operator] as number)),
        },
      ];
    },
    ready: (self) => {
      self.axisTopics.set("MACs per byte of DDR traffic", "macs");
      self.axisTopics.set("GMAC/s", "macs");
    },
    option: (theme) => {
      const { operators, roofline: roof } = run();
      const { placed, onChip } = points(run());
      const all = operators.cycles.reduce((total, cycles) => total + cycles, 0);
      const intensities = placed.map(({ intensity }) => intensity);
      const rates = [...placed, ...onChip].map(({ gmacs }) => gmacs);
      const limits = roof.limits.filter(({ gb_per_s }) => gb_per_s > 0);
      const ridges = limits.map(({ gb_per_s }) => roof.peak_gmacs / gb_per_s);
      const left = Math.min(...ridges, ...intensities) / 4;
      const right = Math.max(...ridges, ...intensities) * (onChip.length > 0 ? 6 : 2.5);
      const bottom = Math.min(roof.peak_gmacs / 10, ...rates) / 2.5;
      const top = roof.peak_gmacs * 1.8;
      const edge = right / 1.7;
      const present = presentGroups(run());
      return {
        grid: { left: 14, right: 24, top: 40, bottom: 26, containLabel: true },
        xAxis: xValues(theme, {
          type: "log",
          name: "MACs per byte of DDR traffic",
          min: left,
          max: right,
          axisLabel: {
            formatter: (value: number) => number(value),
            showMinLabel: false,
            showMaxLabel: false,
          },
          minorSplitLine: { show: false },
        }),
        yAxis: yValues(theme, {
          type: "log",
          name: "GMAC/s",
          min: bottom,
          max: top,
          axisLabel: {
            formatter: (value: number) => number(value),
            showMinLabel: false,
            showMaxLabel: false,
          },
        }),
        dataZoom: [insideZoom("x"), insideZoom("y")],
        tooltip: tooltip(theme, {
          formatter: (params: {
            seriesType: string;
            data: { point?: Point };
            seriesName: string;
          }) => {
            const point = params.data?.point;
            if (point === undefined) return "";
            const i = point.operator;
            const cycles = operators.cycles[i] as number;
            return tip(operators.name[i], [
              {
                label: operators.group[i] as string,
                value: "",
                color: colorOf(operators.group[i] as string, theme),
              },
              { label: "performance", value: quantity(point.gmacs, "GMAC/s"), strong: true },
              { label: "of the array's peak", value: percent(point.gmacs / roof.peak_gmacs) },
              {
                label: "intensity",
                value: point.bytes > 0 ? `${number(point.intensity)} MAC/byte` : "no DDR traffic",
              },
              { label: "DDR traffic", value: bytes(point.bytes) },
              { label: "MACs", value: number(operators.macs[i]) },
              {
                label: "cycles",
                value: `${number(Math.round(cycles))} · ${percent(cycles / all)}`,
              },
            ]);
          },
        }),
        series: [
          ...limits.map((limit, index) => ({
            type: "line",
            name: limit.name,
            silent: true,
            symbol: "none",
            z: 1,
            lineStyle: {
              color: index === 0 ? theme.ink : theme.faint,
              width: 1.5,
              type: dashes[index % dashes.length]?.type,
            },
            data: roofLine(limit.gb_per_s, roof.peak_gmacs, left, right),
          })),
          {
            type: "scatter",
            silent: true,
            symbolSize: 0.01,
            data: onChip.length > 0 ? [[edge, bottom]] : [],
            label: {
              show: true,
              position: "top",
              color: theme.muted,
              fontSize: 11,
              formatter: "no DDR traffic",
            },
            markLine: {
              symbol: "none",
              silent: true,
              lineStyle: { color: theme.line, type: "dashed", width: 1 },
              label: { show: false },
              data: onChip.length > 0 ? [{ xAxis: edge }] : [],
            },
          },
          ...present.map((group, index) => ({
            type: "scatter",
            name: group,
            z: 3,
            symbol: shapes[index % shapes.length]?.symbol,
            data: [...placed, ...onChip]
              .filter(({ operator }) => operators.group[operator] === group)
              .map((point) => ({
                point,
                value: [point.bytes > 0 ? point.intensity : edge, point.gmacs],
                symbolSize: Math.max(
                  8,
                  Math.sqrt((operators.cycles[point.operator] as number) / all) * 90,
                ),
              })),
            itemStyle: {
              color: colorOf(group, theme),
              opacity: 0.8,
              borderColor: theme.surface,
              borderWidth: 0.75,
            },
            emphasis: { itemStyle: { opacity: 1, borderColor: theme.ink } },
          })),
        ],
      };
    },
  });
}

/** Up the slope to the ridge, then flat. */
function roofLine(gbPerS: number, peak: number, left: number, right: number): number[][] {
  const ridge = peak / gbPerS;
  if (ridge <= left)
    return [
      [left, peak],
      [right, peak],
    ];
  if (ridge >= right)
    return [
      [left, left * gbPerS],
      [right, right * gbPerS],
    ];
  return [
    [left, left * gbPerS],
    [ridge, peak],
    [right, peak],
  ];
}
