// SPDX-License-Identifier: Apache-2.0
// What differs from image to image: distribution of latency and energy, and latency against tokens.

import { type Chart, chart, insideZoom, tip, tooltip, xValues, yValues } from "../chart";
import { number, percent, plurals, quantity } from "../format";
import { row, type Section, section, segmented, select } from "../layout";
import type { Distribution, Run, Staircase } from "../payload";
import { page } from "../state";
import { colorOf, hue, type Theme } from "../theme";

type Images = NonNullable<Run["images"]>;

function run(): Run {
  return page().run as Run;
}

let quantityName = "";

function distribution(): Distribution {
  const all = run().distribution;
  return (all.find(({ name }) => name === quantityName) ?? all[0]) as Distribution;
}

/** Where every image's own value is known. */
function valuesOf(of: Distribution): number[] | null {
  const { images } = run();
  if (images === null) return null;
  if (of.unit === "ms") return images.latency_ms;
  if (of.unit === "mJ") return images.energy_mj;
  return null;
}

export function imageSections(): Section[] {
  const sections: Section[] = [];
  if (run().distribution.length > 0) sections.push(distributionSection());
  if (run().images !== null || run().staircase !== null) sections.push(againstTokensSection());
  return sections;
}

// ---- distribution

const quantiles: ["p50" | "p95" | "p99", number][] = [
  ["p50", 0.5],
  ["p95", 0.95],
  ["p99", 0.99],
];

function axisName(of: Distribution): string {
  return `${of.name}, ${of.unit}`;
}

