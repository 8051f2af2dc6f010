// SPDX-License-Identifier: Apache-2.0
// The report of one run.

import {
  categories,
  chart,
  highest,
  type LegendItem,
  sliderZoom,
  stacked,
  tip,
  tooltip,
  xValues,
  yValues,
} from "./chart";
import { h, icon, icons } from "./dom";
import { term } from "./explain";
import { cyclesToMs, number, percent, plurals, quantity, short } from "./format";
import { imageSections } from "./images";
import {
  bar,
  facts,
  figures,
  frame,
  notes,
  panel,
  row,
  type Section,
  section,
  segmented,
  share,
} from "./layout";
import type { Run } from "./payload";
import { roofline } from "./roofline";
import { live, page } from "./state";
import { colorOf, currentTheme, onTheme, type Theme } from "./theme";
import { timelineSection } from "./timeline";

export function run(): Run {
  return page().run as Run;
}

export function runPage(): HTMLElement {
  const sections: Section[] = [
    section(
      "overview",
      "Overview",
      null,
      verdicts(),
      figures(() => run().headline),
      notes(() => run().notes),
    ),
    cyclesSection(),
  ];
  if (run().timelines.length > 0) sections.push(timelineSection());
  sections.push(rooflineSection(), tokensSection());
  sections.push(...imageSections());
  sections.push(energySection(), resourcesSection());
  if ((run().error_bands ?? []).length > 0) sections.push(bandsSection());
  return frame(
    facts(() => run().facts),
    sections,
  );
}

function verdicts(): HTMLElement {
  return live("ul", { class: "verdicts" }, () =>
    run().verdict.map((verdict) =>
      h(
        "li",
        { class: verdict.ok ? "verdict good" : "verdict bad" },
        icon(verdict.ok ? icons.check : icons.warning),
        h("strong", null, term(verdict.label, verdict.explain)),
        h("span", null, verdict.text),
      ),
    ),
  );
}

// ---- where the cycles went

function totals(): { byCause: number[]; all: number } {
  const byCause = run().operators.causes.map((cycles) => sum(cycles));
  return { byCause, all: sum(byCause) };
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; ++i) total += values[i] as number;
  return total;
}

function causeLegend(theme: Theme): LegendItem[] {
  return run().causes.map(({ name, explain }) => ({ name, explain, color: colorOf(name, theme) }));
}

function groupLegend(theme: Theme): LegendItem[] {
  return run()
    .groups.filter(({ cycles, energy_mj }) => cycles > 0 || energy_mj > 0)
    .map(({ name, explain }) => ({ name, explain, color: colorOf(name, theme) }));
}

type Grouping = "block" | "group" | "operator";

interface Bars {
  names: string[];
  /** [cause][bar] */
  causes: number[][];
}

let grouping: Grouping = "block";

/** Cycles of every cause, summed over the operators of one name. */
function gather(nameOf: (operator: number) => string, order?: string[]): Bars {
  const { operators } = run();
  const names = order?.slice() ?? [];
  const places = new Map(names.map((name, place) => [name, place]));
  const causes: number[][] = operators.causes.map(() => names.map(() => 0));
  for (let i = 0; i < operators.name.length; ++i) {
    const name = nameOf(i);
    let place = places.get(name);
    if (place === undefined) {
      place = names.length;
      places.set(name, place);
      names.push(name);
      for (const row of causes) row.push(0);
    }
    for (let cause = 0; cause < causes.length; ++cause) {
      const into = causes[cause] as number[];
      into[place] = (into[place] as number) + ((operators.causes[cause] as number[])[i] as number);
    }
  }
  return { names, causes };
}

