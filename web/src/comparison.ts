// SPDX-License-Identifier: Apache-2.0
// Runs side by side; the first one is what the others are measured against.

import {
  type Chart,
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
import { h } from "./dom";
import { term } from "./explain";
import { number, percent, quantity, short } from "./format";
import { frame, notes, panel, type Section, section, segmented } from "./layout";
import type { Change, Comparison, Part } from "./payload";
import { live, page } from "./state";
import { colorOf, currentTheme, onTheme, runColor, type Theme } from "./theme";

function comparison(): Comparison {
  return page().comparison as Comparison;
}

export function comparisonPage(): HTMLElement {
  const sections: Section[] = [
    section(
      "overview",
      "Overview",
      null,
      panel("Figures", redrawn(figuresTable)),
      notes(() => comparison().notes),
    ),
    cyclesSection(),
    operatorsSection(),
  ];
  if (comparison().runs.some((run) => run.latency_quantiles !== null))
    sections.push(latencySection());
  sections.push(energySection(), resourcesSection());
  return frame(redrawn(runCards), sections);
}

type RunOf = Comparison["runs"][number];

/** Folders are called by their last part, where that tells them apart. */
function nameOf(run: RunOf): string {
  const last = (path: string) => path.replace(/\/+$/, "").split("/").pop() ?? path;
  const all = comparison().runs.map(({ name }) => last(name));
  return new Set(all).size === all.length ? last(run.name) : run.name;
}

function labelOf(run: RunOf): string {
  return `${run.letter} ${nameOf(run)}`;
}

function labelAt(index: number): string {
  const run = comparison().runs[index];
  return run === undefined ? "" : labelOf(run);
}

/** Follows the page and the theme. */
function redrawn(build: () => HTMLElement): HTMLElement {
  const element = live("div", null, build);
  onTheme(() => element.replaceChildren(build()));
  return element;
}

function runLegend(theme: Theme): LegendItem[] {
  return comparison().runs.map((run, index) => ({
    name: labelOf(run),
    explain: "",
    color: runColor(index, theme),
  }));
}

function badge(index: number): HTMLElement {
  const theme = currentTheme();
  return h(
    "span",
    { class: "letter", style: { background: runColor(index, theme) } },
    comparison().runs[index]?.letter,
  );
}

/** What the runs have in common once, what differs per run. */
function runCards(): HTMLElement {
  const { runs } = comparison();
  const labels = new Map<string, string>();
  for (const run of runs) for (const fact of run.facts) labels.set(fact.label, fact.explain);
  const textOf = (run: number, label: string) =>
    runs[run]?.facts.find((fact) => fact.label === label)?.text ?? "–";
  const differing = [...labels.keys()].filter((label) =>
    runs.some((_, run) => textOf(run, label) !== textOf(0, label)),
  );
  const common = [...labels.keys()].filter((label) => !differing.includes(label));
  return h(
    "div",
    null,
    common.length > 0 &&
      h(
        "dl",
        { class: "facts" },
        common.map((label) =>
          h(
            "div",
            null,
            h("dt", null, term(label, labels.get(label))),
            h("dd", null, textOf(0, label)),
          ),
        ),
      ),
    h(
      "div",
      { class: "run-cards" },
      runs.map((run, index) =>
        h(
          "div",
          { class: "run-card" },
          h(
            "div",
            { class: "run-name" },
            badge(index),
            h("strong", { title: run.name }, nameOf(run)),
            index === 0 && h("span", { class: "tag" }, "baseline"),
          ),
          differing.length > 0 &&
            h(
              "dl",
              null,
              differing.map((label) => [
                h("dt", null, term(label, labels.get(label))),
                h("dd", null, textOf(index, label)),
              ]),
            ),
        ),
      ),
    ),
  );
}

function figuresTable(): HTMLElement {
  const { figures, runs } = comparison();
  return h(
    "div",
    { class: "table-wrap" },
    h(
      "table",
      { class: "figures-table comparison-figures" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", null, "Figure"),
          runs.map((run, index) => h("th", { class: "number" }, badge(index), nameOf(run))),
        ),
      ),
      h(
        "tbody",
        null,
        figures.map((figure) =>
          h(
            "tr",
            null,
            h("td", null, term(figure.label, figure.explain)),
            runs.map((_, index) => {
              const change = figure.changes[index] ?? "";
              const known = (figure.values[index] ?? null) !== null;
              return h(
                "td",
                { class: "number" },
                h(
                  "div",
                  null,
                  figure.texts[index],
                  known && figure.unit !== "" && h("span", { class: "unit" }, ` ${figure.unit}`),
                ),
                change !== "" && h("div", { class: `ratio ${verdict(figure, index)}` }, change),
              );
            }),
          ),
        ),
      ),
    ),
  );
}