function distributionSection(): Section {
  const several = run().distribution.length > 1;
  const charts: Chart[] = [];
  const choice =
    several &&
    segmented(
      "Quantity",
      run().distribution.map(({ name }) => ({ value: name, label: name })),
      distribution().name,
      (value) => {
        quantityName = value;
        for (const one of charts) one.redraw();
      },
    );
  const topic = (self: Chart) => {
    for (const of of run().distribution) self.axisTopics.set(axisName(of), of.explain);
  };
  const histogram = chart({
    name: "histogram",
    title: () => `Images by ${distribution().name}`,
    subtitle: () => summary(distribution()),
    height: 320,
    half: true,
    description: () => `Histogram of ${distribution().name}. ${summary(distribution())}`,
    ready: topic,
    data: () => {
      const of = distribution();
      return [
        { name: "from", explain: of.explain, unit: of.unit, numbers: of.edges.slice(0, -1) },
        { name: "to", explain: of.explain, unit: of.unit, numbers: of.edges.slice(1) },
        { name: "images", numbers: of.images },
      ];
    },
    option: (theme) => {
      const of = distribution();
      const all = of.images.reduce((total, count) => total + count, 0);
      return {
        grid: { left: 10, right: 16, top: 52, bottom: 26, containLabel: true },
        xAxis: xValues(theme, {
          name: axisName(of),
          scale: true,
          min: of.edges[0],
          max: of.edges[of.edges.length - 1],
          axisLabel: {
            showMinLabel: false,
            showMaxLabel: false,
            formatter: (value: number) => number(value),
          },
          splitLine: { show: false },
        }),
        yAxis: yValues(theme, { name: "images", minInterval: 1 }),
        tooltip: tooltip(theme, {
          formatter: ({ dataIndex }: { dataIndex: number }) =>
            tip(`${number(of.edges[dataIndex])} to ${quantity(of.edges[dataIndex + 1], of.unit)}`, [
              { label: "images", value: number(of.images[dataIndex]), strong: true },
              { label: "share", value: percent((of.images[dataIndex] as number) / all) },
            ]),
        }),
        series: [
          {
            type: "custom",
            data: of.images.map((count, bin) => [of.edges[bin], of.edges[bin + 1], count]),
            encode: { x: [0, 1], y: 2 },
            itemStyle: { color: colorOf("busy", theme) },
            renderItem: (
              _: unknown,
              api: {
                value: (dimension: number) => number;
                coord: (point: number[]) => number[];
                visual: (name: string) => string;
              },
            ) => {
              const [left, top] = api.coord([api.value(0), api.value(2)]) as [number, number];
              const [rightEnd, bottom] = api.coord([api.value(1), 0]) as [number, number];
              return {
                type: "rect",
                shape: {
                  x: left + 0.5,
                  y: top,
                  width: Math.max(1, rightEnd - left - 1),
                  height: bottom - top,
                },
                style: { fill: colorOf("busy", theme) },
                emphasis: { style: { opacity: 0.8 } },
              };
            },
          },
          {
            type: "line",
            silent: true,
            data: [],
            markLine: marks(theme, [
              { at: of.mean, name: "mean", level: 1 },
              { at: of.p50, name: "p50", level: 0 },
              { at: of.p95, name: "p95", level: 0 },
              { at: of.p99, name: "p99", level: 1 },
            ]),
          },
        ],
      };
    },
  });
  const cumulative = chart({
    name: "cdf",
    title: () => `Cumulative distribution of ${distribution().name}`,
    subtitle: () => `Share of the images that stay below`,
    height: 320,
    half: true,
    description: () =>
      `Cumulative distribution of ${distribution().name}. ${summary(distribution())}`,
    ready: topic,
    data: () => {
      const of = distribution();
      const line = cumulativeLine(of);
      return [
        {
          name: of.name,
          explain: of.explain,
          unit: of.unit,
          numbers: line.map(([value]) => value as number),
        },
        { name: "images below", unit: "%", numbers: line.map(([, share]) => share as number) },
      ];
    },
    option: (theme) => {
      const of = distribution();
      const line = cumulativeLine(of);
      const color = colorOf("busy", theme);
      return {
        grid: { left: 10, right: 28, top: 34, bottom: 26, containLabel: true },
        xAxis: xValues(theme, {
          name: axisName(of),
          scale: true,
          min: of.min,
          max: of.max,
          axisLabel: {
            showMinLabel: false,
            showMaxLabel: false,
            formatter: (value: number) => number(value),
          },
        }),
        yAxis: yValues(theme, { name: "% of the images", min: 0, max: 100 }),
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "line", snap: true },
          formatter: (params: { value: number[]; seriesType: string }[]) => {
            const at = params.find(({ seriesType }) => seriesType === "line")?.value;
            if (at === undefined) return "";
            return tip(quantity(at[0], of.unit), [
              { label: "images at most", value: `${number(at[1])} %`, strong: true },
            ]);
          },
        }),
        series: [
          {
            type: "line",
            step: valuesOf(of) === null ? false : "end",
            data: line,
            symbol: "none",
            lineStyle: { color, width: 2 },
            itemStyle: { color },
            areaStyle: { color, opacity: 0.08 },
          },
          {
            type: "scatter",
            silent: true,
            data: quantiles.map(([name, share], place) => {
              const late = (of[name] - of.min) / (of.max - of.min || 1) > 0.75;
              return {
                name,
                value: [of[name], share * 100],
                label: {
                  formatter: `${name}  ${quantity(of[name], of.unit)}`,
                  position: [late ? 4 : 6, 18 + 15 * (place === 1 ? 1 : 0)],
                  align: late ? "right" : "left",
                  backgroundColor: theme.surface,
                  padding: [1, 3],
                },
              };
            }),
            symbolSize: 8,
            itemStyle: { color: theme.surface, borderColor: color, borderWidth: 2 },
            label: { show: true, color: theme.ink, fontSize: 11.5, distance: 8 },
          },
        ],
      };
    },
  });
  charts.push(histogram, cumulative);
  return section(
    "images",
    "Images",
    () => `${plurals(run().images?.image.length ?? 0, "image")}. ${run().tail?.text ?? ""}`,
    choice,
    row(histogram.element, cumulative.element),
  );
}