function bars(): Bars {
  const { operators, groups } = run();
  if (grouping === "group")
    return gather(
      (i) => operators.group[i] as string,
      groups.map(({ name }) => name),
    );
  if (grouping === "block") return gather(blockNames());
  const every = gather((i) => operators.name[i] as string);
  const total = every.names.map((_, place) => sum(every.causes.map((row) => row[place] as number)));
  const largest = every.names
    .map((_, place) => place)
    .filter((place) => (total[place] as number) > 0)
    .sort((a, b) => (total[b] as number) - (total[a] as number));
  return {
    names: largest.map((place) => every.names[place] as string),
    causes: every.causes.map((row) => largest.map((place) => row[place] as number)),
  };
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

const visibleOperators = 24;

function cyclesSection(): Section {
  const clock = () => run().clock_mhz;
  const breakdown = chart({
    name: "cycles",
    title: () =>
      grouping === "operator"
        ? "Cycles by operator, largest first"
        : `Cycles by ${grouping === "block" ? "block" : "group of operators"}`,
    subtitle: () => "Mean per image, stacked by what the array did in each cycle",
    height: () =>
      grouping === "block" ? 360 : grouping === "group" ? 60 + 42 * run().groups.length : 620,
    description: () => `Stacked bars of array cycles per ${grouping} by cause. ${totalsInWords()}`,
    legend: causeLegend,
    controls: segmented(
      "Bars",
      [
        { value: "block", label: "Blocks" },
        { value: "group", label: "Groups" },
        { value: "operator", label: "Operators" },
      ],
      grouping,
      (value) => {
        grouping = value as Grouping;
        breakdown.resetZoom();
      },
    ),
    data: () => {
      const { names, causes } = bars();
      return [
        { name: grouping, texts: names },
        {
          name: "cycles",
          unit: "cycles",
          numbers: names.map((_, place) => sum(causes.map((row) => row[place] as number))),
          format: whole,
        },
        ...run().causes.map((cause, index) => ({
          name: cause.name,
          explain: cause.explain,
          unit: "cycles",
          numbers: causes[index] as number[],
          format: whole,
        })),
      ];
    },
    option: (theme) => {
      const { names, causes } = bars();
      const most = highest(causes);
      const upright = grouping === "block";
      const values = {
        name: "cycles per image",
        axisLabel: { formatter: (value: number) => short(value) },
      };
      const labels = {
        data: names.map(upright ? blockLabel : shortOperator),
        name: upright ? "block" : "",
        inverse: !upright,
        axisLabel: {
          interval: upright && names.length > 26 ? "auto" : 0,
          hideOverlap: false,
          width: 190,
          overflow: "truncate",
          color: theme.ink,
        },
      };
      const scrolled = grouping === "operator" && names.length > visibleOperators;
      return {
        grid: upright
          ? { left: 12, right: 12, top: 34, bottom: 26, containLabel: true }
          : { left: 12, right: scrolled ? 36 : 24, top: 8, bottom: 26, containLabel: true },
        xAxis: upright ? categories(theme, labels) : xValues(theme, values),
        yAxis: upright ? yValues(theme, values) : categories(theme, labels),
        dataZoom: scrolled
          ? [
              sliderZoom(theme, "y", {
                yAxisIndex: 0,
                right: 6,
                width: 14,
                start: 0,
                end: (100 * visibleOperators) / names.length,
                zoomLock: true,
                showDataShadow: false,
              }),
              {
                id: "y-inside",
                type: "inside",
                yAxisIndex: 0,
                zoomOnMouseWheel: false,
                moveOnMouseWheel: false,
                moveOnMouseMove: true,
                zoomLock: true,
              },
            ]
          : [],
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          formatter: (params: { dataIndex: number }[]) => {
            const place = params[0]?.dataIndex ?? 0;
            const total = sum(causes.map((row) => row[place] as number));
            return tip(names[place], [
              {
                label: "all",
                value: `${number(Math.round(total))} cycles · ${quantity(cyclesToMs(total, clock()), "ms")}`,
                strong: true,
              },
              ...run()
                .causes.map((cause, index) => ({ cause, cycles: causes[index]?.[place] ?? 0 }))
                .filter(({ cycles }) => cycles > 0)
                .map(({ cause, cycles }) => ({
                  label: cause.name,
                  color: colorOf(cause.name, theme),
                  value: `${number(Math.round(cycles))} · ${percent(cycles / total)}`,
                })),
            ]);
          },
        }),
        series: run().causes.map((cause, index) => ({
          type: "bar",
          name: cause.name,
          stack: "cycles",
          barMaxWidth: upright ? 56 : 20,
          ...stacked(causes[index] as number[], colorOf(cause.name, theme), theme, most),
        })),
      };
    },
  });
  const causeTable = live("div", null, () => causeRows());
  const groupTable = live("div", null, () => groupRows());
  onTheme(() => {
    causeTable.replaceChildren(causeRows());
    groupTable.replaceChildren(groupRows());
  });
  return section(
    "cycles",
    "Where the cycles went",
    () => totalsInWords(),
    row(panel("By cause", causeTable), panel("By group of operators", groupTable)),
    breakdown.element,
  );
}

function whole(value: number): string {
  return number(Math.round(value));
}

function blockLabel(name: string): string {
  return name.replace("block ", "");
}

/** `blocks.3.attn.qkv` takes less room as `3 · attn.qkv`. */
function shortOperator(name: string): string {
  const match = /^blocks\.(\d+)\.(.+)$/.exec(name);
  return match ? `${match[1]} · ${match[2]}` : name;
}