function verdict(figure: Comparison["figures"][number], index: number): string {
  const before = figure.values[0] ?? null;
  const value = figure.values[index] ?? null;
  if (before === null || value === null || figure.better === "none" || value === before) return "";
  return value < before === (figure.better === "lower") ? "good" : "bad";
}

// ---- cycles and energy: one bar per run

function partsChart(options: {
  name: string;
  title: string;
  unit: string;
  axis: string;
  parts: () => Part[];
  of: (run: number) => number[];
}): Chart {
  const { parts, of } = options;
  const rows = () =>
    parts().map((_, part) => comparison().runs.map((__, run) => of(run)[part] ?? 0));
  return chart({
    name: options.name,
    title: options.title,
    subtitle: () => "Mean per image",
    height: () => 44 + 44 * comparison().runs.length,
    description: () => `${options.title}, one bar per run.`,
    legend: (theme) =>
      parts().map(({ name, explain }) => ({ name, explain, color: colorOf(name, theme) })),
    data: () => [
      { name: "part", texts: parts().map(({ name }) => name) },
      ...comparison().runs.map((run, index) => ({
        name: labelOf(run),
        explain: "",
        unit: options.unit,
        numbers: of(index),
      })),
    ],
    option: (theme) => {
      const values = rows();
      const most = highest(values);
      const { runs } = comparison();
      return {
        grid: { left: 8, right: 24, top: 4, bottom: 26, containLabel: true },
        xAxis: xValues(theme, {
          name: options.axis,
          axisLabel: { formatter: (value: number) => short(value) },
        }),
        yAxis: categories(theme, {
          data: runs.map((run) => labelOf(run)),
          inverse: true,
          axisLabel: { color: theme.ink, width: 180, overflow: "truncate", interval: 0 },
        }),
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          formatter: (params: { dataIndex: number }[]) => {
            const run = params[0]?.dataIndex ?? 0;
            const total = of(run).reduce((sum, value) => sum + value, 0);
            return tip(labelAt(run), [
              { label: "all", value: quantity(total, options.unit, 6), strong: true },
              ...parts()
                .map(({ name }, part) => ({ name, value: of(run)[part] ?? 0 }))
                .filter(({ value }) => value > 0)
                .map(({ name, value }) => ({
                  label: name,
                  color: colorOf(name, theme),
                  value: `${quantity(value, options.unit)} · ${percent(value / total)}`,
                })),
            ]);
          },
        }),
        series: parts().map(({ name }, part) => ({
          type: "bar",
          name,
          stack: "all",
          barMaxWidth: 24,
          ...stacked(values[part] as number[], colorOf(name, theme), theme, most),
        })),
      };
    },
  });
}

function cyclesSection(): Section {
  const causes = partsChart({
    name: "compare-causes",
    title: "Array cycles by cause",
    unit: "cycle",
    axis: "cycles per image",
    parts: () => comparison().causes,
    of: (run) => comparison().runs[run]?.causes ?? [],
  });
  return section(
    "cycles",
    "Where the cycles went",
    null,
    causes.element,
    sideBySide("compare-groups", "Time by group of operators", () =>
      comparison().groups.filter(({ ms }) => ms.some((value) => value !== null && value > 0)),
    ).element,
  );
}