function summary(of: Distribution): string {
  return `p50 ${quantity(of.p50, of.unit)} · p95 ${quantity(of.p95, of.unit)} · p99 ${quantity(of.p99, of.unit)} · from ${number(of.min)} to ${quantity(of.max, of.unit)}`;
}

function cumulativeLine(of: Distribution): number[][] {
  const values = valuesOf(of);
  if (values !== null) {
    const sorted = Float64Array.from(values).sort();
    const line = [[sorted[0] as number, 0]];
    for (let i = 0; i < sorted.length; ++i) {
      // one step where several images are equal
      if (i + 1 < sorted.length && sorted[i + 1] === sorted[i]) continue;
      line.push([sorted[i] as number, (100 * (i + 1)) / sorted.length]);
    }
    return line;
  }
  const all = of.images.reduce((total, count) => total + count, 0);
  const line = [[of.edges[0] as number, 0]];
  let below = 0;
  for (let bin = 0; bin < of.images.length; ++bin) {
    below += of.images[bin] as number;
    line.push([of.edges[bin + 1] as number, (100 * below) / all]);
  }
  return line;
}

/** Vertical lines with names above, on two levels so that neighbours do not cover each other. */
function marks(
  theme: Theme,
  lines: { at: number; name: string; level: number }[],
): Record<string, unknown> {
  return {
    symbol: "none",
    silent: true,
    animation: false,
    data: lines.map(({ at, name, level }) => ({
      xAxis: at,
      lineStyle: {
        color: name === "mean" ? theme.ink : theme.muted,
        type: name === "mean" ? "solid" : "dashed",
        width: 1,
      },
      label: {
        formatter: name,
        color: theme.ink,
        fontSize: 11,
        distance: [0, 4 + 13 * level],
      },
    })),
  };
}

// ---- against tokens

let stageChoice = "all";

interface Cloud {
  /** Mean tokens per block, latency. */
  points: number[][];
  /** Blocks that the choice is about. */
  blocks: number;
  /** What the staircase says, on top of the mean of everything else. */
  curve: number[][] | null;
}

function cloud(images: Images): Cloud {
  const { stages, staircase } = run();
  const chosen = stages
    .map((_, index) => index)
    .filter((index) => stageChoice === "all" || String(index) === stageChoice);
  const sizes = stages.map((stage) => stage.last_block - stage.first_block + 1);
  const blocks = chosen.reduce((total, index) => total + (sizes[index] as number), 0);
  const cost = staircase && costOf(staircase);
  const points: number[][] = [];
  let rest = 0;
  for (let image = 0; image < images.latency_ms.length; ++image) {
    let tokens = 0;
    let inBlocks = 0;
    for (const index of chosen) {
      const count = images.tokens[index]?.[image] as number;
      tokens += count * (sizes[index] as number);
      if (cost) inBlocks += (sizes[index] as number) * cost(count);
    }
    const latency = images.latency_ms[image] as number;
    points.push([tokens / blocks, latency]);
    rest += latency - inBlocks;
  }
  rest /= images.latency_ms.length;
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const [tokens] of points as [number, number][]) {
    low = Math.min(low, tokens);
    high = Math.max(high, tokens);
  }
  const curve =
    staircase === null
      ? null
      : staircase.tokens
          .map((tokens, index) => [tokens, rest + blocks * (staircase.block_ms[index] as number)])
          .filter(([tokens]) => (tokens as number) >= low - 1 && (tokens as number) <= high + 1);
  return { points, blocks, curve };
}

/** Of one block, between the simulated numbers of tokens by interpolation. */
function costOf(of: Staircase): (tokens: number) => number {
  return (tokens) => {
    let low = 0;
    let high = of.tokens.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((of.tokens[middle] as number) <= tokens) low = middle;
      else high = middle;
    }
    const [x0, x1] = [of.tokens[low] as number, of.tokens[high] as number];
    const [y0, y1] = [of.block_ms[low] as number, of.block_ms[high] as number];
    return x1 === x0
      ? y0
      : y0 + ((y1 - y0) * (Math.max(x0, Math.min(x1, tokens)) - x0)) / (x1 - x0);
  };
}