function totalsInWords(): string {
  const { byCause, all } = totals();
  const { causes, clock_mhz } = run();
  const busy = byCause[0] ?? 0;
  let worst = 1;
  for (let i = 2; i < byCause.length; ++i)
    if ((byCause[i] as number) > (byCause[worst] as number)) worst = i;
  const lost = causes[worst];
  const words = `${number(Math.round(all))} cycles (${quantity(cyclesToMs(all, clock_mhz), "ms")}) per image: the array computes in ${share(busy / all)} of them.`;
  if (lost === undefined || !(byCause[worst] as number)) return words;
  return `${words} It loses most, ${share((byCause[worst] as number) / all)}, where ${lost.meaning}.`;
}

function causeRows(): HTMLElement {
  const theme = currentTheme();
  const { causes, clock_mhz } = run();
  const { byCause, all } = totals();
  const most = Math.max(...byCause);
  return h(
    "table",
    { class: "figures-table" },
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", null, "Cause"),
        h("th", { class: "wide" }),
        h("th", { class: "number" }, "Share"),
        h("th", { class: "number" }, "Cycles"),
        h("th", { class: "number" }, "ms"),
      ),
    ),
    h(
      "tbody",
      null,
      causes.map((cause, index) => {
        const cycles = byCause[index] as number;
        return h(
          "tr",
          { title: cause.meaning },
          h("td", null, term(cause.name, cause.explain)),
          h("td", { class: "wide" }, bar(cycles / most, colorOf(cause.name, theme))),
          h("td", { class: "number" }, share(cycles / all)),
          h("td", { class: "number" }, whole(cycles)),
          h("td", { class: "number" }, cyclesToMs(cycles, clock_mhz).toFixed(3)),
        );
      }),
    ),
    h(
      "tfoot",
      null,
      h(
        "tr",
        null,
        h("td", null, "Image"),
        h("td", { class: "wide" }),
        h("td", { class: "number" }, "100 %"),
        h("td", { class: "number" }, whole(all)),
        h("td", { class: "number" }, cyclesToMs(all, clock_mhz).toFixed(3)),
      ),
    ),
  );
}

function groupRows(): HTMLElement {
  const theme = currentTheme();
  const { groups, clock_mhz } = run();
  const most = Math.max(...groups.map(({ cycles }) => cycles));
  return h(
    "table",
    { class: "figures-table" },
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", null, "Group"),
        h("th", { class: "wide" }),
        h("th", { class: "number" }, "Cycles"),
        h("th", { class: "number" }, "ms"),
        h("th", { class: "number" }, "MMAC"),
        h("th", { class: "number" }, "mJ"),
      ),
    ),
    h(
      "tbody",
      null,
      groups.map((group) =>
        h(
          "tr",
          { title: group.meaning },
          h("td", null, term(group.name, group.explain)),
          h("td", { class: "wide" }, bar(group.cycles / most, colorOf(group.name, theme))),
          h("td", { class: "number" }, whole(group.cycles)),
          h("td", { class: "number" }, cyclesToMs(group.cycles, clock_mhz).toFixed(3)),
          h("td", { class: "number" }, (group.macs / 1e6).toFixed(1)),
          h("td", { class: "number" }, group.energy_mj.toFixed(3)),
        ),
      ),
    ),
  );
}

// ---- roofline

function rooflineSection(): Section {
  const plot = roofline(run, groupLegend);
  return section(
    "roofline",
    "Roofline",
    () =>
      `No operator can be above the roof: ${quantity(run().roofline.peak_gmacs, "GMAC/s")} is what the array computes at most, the slopes are what the memory feeds it. An operator far below the roof waits for something else.`,
    plot.element,
  );
}

// ---- tokens

