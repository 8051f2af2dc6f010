// SPDX-License-Identifier: Apache-2.0
// Where the cycles of the array went.

import {
  categories,
  chart,
  highest,
  sliderZoom,
  stacked,
  tip,
  tooltip,
  xValues,
  yValues,
} from "../chart";
import { h } from "../dom";
import { term } from "../explain";
import { cyclesToMs, number, percent, quantity, short } from "../format";
import { bar, panel, row, type Section, section, segmented, share } from "../layout";
import { live } from "../state";
import { colorOf, currentTheme, onTheme } from "../theme";
import { blockLabel, blockNames, causeLegend, run, sum } from "./state";

function totals(): { byCause: number[]; all: number } {
  const byCause = run().operators.causes.map((cycles) => sum(cycles));
  return { byCause, all: sum(byCause) };
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

export function bars(): Bars {
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

const visibleOperators = 24;

export function cyclesSection(): Section {
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