function blocksInWords(index: number): string {
  const stage = run().stages[index];
  if (stage === undefined) return "";
  return stage.first_block === stage.last_block
    ? `block ${stage.first_block}`
    : `blocks ${stage.first_block} to ${stage.last_block}`;
}

function againstTokensSection(): Section {
  const { images, staircase } = run();
  const charts: Chart[] = [];
  if (images !== null) {
    const varying = run()
      .stages.map((stage, index) => ({ stage, index }))
      .filter(({ stage }) => stage.tokens_min !== stage.tokens_max);
    const plot = chart({
      name: "latency-tokens",
      title: "Latency against tokens",
      subtitle: () =>
        run().staircase
          ? "A dot is an image. The line: the same number of tokens in each of these blocks (staircase), all else as on average"
          : "A dot is an image",
      height: 380,
      half: staircase !== null,
      description: () =>
        `Scatter of latency against tokens of ${plurals(run().images?.image.length ?? 0, "image")}.`,
      controls:
        varying.length > 1 &&
        select(
          "Tokens of",
          [
            { value: "all", label: "all blocks, mean" },
            ...varying.map(({ index }) => ({ value: String(index), label: blocksInWords(index) })),
          ],
          stageChoice,
          (value) => {
            stageChoice = value;
            plot.resetZoom();
          },
        ),
      data: () => {
        const now = run().images as Images;
        return [
          { name: "image", texts: now.image },
          {
            name: "tokens per block",
            explain: "tokens",
            unit: "tokens",
            numbers: cloud(now).points.map(([tokens]) => tokens as number),
          },
          { name: "latency", explain: "latency_ms", unit: "ms", numbers: now.latency_ms },
          { name: "energy", explain: "energy_mj", unit: "mJ", numbers: now.energy_mj },
          { name: "MACs", explain: "macs", numbers: now.macs },
        ];
      },
      ready: (self) => {
        self.axisTopics.set("latency, ms", "latency_ms");
        self.axisTopics.set("tokens per block", "tokens");
      },
      option: (theme) => {
        const now = run().images as Images;
        const { points, curve } = cloud(now);
        const large = points.length > 2000;
        return {
          grid: { left: 10, right: 18, top: 34, bottom: 26, containLabel: true },
          xAxis: xValues(theme, { name: "tokens per block", scale: true }),
          yAxis: yValues(theme, { name: "latency, ms", scale: true }),
          dataZoom: [insideZoom("x"), insideZoom("y")],
          tooltip: tooltip(theme, {
            formatter: ({ dataIndex, seriesType }: { dataIndex: number; seriesType: string }) => {
              if (seriesType !== "scatter") return "";
              return tip(`image ${now.image[dataIndex]}`, [
                {
                  label: "latency",
                  value: quantity(now.latency_ms[dataIndex], "ms"),
                  strong: true,
                },
                { label: "energy", value: quantity(now.energy_mj[dataIndex], "mJ") },
                { label: "MACs", value: number(now.macs[dataIndex]) },
                ...now.tokens.map((ofStage, index) => ({
                  label: `tokens in ${blocksInWords(index)}`,
                  value: number(ofStage[dataIndex]),
                })),
              ]);
            },
          }),
          series: [
            {
              type: "scatter",
              data: points,
              large,
              largeThreshold: 2000,
              symbolSize: points.length > 5000 ? 3 : points.length > 1000 ? 4 : 6,
              itemStyle: { color: colorOf("busy", theme), opacity: large ? 0.35 : 0.6 },
            },
            ...(curve
              ? [
                  {
                    type: "line",
                    silent: true,
                    step: "middle",
                    symbol: "none",
                    z: 3,
                    data: curve,
                    lineStyle: { color: hue("vermilion", theme), width: 1.75 },
                  },
                ]
              : []),
          ],
        };
      },
    });
    charts.push(plot);
  }
  if (staircase !== null) charts.push(staircaseChart());
  return section(
    "against-tokens",
    "Latency and tokens",
    () => "",
    row(...charts.map((one) => one.element)),
  );
}