function tokensSection(): Section {
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

// ---- energy

function energySection(): Section {
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
        explain: "energy",
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

// ---- resources

function useInWords(use: Run["resources"]["uses"][number]): string {
  if (use.available === 0 && use.used === 0) return "none on this board";
  const words = `${number(use.used)} of ${number(use.available)}`;
  const part = use.available > 0 ? ` · ${use.percent.toFixed(1)} %` : "";
  return `${words}${part}${use.fits ? "" : " · does not fit"}`;
}

function resourcesSection(): Section {
  const { resources } = run();
  const plot = chart({
    name: "resources",
    title: () => `Use of ${run().resources.board}`,
    subtitle: () => "Share of what the board has",
    height: () => 50 + 38 * run().resources.uses.length,
    description: () =>
      run()
        .resources.uses.map((use) => `${use.name}: ${number(use.used)} of ${number(use.available)}`)
        .join(", "),
    data: () => {
      const { uses } = run().resources;
      return [
        { name: "resource", texts: uses.map(({ name }) => name) },
        { name: "used", numbers: uses.map(({ used }) => used) },
        { name: "available", numbers: uses.map(({ available }) => available) },
        { name: "percent", unit: "%", numbers: uses.map(({ percent: value }) => value) },
        { name: "fits", texts: uses.map(({ fits }) => (fits ? "yes" : "no")) },
      ];
    },
    option: (theme) => {
      const { uses } = run().resources;
      const most = Math.max(100, ...uses.map(({ percent: value }) => value));
      return {
        grid: { left: 8, right: 150, top: 6, bottom: 26, containLabel: true },
        xAxis: xValues(theme, {
          name: "% of the board",
          max: most > 100 ? Math.ceil(most / 10) * 10 : 100,
        }),
        yAxis: categories(theme, {
          data: uses.map(({ name }) => name),
          inverse: true,
          axisLabel: { color: theme.ink },
        }),
        tooltip: tooltip(theme, {
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const use = uses[dataIndex];
            if (use === undefined) return "";
            return tip(use.name, [
              { label: "used", value: number(use.used) },
              { label: "board has", value: number(use.available) },
              { label: "share", value: `${number(use.percent, 3)} %` },
            ]);
          },
        }),
        series: [
          {
            type: "bar",
            barMaxWidth: 18,
            showBackground: true,
            backgroundStyle: { color: theme.grid },
            data: uses.map((use) => ({
              value: use.percent,
              itemStyle: { color: use.fits ? colorOf("busy", theme) : theme.bad },
              label: {
                formatter: useInWords(use),
              },
            })),
            label: { show: true, position: "right", color: theme.muted, fontSize: 11.5 },
          },
        ],
      };
    },
  });
  const byBlock = live("div", { class: "table-wrap" }, () => {
    const { uses, blocks: all } = run().resources;
    return h(
      "table",
      { class: "figures-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", null, "Block"),
          uses.map((use) => h("th", { class: "number" }, term(use.name, use.explain))),
        ),
      ),
      h(
        "tbody",
        null,
        all.map((block) =>
          h(
            "tr",
            null,
            h("td", null, term(block.name)),
            block.values.map((value) =>
              h(
                "td",
                { class: value === 0 ? "number none" : "number" },
                value === 0 ? "–" : number(value),
              ),
            ),
          ),
        ),
      ),
      h(
        "tfoot",
        null,
        h(
          "tr",
          null,
          h("td", null, "Engine"),
          uses.map((use) => h("td", { class: "number" }, number(use.used))),
        ),
      ),
    );
  });
  return section(
    "resources",
    "Resources",
    () => run().resources.uncertainty,
    plot.element,
    resources.blocks.length > 0 && panel("By block of the engine", byBlock),
  );
}

// ---- how far to trust it

/** Deviations below and above the reference, on one scale per table. */
function bandsSection(): Section {
  const rows = live("div", { class: "table-wrap" }, () => {
    const bands = run().error_bands ?? [];
    const most = Math.max(5, ...bands.flatMap((band) => [-band.low_percent, band.high_percent]));
    const at = (value: number) => `${50 + (48 * value) / most}%`;
    return h(
      "table",
      { class: "figures-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", null, "Quantity"),
          h("th", null, "Of"),
          h("th", { class: "number" }, "Comparisons"),
          h("th", { class: "number" }, "Deviation"),
          h("th", { class: "deviation" }, `−${number(most, 2)} to +${number(most, 2)} %`),
          h("th", null, "Trust"),
          h("th", null, "Reference"),
        ),
      ),
      h(
        "tbody",
        null,
        bands.map((band) =>
          h(
            "tr",
            null,
            h("td", null, term(band.quantity)),
            h("td", null, band.of),
            h("td", { class: "number" }, number(band.comparisons)),
            h("td", { class: "number" }, band.text),
            h(
              "td",
              { class: "deviation" },
              h(
                "span",
                { class: "deviation-scale" },
                h("span", {
                  class: "deviation-band",
                  style: {
                    left: at(band.low_percent),
                    width: `calc(${at(band.high_percent)} - ${at(band.low_percent)} + 3px)`,
                  },
                }),
              ),
            ),
            h("td", null, term(band.trust)),
            h("td", { class: "wrap" }, band.reference),
          ),
        ),
      ),
    );
  });
  return section(
    "error-bands",
    "How far to trust it",
    () =>
      "Deviation of the simulation from references, from the lowest to the highest of the comparisons.",
    h("div", { class: "panel" }, rows),
  );
}
