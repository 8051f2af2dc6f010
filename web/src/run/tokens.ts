// SPDX-License-Identifier: Apache-2.0
// Tokens of every block.

import { categories, chart, tip, tooltip, yValues } from "../chart";
import { number, plurals, quantity } from "../format";
import { type Section, section } from "../layout";
import { colorOf } from "../theme";
import { run } from "./state";

export function tokensSection(): Section {
  const many = () => run().stages.some((stage) => stage.tokens_min !== stage.tokens_max);
  const plot = chart({
    name: "tokens",
    title: "Tokens per block",
    subtitle: () =>
      many()
        ? "Mean over the images; the line reaches from the fewest to the most tokens of an image"
        : "Of the image",
    height: 300,
    description: () =>
      `Tokens by block: ${run()
        .stages.map(
          (stage) =>
            `blocks ${stage.first_block} to ${stage.last_block} ${number(stage.tokens_mean)}`,
        )
        .join(", ")}.`,
    data: () => {
      const { stages } = run();
      return [
        {
          name: "blocks",
          texts: stages.map((stage) => `${stage.first_block} to ${stage.last_block}`),
        },
        { name: "selector", texts: stages.map((stage) => stage.selector || "–") },
        {
          name: "mean",
          explain: "tokens",
          unit: "tokens",
          numbers: stages.map((stage) => stage.tokens_mean),
        },
        {
          name: "fewest",
          explain: "tokens",
          unit: "tokens",
          numbers: stages.map((stage) => stage.tokens_min),
        },
        {
          name: "most",
          explain: "tokens",
          unit: "tokens",
          numbers: stages.map((stage) => stage.tokens_max),
        },
      ];
    },
    option: (theme) => {
      const { stages } = run();
      const blocks: string[] = [];
      const stageOf: number[] = [];
      for (const [index, stage] of stages.entries())
        for (let block = stage.first_block; block <= stage.last_block; ++block) {
          blocks.push(`${block}`);
          stageOf.push(index);
        }
      const at = (place: number) => stages[stageOf[place] as number] as (typeof stages)[number];
      const color = colorOf("busy", theme);
      const first = (place: number) => place > 0 && stageOf[place] !== stageOf[place - 1];
      return {
        grid: {
          left: 12,
          right: 16,
          top: 40,
          bottom: 26,
          containLabel: true,
        },
        xAxis: categories(theme, { data: blocks, name: "block" }),
        yAxis: yValues(theme, {
          name: "tokens",
          max: (range: { max: number }) => Math.ceil(range.max * 1.12),
          axisLabel: { showMaxLabel: false },
        }),
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          formatter: (params: { dataIndex: number }[]) => {
            const place = params[0]?.dataIndex ?? 0;
            const stage = at(place);
            const rows = [
              { label: "mean", value: quantity(stage.tokens_mean, "tokens"), strong: true },
            ];
            if (stage.tokens_min !== stage.tokens_max)
              rows.push(
                { label: "fewest", value: quantity(stage.tokens_min, "tokens"), strong: false },
                { label: "most", value: quantity(stage.tokens_max, "tokens"), strong: false },
              );
            return tip(
              `Block ${blocks[place]}`,
              rows,
              stage.selector ? `Selector ${stage.selector}` : undefined,
            );
          },
        }),
        series: [
          {
            type: "bar",
            name: "mean",
            barCategoryGap: "28%",
            data: blocks.map((_, place) => at(place).tokens_mean),
            itemStyle: { color, borderRadius: [2, 2, 0, 0] },
            markLine: {
              symbol: "none",
              silent: true,
              lineStyle: { color: theme.faint, type: "dashed" },
              data: [],
            },
          },
          {
            type: "custom",
            name: "fewest to most",
            silent: true,
            z: 5,
            data: blocks.map((_, place) => [place, at(place).tokens_min, at(place).tokens_max]),
            renderItem: (
              params: { coordSys: { y: number; height: number } },
              api: {
                value: (dimension: number) => number;
                coord: (point: number[]) => number[];
                size: (size: number[]) => number[];
              },
            ) => {
              const place = api.value(0);
              const low = api.coord([place, api.value(1)]);
              const high = api.coord([place, api.value(2)]);
              const x = high[0] as number;
              const half = (api.size([1, 0])[0] as number) / 2;
              const line = { stroke: theme.ink, lineWidth: 1.25, fill: undefined };
              const children: unknown[] = [];
              if (api.value(1) !== api.value(2))
                children.push(
                  { type: "line", shape: { x1: x, x2: x, y1: low[1], y2: high[1] }, style: line },
                  {
                    type: "line",
                    shape: { x1: x - 5, x2: x + 5, y1: low[1], y2: low[1] },
                    style: line,
                  },
                  {
                    type: "line",
                    shape: { x1: x - 5, x2: x + 5, y1: high[1], y2: high[1] },
                    style: line,
                  },
                );
              if (first(place)) {
                const { y, height } = params.coordSys;
                children.push(
                  {
                    type: "line",
                    shape: { x1: x - half, x2: x - half, y1: y, y2: y + height },
                    style: { stroke: theme.faint, lineDash: [3, 3], lineWidth: 1 },
                  },
                  {
                    type: "text",
                    style: {
                      x: x - half + 5,
                      y: y - 2,
                      text: "selector",
                      fill: colorOf("token selector", theme),
                      fontSize: 11,
                    },
                  },
                );
              }
              return { type: "group", children };
            },
          },
        ],
      };
    },
  });
  return section("tokens", "Tokens", () => tokensInWords(), plot.element);
}

function tokensInWords(): string {
  const { stages } = run();
  const first = stages[0];
  const last = stages[stages.length - 1];
  if (first === undefined || last === undefined) return "";
  if (stages.length === 1)
    return `Nothing is pruned: ${plurals(first.tokens_mean, "token")} in every block.`;
  return `${plurals(stages.length - 1, "selector")} leave ${number(last.tokens_mean)} of ${number(first.tokens_mean)} tokens to the last blocks.`;
}