function staircaseChart(): Chart {
  const now = () => run().staircase as Staircase;
  return chart({
    name: "staircase",
    title: "Cost of one block by its tokens",
    subtitle: () =>
      now().pieces.length > 0
        ? `Steps come with every ${now()
            .pieces.map(({ name, tokens }) => `${tokens} tokens (${name})`)
            .join(", ")}`
        : "",
    height: 380,
    half: run().images !== null,
    description: () => "Time of one transformer block by its number of tokens.",
    legend: (theme) =>
      run().images === null
        ? []
        : [
            { name: "block", color: hue("vermilion", theme), shape: "line" },
            { name: "images with so many tokens", color: theme.quiet, shape: "box" },
          ],
    data: () => [
      { name: "tokens", unit: "tokens", numbers: now().tokens },
      { name: "block", explain: "cycles", unit: "cycles", numbers: now().block_cycles },
      { name: "time", explain: "latency_ms", unit: "ms", numbers: now().block_ms },
    ],
    ready: (self) => {
      self.axisTopics.set("tokens of the block", "tokens");
      self.axisTopics.set("ms per block", "latency_ms");
    },
    option: (theme) => {
      const { tokens, block_ms, block_cycles } = now();
      const counts = imagesByTokens();
      return {
        grid: { left: 10, right: 12, top: 34, bottom: 26, containLabel: true },
        xAxis: xValues(theme, { name: "tokens of the block", min: 0, max: "dataMax" }),
        yAxis: [
          yValues(theme, { name: "ms per block", min: 0 }),
          yValues(theme, {
            name: counts.length > 0 ? "images in a stage" : "",
            position: "right",
            nameTextStyle: { align: "right", padding: [0, 0, 0, 0] },
            splitLine: { show: false },
            show: counts.length > 0,
            max: (range: { max: number }) => Math.max(1, Math.ceil(range.max * 2.5)),
            minInterval: 1,
          }),
        ],
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "line" },
          formatter: (params: { seriesType: string; dataIndex: number }[]) => {
            const at = params.find(({ seriesType }) => seriesType === "line")?.dataIndex;
            if (at === undefined) return "";
            const before = at > 0 ? (block_cycles[at - 1] as number) : null;
            return tip(quantity(tokens[at], "tokens"), [
              { label: "block", value: quantity(block_ms[at], "ms"), strong: true },
              { label: "cycles", value: number(block_cycles[at]) },
              ...(before === null
                ? []
                : [
                    {
                      label: "more than with one less",
                      value: quantity((block_cycles[at] as number) - before, "cycles"),
                    },
                  ]),
            ]);
          },
        }),
        series: [
          {
            type: "bar",
            yAxisIndex: 1,
            silent: true,
            barWidth: 2,
            data: counts,
            itemStyle: { color: theme.quiet },
          },
          {
            type: "line",
            step: "middle",
            symbol: "none",
            z: 3,
            data: tokens.map((count, index) => [count, block_ms[index]]),
            lineStyle: { color: hue("vermilion", theme), width: 2 },
            itemStyle: { color: hue("vermilion", theme) },
          },
        ],
      };
    },
  });
}

/** How often a stage of an image has so many tokens, where images differ. */
function imagesByTokens(): number[][] {
  const { images, stages } = run();
  if (images === null) return [];
  const counts = new Map<number, number>();
  for (const [index, ofStage] of images.tokens.entries()) {
    const stage = stages[index];
    if (stage === undefined || stage.tokens_min === stage.tokens_max) continue;
    for (const count of ofStage) counts.set(count, (counts.get(count) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}