/** Bars of all runs for every name. */
function sideBySide(name: string, title: string, changes: () => Change[]): Chart {
  return chart({
    name,
    title,
    subtitle: () => "ms per image, largest change first",
    height: () => 60 + changes().length * (14 + 13 * comparison().runs.length),
    description: () => `${title}: one bar per run.`,
    legend: runLegend,
    data: () => changeColumns(changes()),
    ready: (self) => self.axisTopics.set("ms per image", "latency_ms"),
    option: (theme) => ({
      grid: { left: 8, right: 60, top: 4, bottom: 26, containLabel: true },
      xAxis: xValues(theme, { name: "ms per image" }),
      yAxis: categories(theme, {
        data: changes().map((change) => change.name),
        inverse: true,
        axisLabel: { color: theme.ink, interval: 0, width: 190, overflow: "truncate" },
      }),
      tooltip: changeTip(theme, changes),
      series: comparison().runs.map((run, index) => ({
        type: "bar",
        name: run.letter,
        barMaxWidth: 13,
        barGap: "8%",
        barCategoryGap: "28%",
        data: changes().map((change) => change.ms[index]),
        itemStyle: { color: runColor(index, theme), borderRadius: [0, 2, 2, 0] },
        label: {
          show: true,
          position: "right",
          color: theme.muted,
          fontSize: 10.5,
          formatter: ({ value }: { value: number | null }) =>
            value === null ? "" : number(value, 3),
        },
      })),
    }),
  });
}

function changeColumns(changes: Change[]) {
  const { runs } = comparison();
  return [
    { name: "name", explain: "", texts: changes.map(({ name }) => name) },
    ...runs.map((run, index) => ({
      name: labelOf(run),
      explain: "",
      unit: "ms",
      numbers: changes.map(({ ms }) => ms[index] ?? null),
    })),
    ...runs.slice(1).map((run, index) => ({
      name: `${run.letter} − ${runs[0]?.letter}`,
      explain: "",
      unit: "cycles",
      numbers: changes.map(({ cycles }) => difference(cycles, index + 1)),
    })),
  ];
}

function difference(values: (number | null)[], run: number): number | null {
  const value = values[run] ?? null;
  const before = values[0] ?? null;
  // what a run does not have takes no time
  return value === null && before === null ? null : (value ?? 0) - (before ?? 0);
}

function changeTip(theme: Theme, changes: () => Change[]): Record<string, unknown> {
  return tooltip(theme, {
    trigger: "axis",
    axisPointer: { type: "shadow" },
    formatter: (params: { dataIndex: number }[]) => {
      const change = changes()[params[0]?.dataIndex ?? 0];
      if (change === undefined) return "";
      return tip(
        change.name,
        comparison().runs.map((run, index) => {
          const cycles = change.cycles[index] ?? null;
          const before = change.cycles[0] ?? null;
          const ratio =
            index > 0 && cycles !== null && before ? ` · ${number(cycles / before, 3)}×` : "";
          return {
            label: labelOf(run),
            color: runColor(index, theme),
            value:
              cycles === null
                ? "not there"
                : `${quantity(change.ms[index], "ms")} · ${number(Math.round(cycles))} cycles${ratio}`,
          };
        }),
      );
    },
  });
}

// ---- operators: what changed

let other = 1;
const visibleOperators = 24;

function operatorsSection(): Section {
  const changes = () =>
    [...comparison().operators].sort(
      (a, b) => Math.abs(difference(b.ms, other) ?? 0) - Math.abs(difference(a.ms, other) ?? 0),
    );
  const { runs } = comparison();
  const plot = chart({
    name: "compare-operators",
    title: () =>
      `What ${comparison().runs[other]?.letter} takes more or less than ${comparison().runs[0]?.letter}, by operator`,
    subtitle: () => "ms per image, largest change first; left of zero is faster",
    height: () => 44 + 22 * Math.min(visibleOperators, comparison().operators.length),
    description: () => "Differences in time of every operator, against the baseline.",
    controls:
      runs.length > 2 &&
      segmented(
        "Run",
        runs.slice(1).map((run, index) => ({ value: String(index + 1), label: labelOf(run) })),
        String(other),
        (value) => {
          other = Number(value);
          plot.resetZoom();
        },
      ),
    data: () => changeColumns(changes()),
    option: (theme) => {
      const ordered = changes();
      const values = ordered.map(({ ms }) => difference(ms, other));
      const scrolled = ordered.length > visibleOperators;
      return {
        grid: { left: 8, right: scrolled ? 36 : 24, top: 4, bottom: 26, containLabel: true },
        xAxis: xValues(theme, { name: "ms per image, against the baseline" }),
        yAxis: categories(theme, {
          data: ordered.map(({ name }) => name),
          inverse: true,
          axisLabel: { color: theme.ink, interval: 0, width: 220, overflow: "truncate" },
        }),
        dataZoom: scrolled
          ? [
              sliderZoom(theme, "y", {
                yAxisIndex: 0,
                right: 6,
                width: 14,
                start: 0,
                end: (100 * visibleOperators) / ordered.length,
                zoomLock: true,
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
        tooltip: changeTip(theme, () => ordered),
        series: [
          {
            type: "bar",
            barMaxWidth: 13,
            data: values.map((value) => ({
              value,
              itemStyle: { color: (value ?? 0) <= 0 ? theme.good : theme.bad },
            })),
          },
        ],
      };
    },
  });
  return section("operators", "Operators", null, plot.element);
}

// ---- latency

function latencySection(): Section {
  const plot = chart({
    name: "compare-latency",
    title: "Cumulative distribution of latency",
    subtitle: () => "Share of the images that stay below",
    height: 340,
    description: () => "Cumulative distributions of latency, one line per run.",
    legend: (theme) =>
      runLegend(theme).map((item, index) => ({
        ...item,
        shape: lineShapes[index % lineShapes.length],
      })),
    data: () => {
      const { runs } = comparison();
      const percents = runs.find((run) => run.latency_quantiles)?.latency_quantiles?.percent ?? [];
      return [
        { name: "images below", explain: "", unit: "%", numbers: percents },
        ...runs.map((run) => ({
          name: labelOf(run),
          explain: "",
          unit: "ms",
          numbers: percents.map((_, index) => run.latency_quantiles?.ms[index] ?? null),
        })),
      ];
    },
    ready: (self) => self.axisTopics.set("latency, ms", "latency_ms"),
    option: (theme) => {
      const { runs } = comparison();
      return {
        grid: { left: 10, right: 24, top: 34, bottom: 26, containLabel: true },
        xAxis: xValues(theme, { name: "latency, ms", scale: true }),
        yAxis: yValues(theme, { name: "% of the images", min: 0, max: 100 }),
        tooltip: tooltip(theme, {
          formatter: ({ seriesIndex, value }: { seriesIndex: number; value: number[] }) =>
            tip(labelAt(seriesIndex), [
              {
                label: `${number(value[1])} % of the images`,
                value: `at most ${quantity(value[0], "ms")}`,
              },
            ]),
        }),
        series: runs.map((run, index) => ({
          type: "line",
          name: run.letter,
          symbol: "circle",
          symbolSize: 7,
          showSymbol: (run.latency_quantiles?.ms.length ?? 0) <= 30,
          data: quantiles(index).map(({ ms, percent: at }) => [ms, at]),
          lineStyle: {
            color: runColor(index, theme),
            width: 2,
            type: lineTypes[index % lineTypes.length],
          },
          itemStyle: { color: runColor(index, theme) },
          endLabel: { show: false },
        })),
      };
    },
  });
  return section("latency", "Latency over the images", null, plot.element);
}

/** A run of one image is a step. */
function quantiles(index: number): { ms: number; percent: number }[] {
  const known = comparison().runs[index]?.latency_quantiles;
  if (known) return known.ms.map((ms, at) => ({ ms, percent: known.percent[at] as number }));
  const latency = comparison().figures.find(({ explain }) => explain === "latency_mean_ms");
  const ms = latency?.values[index] ?? null;
  return ms === null
    ? []
    : [
        { ms, percent: 0 },
        { ms, percent: 100 },
      ];
}

const lineTypes = ["solid", "solid", "dashed", "dotted"];
const lineShapes = ["line", "line", "dash", "dots"] as const;

// ---- energy, resources

function energySection(): Section {
  return section(
    "energy",
    "Energy",
    null,
    partsChart({
      name: "compare-energy",
      title: "Energy by part of the chip",
      unit: "mJ",
      axis: "mJ per image",
      parts: () => comparison().energy_parts,
      of: (run) => comparison().runs[run]?.energy_parts ?? [],
    }).element,
  );
}

function resourcesSection(): Section {
  const plot = chart({
    name: "compare-resources",
    title: "Use of the boards",
    subtitle: () => "Share of what each run's board has",
    height: () => 60 + comparison().resources.length * (14 + 13 * comparison().runs.length),
    description: () => "Use of every resource of the board, one bar per run.",
    legend: runLegend,
    data: () => {
      const { resources, runs } = comparison();
      return [
        { name: "resource", explain: "resources", texts: resources.map(({ name }) => name) },
        ...runs.flatMap((run, index) => [
          {
            name: `${run.letter} used`,
            explain: "",
            numbers: resources.map(({ values }) => values[index] ?? null),
          },
          {
            name: `${run.letter} available`,
            explain: "",
            numbers: resources.map(({ available }) => available[index] ?? null),
          },
        ]),
      ];
    },
    option: (theme) => {
      const { resources, runs } = comparison();
      const used = (resource: number, run: number) => {
        const available = resources[resource]?.available[run] ?? 0;
        return available > 0 ? (100 * (resources[resource]?.values[run] ?? 0)) / available : 0;
      };
      const most = Math.max(
        100,
        ...resources.flatMap((_, resource) => runs.map((__, run) => used(resource, run))),
      );
      return {
        grid: { left: 8, right: 130, top: 4, bottom: 26, containLabel: true },
        xAxis: xValues(theme, { name: "% of the board", max: Math.ceil(most / 10) * 10 }),
        yAxis: categories(theme, {
          data: resources.map(({ name }) => name),
          inverse: true,
          axisLabel: { color: theme.ink, interval: 0 },
        }),
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          formatter: (params: { dataIndex: number }[]) => {
            const resource = params[0]?.dataIndex ?? 0;
            return tip(
              resources[resource]?.name,
              runs.map((run, index) => ({
                label: labelOf(run),
                color: runColor(index, theme),
                value: `${number(resources[resource]?.values[index])} of ${number(resources[resource]?.available[index])}`,
              })),
            );
          },
        }),
        series: runs.map((run, index) => ({
          type: "bar",
          name: run.letter,
          barMaxWidth: 13,
          barGap: "8%",
          barCategoryGap: "28%",
          data: resources.map((_, resource) => used(resource, index)),
          itemStyle: { color: runColor(index, theme), borderRadius: [0, 2, 2, 0] },
          label: {
            show: true,
            position: "right",
            color: theme.muted,
            fontSize: 10.5,
            formatter: ({ dataIndex, value }: { dataIndex: number; value: number }) =>
              (resources[dataIndex]?.available[index] ?? 0) > 0
                ? `${value.toFixed(1)} % · ${number(resources[dataIndex]?.values[index])}${value > 100 ? " · does not fit" : ""}`
                : "none on this board",
          },
        })),
      };
    },
  });
  return section("resources", "Resources", null, plot.element);
}
