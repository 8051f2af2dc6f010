// SPDX-License-Identifier: Apache-2.0
// The report of a sweep: filter, Pareto front, parallel coordinates, heat map, sensitivity, table, what went wrong.
// All charts show what the filter and the brushes on the parallel axes leave; the rest stays faint behind it.

import {
  categories,
  chart,
  font,
  insideZoom,
  labelSize,
  type TipRow,
  tip,
  tooltip,
  xValues,
  yValues,
} from "./chart";
import { type Child, copyButton, h, icon, icons, replace } from "./dom";
import { explain, term } from "./explain";
import { compileFilter, type RowTest } from "./filter";
import { number, percent, plurals, pluralUnit, quantity, tick } from "./format";
import {
  bar,
  figures,
  frame,
  panel,
  row,
  type Section,
  section,
  segmented,
  select,
} from "./layout";
import type { Column, Sweep } from "./payload";
import { live, onUpdate, page } from "./state";
import { type Effect, effectOf, levelsOf } from "./statistics";
import { type Sort, type Table, type TableColumn, table } from "./table";
import { currentTheme, hue, onTheme, ramp, type Theme } from "./theme";

const statusNames = ["ok", "violated", "infeasible", "failed"] as const;

function sweep(): Sweep {
  return page().sweep as Sweep;
}

// ---- what the reader has chosen; survives live updates

const chosen = {
  filter: "",
  /** Intervals per column of the parallel axes. */
  brushes: new Map<string, [number, number][]>(),
  /** Number of a point. */
  point: null as number | null,
  x: "",
  y: "",
  dimensions: [] as string[],
  color: "",
  heatX: "",
  heatY: "",
  heatMetric: "",
  heatOf: "" as "" | "mean" | "least" | "most",
  effectMetric: "",
  effectAxis: "",
  columns: [] as string[],
  sort: null as Sort | null,
};

// ---- columns

let indexed: {
  of: Sweep;
  columns: Map<string, Column>;
  rowOf: Map<number, number>;
  front: Set<number>;
} | null = null;

function index() {
  const of = sweep();
  if (indexed?.of !== of)
    indexed = {
      of,
      columns: new Map(of.columns.map((column) => [column.name, column])),
      rowOf: new Map(of.points.map((point, row) => [point, row])),
      front: new Set(of.front),
    };
  return indexed;
}

function column(name: string): Column | undefined {
  return index().columns.get(name);
}

function numbersOf(name: string): (number | null)[] {
  return column(name)?.numbers ?? [];
}

function varies(of: Column): boolean {
  const values: ArrayLike<number | string | null> = of.numbers ?? of.texts ?? [];
  for (let row = 1; row < values.length; ++row) if (values[row] !== values[0]) return true;
  return false;
}

function isAxis(of: Column): boolean {
  return of.role === "axis" || of.role === "derived";
}

/** Axes that do not stand still. */
function axes(): Column[] {
  return sweep().columns.filter((one) => one.role === "axis" && varies(one));
}

function metrics(): Column[] {
  return sweep().columns.filter((one) => !isAxis(one) && one.numbers !== null && varies(one));
}

function withUnit(name: string): string {
  const unit = pluralUnit(column(name)?.unit ?? "");
  return unit === "" ? name : `${name}, ${unit}`;
}

function cell(of: Column, row: number): string {
  if (of.numbers === null) return of.texts?.[row] ?? "–";
  return quantity(of.numbers[row], of.unit);
}

function best(name: string): "least" | "most" | null {
  const objective = sweep().objectives.find((one) => one.name === name);
  return objective === undefined ? null : objective.maximize ? "most" : "least";
}

const roleNames = {
  axis: "Axes",
  derived: "Derived",
  static: "Known before simulation",
  metric: "Results",
};

function options(columns: Column[]): { value: string; label: string; group: string }[] {
  const isObjective = new Set(sweep().objectives.map(({ name }) => name));
  const rank = (one: Column) =>
    isObjective.has(one.name) ? 0 : { axis: 1, derived: 2, static: 4, metric: 3 }[one.role];
  return [...columns]
    .sort((a, b) => rank(a) - rank(b))
    .map((one) => ({
      value: one.name,
      label: withUnit(one.name),
      group: isObjective.has(one.name) ? "Objectives" : roleNames[one.role],
    }));
}

// ---- which rows are shown

interface Shown {
  /** Pass the filter. */
  filtered: Uint8Array;
  /** Pass the brushes, too. */
  visible: Uint8Array;
  rows: number[];
  error: string;
}

let shown: Shown = { filtered: new Uint8Array(0), visible: new Uint8Array(0), rows: [], error: "" };
const followers: ((byFilter: boolean) => void)[] = [];

function lowerTexts(): string[] {
  const { columns, reasons, reason, status, points } = sweep();
  const texts = columns.filter((one) => one.texts !== null && one.role !== "metric");
  const rows = points.map(
    (point, place) =>
      `${point} ${statusNames[status[place] as number]} ${texts.map((one) => one.texts?.[place]).join(" ")} ${reasons[reason[place] as number] ?? ""}`,
  );
  return rows.map((text) => text.toLowerCase());
}

let lowered: { of: Sweep; texts: string[] } | null = null;

function contains(place: number, word: string): boolean {
  if (lowered?.of !== sweep()) lowered = { of: sweep(), texts: lowerTexts() };
  return lowered.texts[place]?.includes(word) ?? false;
}

function choose(byFilter: boolean): void {
  const { points, status, reason, reasons, columns } = sweep();
  let test: RowTest | null = null;
  let error = "";
  try {
    test = compileFilter(
      chosen.filter,
      [
        ...columns,
        { name: "point", numbers: points, texts: null },
        { name: "status", numbers: null, texts: status.map((one) => statusNames[one] as string) },
        { name: "reason", numbers: null, texts: reason.map((one) => reasons[one] ?? "") },
      ],
      contains,
    );
  } catch (problem) {
    error = (problem as Error).message;
  }
  const filtered = new Uint8Array(points.length);
  const visible = new Uint8Array(points.length);
  const rows: number[] = [];
  const brushes = [...chosen.brushes].map(([name, intervals]) => ({
    place: parallelValues(name),
    intervals,
  }));
  for (let place = 0; place < points.length; ++place) {
    if (test !== null && !test(place)) continue;
    filtered[place] = 1;
    if (
      brushes.some(({ place: values, intervals }) => {
        const value = values[place] as number;
        return !intervals.some(([low, high]) => value >= low && value <= high);
      })
    )
      continue;
    visible[place] = 1;
    rows.push(place);
  }
  shown = { filtered, visible, rows, error };
  for (const follower of followers) follower(byFilter);
}

// ---- page

export function sweepPage(): HTMLElement {
  initialize();
  choose(true);
  onUpdate(() => choose(true));
  const sections: Section[] = [overviewSection(), paretoSection(), parallelSection()];
  if (axes().length >= 2 && metrics().length > 0) sections.push(heatSection());
  if (axes().length >= 1 && metrics().length > 0) sections.push(sensitivitySection());
  sections.push(tableSection());
  if (sweep().counts.ok < sweep().points.length || sweep().running)
    sections.push(problemsSection());
  return h("div", null, frame(null, sections, filterBar()), drawer());
}

function initialize(): void {
  const names = metrics().map(({ name }) => name);
  const objectives = sweep()
    .objectives.map(({ name }) => name)
    .filter((name) => column(name)?.numbers);
  const known = [...objectives, "latency_ms.mean", "energy.image_mj.mean", ...names].filter(
    (name, place, all) => names.includes(name) && all.indexOf(name) === place,
  );
  chosen.x = known[0] ?? axes()[0]?.name ?? "";
  chosen.y = known[1] ?? chosen.x;
  chosen.color = known[0] ?? "";
  chosen.heatMetric = known[0] ?? "";
  chosen.effectMetric = known[0] ?? "";
  chosen.heatX = axes()[0]?.name ?? "";
  chosen.heatY = axes()[1]?.name ?? "";
  const inputs = sweep()
    .columns.filter((one) => isAxis(one) && varies(one))
    .map(({ name }) => name);
  const results = known.filter((name) => objectives.includes(name));
  for (const name of known)
    if (results.length < 3 && !results.includes(name) && !/\.(p\d+|min|max)$/.test(name))
      results.push(name);
  chosen.dimensions = [...inputs.slice(0, 7), ...results].slice(0, 10);
  chosen.columns = [
    "point",
    "status",
    ...inputs,
    ...objectives,
    ...[
      "latency_ms.mean",
      "fps",
      "energy.image_mj.mean",
      "array.utilization",
      "macs",
      "resources.dsps",
    ].filter((name) => !objectives.includes(name) && names.includes(name)),
  ];
}

function statusColor(status: number, theme: Theme): string {
  return [hue("blue", theme), hue("orange", theme), theme.faint, theme.bad][status] as string;
}

function overviewSection(): Section {
  return section(
    "overview",
    "Overview",
    null,
    live("dl", { class: "facts" }, () => {
      const { store, sweeps, id, objectives, running } = sweep();
      const fact = (label: string, key: string, ...text: Child[]) =>
        h("div", null, h("dt", null, term(label, key)), h("dd", null, ...text));
      return [
        fact("Store", "store", store),
        sweeps.length > 1 &&
          fact(
            "Sweep",
            "sweep",
            `${sweeps.findIndex((one) => one.id === id) + 1} of ${sweeps.length} in the store`,
          ),
        fact(
          "Objectives",
          "objectives",
          objectives.map((objective, place) => [
            place > 0 && " · ",
            objective.maximize ? "largest " : "smallest ",
            term(objective.name),
          ]),
        ),
        running && fact("State", "sweep", "running"),
      ];
    }),
    h("div", { class: "gap" }),
    figures(() => {
      const { counts, front, hypervolume, points, objectives } = sweep();
      const figure = (label: string, key: string, value: number, unit = "") => ({
        label,
        explain: key,
        value,
        unit,
        text: quantity(value, unit),
      });
      const list = [figure("Points", "point", points.length), figure("Good", "status", counts.ok)];
      if (counts.violated > 0) list.push(figure("Violate a constraint", "status", counts.violated));
      if (counts.infeasible > 0) list.push(figure("Infeasible", "status", counts.infeasible));
      if (counts.failed > 0) list.push(figure("Failed", "status", counts.failed));
      list.push(figure("On the Pareto front", "pareto", front.length));
      if (hypervolume !== null) list.push(figure("Hypervolume", "hypervolume", hypervolume));
      for (const { name, maximize } of objectives) {
        const values = numbersOf(name);
        const known = front.map((place) => values[place] ?? null).filter((value) => value !== null);
        if (known.length === 0) continue;
        const value = known.reduce((a, b) => (maximize === a > b ? a : b));
        list.push(figure(`Best ${name}`, name, value, column(name)?.unit));
      }
      return list;
    }),
  );
}

// ---- filter

function filterBar(): HTMLElement {
  const input = h("input", {
    type: "search",
    class: "field",
    id: "filter",
    placeholder: `${chosen.x} < 3 and status = ok`,
    "aria-label": "Filter the points",
    autocomplete: "off",
    spellcheck: "false",
  });
  const status = h("span", { class: "filter-status", role: "status" });
  const clear = h(
    "button",
    {
      type: "button",
      class: "button",
      id: "clear-brushes",
      onclick: () => {
        chosen.brushes.clear();
        choose(true);
      },
    },
    "Clear brushes",
  );
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      chosen.filter = input.value;
      choose(true);
    }, 120);
  });
  const draw = () => {
    if (document.activeElement !== input) input.value = chosen.filter;
    const all = sweep().points.length;
    input.classList.toggle("wrong", shown.error !== "");
    status.classList.toggle("wrong", shown.error !== "");
    status.textContent =
      shown.error !== ""
        ? shown.error
        : shown.rows.length === all
          ? plurals(all, "point")
          : `${number(shown.rows.length)} of ${plurals(all, "point")}`;
    clear.hidden = chosen.brushes.size === 0;
  };
  followers.push(draw);
  draw();
  return h(
    "div",
    { class: "filter-bar" },
    h("label", { for: "filter" }, "Filter"),
    input,
    status,
    clear,
  );
}

function filterBy(text: string): void {
  chosen.filter = text;
  choose(true);
}

// ---- details of a point

function pick(place: number | null): void {
  chosen.point = place === null ? null : (sweep().points[place] ?? null);
  for (const follower of pickers) follower();
}

const pickers: (() => void)[] = [];

function pickedRow(): number | null {
  return chosen.point === null ? null : (index().rowOf.get(chosen.point) ?? null);
}

function drawer(): HTMLElement {
  const element = h("aside", {
    class: "drawer",
    "aria-label": "Point",
    hidden: true,
    tabindex: "-1",
  });
  const draw = () => {
    const place = pickedRow();
    const opened = element.hidden && place !== null;
    element.hidden = place === null;
    if (place === null) return;
    replace(element, pointDetails(place));
    if (opened) element.focus({ preventScroll: true });
  };
  pickers.push(draw);
  onUpdate(draw);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !element.hidden && !document.querySelector("dialog[open]"))
      pick(null);
  });
  return element;
}

function pointDetails(place: number): Child {
  const { points, status, reason, reasons, columns, point_url } = sweep();
  const text = commandOf(place);
  const isObjective = new Set(sweep().objectives.map(({ name }) => name));
  const groups = new Map<string, Column[]>();
  const rank = (one: Column) =>
    isAxis(one) ? 0 : isObjective.has(one.name) ? 1 : one.role === "metric" ? 2 : 3;
  for (const one of [...columns].sort((a, b) => rank(a) - rank(b))) {
    const name =
      one.role === "axis" || one.role === "derived"
        ? "inputs"
        : isObjective.has(one.name)
          ? "objectives"
          : one.name.includes(".")
            ? one.name.slice(0, one.name.indexOf("."))
            : "results";
    if ((one.numbers?.[place] ?? null) === null && one.numbers !== null) continue;
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  const link = point_url === null ? null : safeLink(`${point_url}${points[place]}`);
  const code = status[place] as number;
  return [
    h(
      "header",
      null,
      h(
        "div",
        null,
        h("h2", null, `Point ${points[place]}`),
        h(
          "p",
          { class: `state ${statusNames[code]}` },
          statusNames[code],
          index().front.has(place) && " · on the Pareto front",
        ),
      ),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => pick(null) },
        icon(icons.close),
      ),
    ),
    (reason[place] as number) >= 0 &&
      h("p", { class: "point-reason" }, reasons[reason[place] as number]),
    link !== null &&
      h(
        "p",
        null,
        h(
          "a",
          { class: "button", href: link, target: "_blank", rel: "noopener" },
          icon(icons.open),
          "Full report of this point",
        ),
      ),
    text !== "" && [
      h("h3", null, "Run it again"),
      h("pre", { class: "command" }, h("code", null, text)),
      copyButton("Copy command", () => text),
    ],
    [...groups].map(([name, list]) => [
      h("h3", null, groupTitle(name)),
      h(
        "dl",
        { class: "details" },
        list.map((one) => [
          h("dt", null, term(shortName(one.name, name), one.explain)),
          h("dd", null, cell(one, place)),
        ]),
      ),
    ]),
  ];
}

function groupTitle(name: string): Child {
  if (name === "inputs") return "Inputs";
  if (name === "objectives") return "Objectives";
  if (name === "results") return "Results";
  return term(name);
}

function shortName(name: string, group: string): string {
  return name.startsWith(`${group}.`) ? name.slice(group.length + 1) : name;
}

/** Only the web: a report may lie anywhere. */
function safeLink(text: string): string | null {
  try {
    const url = new URL(text, location.href);
    return url.protocol === "http:" || url.protocol === "https:" || url.protocol === "file:"
      ? url.href
      : null;
  } catch {
    return null;
  }
}

function commandOf(place: number): string {
  const { command, input_texts } = sweep();
  if (command.base === "") return "";
  const parts = [command.base];
  command.inputs.forEach((prefix, input) => {
    const value = input_texts[input]?.[place];
    if (prefix !== null && value !== undefined) parts.push(`${prefix}${shellQuoted(value)}`);
  });
  return parts.join(" ");
}

function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

// ---- Pareto front

function pointTip(place: number, names: string[]): HTMLElement {
  const { points, status } = sweep();
  const inputs = sweep().columns.filter(isAxis);
  const rows: TipRow[] = names
    .filter((name, at) => names.indexOf(name) === at)
    .flatMap((name) => {
      const of = column(name);
      return of ? [{ label: name, value: cell(of, place), strong: true }] : [];
    });
  for (const of of inputs)
    if (!names.includes(of.name)) rows.push({ label: of.name, value: cell(of, place) });
  const state = statusNames[status[place] as number] as string;
  return tip(
    `Point ${points[place]}`,
    rows,
    index().front.has(place) ? `${state}, on the Pareto front` : state,
  );
}

function paretoSection(): Section {
  const all = () => sweep().columns.filter((one) => one.numbers !== null && varies(one));
  const plot = chart({
    name: "pareto",
    title: () => ["Points by ", term(chosen.x), " and ", term(chosen.y)],
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
          explain: "pareto",
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
        for (const name of [chosen.x, chosen.y])
          self.axisTopics.set(withUnit(name), column(name)?.explain ?? name);
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
      term(name),
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

// ---- parallel coordinates

/** A column on its parallel axis: numbers, or the places of texts in their list. */
function parallelValues(name: string): (number | null)[] {
  const of = column(name);
  if (of === undefined) return [];
  if (of.numbers !== null) return of.numbers;
  const places = new Map(categoriesOf(of).map((text, place) => [text, place]));
  return (of.texts ?? []).map((text) => places.get(text) ?? null);
}

function categoriesOf(of: Column): string[] {
  return [...new Set(of.texts ?? [])];
}

const slowBrush = 600; // rows: above, the charts follow when the brush is let go

function parallelSection(): Section {
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
        sweepColumnsForAxes,
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
function axisLabel(name: string): string {
  const unit = pluralUnit(column(name)?.unit ?? "");
  const dot = name.lastIndexOf(".");
  const lines =
    name.length > 14 && dot > 0 ? [name.slice(0, dot + 1), name.slice(dot + 1)] : [name];
  return `${lines.join("\n")}${unit === "" ? "" : `, ${unit}`}`;
}

function sweepColumnsForAxes(): Column[] {
  return sweep().columns.filter((one) => (one.numbers !== null || isAxis(one)) && varies(one));
}

/** A list of columns to tick. */
function picker(
  label: string,
  current: () => string[],
  columns: () => Column[],
  onChange: (names: string[]) => void,
): HTMLElement {
  const list = h("div", { class: "picker-list" });
  const search = h("input", {
    type: "search",
    class: "field",
    placeholder: "Find a column",
    "aria-label": "Find a column",
  });
  const fill = () => {
    const wanted = search.value.toLowerCase();
    let role = "";
    replace(
      list,
      columns()
        .filter(({ name }) => name.toLowerCase().includes(wanted))
        .map((one) => {
          const head = one.role !== role && h("div", { class: "picker-role" }, roleNames[one.role]);
          role = one.role;
          const box = h("input", { type: "checkbox" });
          box.checked = current().includes(one.name);
          box.addEventListener("change", () => {
            const names = current().filter((name) => name !== one.name);
            onChange(box.checked ? [...names, one.name] : names);
          });
          return [head, h("label", null, box, one.name)];
        }),
    );
  };
  search.addEventListener("input", fill);
  const element = h(
    "details",
    { class: "picker" },
    h("summary", { class: "button" }, label),
    h("div", { class: "picker-box" }, search, list),
  );
  element.addEventListener("toggle", () => {
    if (element.open) fill();
  });
  document.addEventListener("click", (event) => {
    if (element.open && !element.contains(event.target as Node)) element.open = false;
  });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") element.open = false;
  });
  return element;
}

// ---- heat map

function heatAggregate(): "mean" | "least" | "most" {
  return chosen.heatOf || best(chosen.heatMetric) || "mean";
}

function simulated(): number[] {
  const { status } = sweep();
  return shown.rows.filter((place) => (status[place] as number) <= 1);
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

function heatSection(): Section {
  const choices = () => axes().map(({ name }) => ({ value: name, label: name }));
  const plot = chart({
    name: "heatmap",
    title: () => ["Fields of ", term(chosen.heatMetric)],
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
        { name: chosen.heatX, texts: cells.map(([x]) => xs[x as number] as string) },
        { name: chosen.heatY, texts: cells.map(([, y]) => ys[y as number] as string) },
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
          self.axisTopics.set(withUnit(name), column(name)?.explain ?? name);
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

// ---- sensitivity

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

function sensitivitySection(): Section {
  let known: { key: string; rows: number[]; of: Sweep; list: Ranked[] } | null = null;
  const ranked = () => {
    if (known?.key !== chosen.effectMetric || known.rows !== shown.rows || known.of !== sweep())
      known = { key: chosen.effectMetric, rows: shown.rows, of: sweep(), list: effects() };
    return known.list;
  };
  const effect = () => ranked().find(({ axis }) => axis.name === chosen.effectAxis) ?? ranked()[0];
  const shares = chart({
    name: "sensitivity",
    title: () => ["What decides ", term(chosen.effectMetric)],
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
        { name: "mean", explain: chosen.effectMetric, unit, numbers: one.mean },
        { name: "smallest", explain: chosen.effectMetric, unit, numbers: one.least.map(finite) },
        { name: "largest", explain: chosen.effectMetric, unit, numbers: one.most.map(finite) },
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

// ---- table

function tableSection(): Section {
  const holder = h("div");
  let current: Table | null = null;
  const draw = () => {
    const top = current?.scrollTop() ?? 0;
    current = pointTable();
    replace(holder, current.element);
    current.scrollTo(top);
  };
  draw();
  followers.push((byFilter) => {
    // a live update has other columns' contents
    if (byFilter) draw();
    else current?.setRows(shown.rows);
  });
  pickers.push(() => current?.refresh());
  onTheme(() => current?.refresh());
  return section(
    "points",
    "Points",
    () => "Click on a row for all its figures, on the arrow of a column to sort.",
    h(
      "div",
      { class: "panel" },
      h(
        "div",
        { class: "table-head" },
        h("h3", null, "Table of points"),
        picker(
          "Columns",
          () => chosen.columns,
          () => sweep().columns,
          (names) => {
            chosen.columns = names;
            draw();
          },
        ),
      ),
      holder,
    ),
  );
}

function pointTable(): Table {
  const { points, status, reason, reasons } = sweep();
  const columns: TableColumn[] = chosen.columns.flatMap((name): TableColumn[] => {
    if (name === "point")
      return [
        {
          name,
          numbers: points,
          format: String,
          shape: "diamond",
          color: (place) => (index().front.has(place) ? hue("vermilion", currentTheme()) : null),
        },
      ];
    if (name === "status")
      return [
        {
          name,
          texts: status.map((one) => statusNames[one] as string),
          color: (place) => statusColor(status[place] as number, currentTheme()),
        },
      ];
    const of = column(name);
    if (of === undefined) return [];
    return [
      {
        name,
        explain: of.explain,
        unit: pluralUnit(of.unit),
        ...(of.numbers !== null ? { numbers: of.numbers } : { texts: of.texts ?? [] }),
      },
    ];
  });
  if (sweep().reasons.length > 0)
    columns.push({ name: "reason", texts: reason.map((one) => reasons[one] ?? "") });
  return table({
    name: "points",
    columns,
    rows: shown.rows,
    height: 560,
    sort: chosen.sort,
    onSort: (sort) => {
      chosen.sort = sort;
    },
    onRow: (place) => pick(place),
    isPicked: (place) => sweep().points[place] === chosen.point,
  });
}

// ---- what went wrong

function problemsSection(): Section {
  const list = live("div", { class: "table-wrap" }, () => {
    const { reason_counts } = sweep();
    if (reason_counts.length === 0) return h("p", { class: "intro" }, "Nothing so far.");
    const most = Math.max(...reason_counts.map(({ points }) => points));
    return h(
      "table",
      { class: "figures-table reasons" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", null, term("status")),
          h("th", null, "Reason"),
          h("th", { class: "wide" }),
          h("th", { class: "number" }, "Points"),
        ),
      ),
      h(
        "tbody",
        null,
        reason_counts.map(({ status, reason, points }) =>
          h(
            "tr",
            null,
            h("td", null, statusNames[status]),
            h(
              "td",
              { class: "wrap" },
              h(
                "button",
                {
                  type: "button",
                  class: "link",
                  title: "Show these points",
                  onclick: () => {
                    filterBy(
                      `status = ${statusNames[status]} and reason = "${reason.replaceAll('"', "")}"`,
                    );
                    document.getElementById("points")?.scrollIntoView();
                  },
                },
                reason,
              ),
            ),
            h("td", { class: "wide" }, bar(points / most, statusColor(status, currentTheme()))),
            h("td", { class: "number" }, number(points)),
          ),
        ),
      ),
    );
  });
  return section(
    "problems",
    "Points left out or failed",
    () => {
      const { counts } = sweep();
      const words = [
        counts.infeasible > 0 && `${number(counts.infeasible)} infeasible: not simulated`,
        counts.violated > 0 &&
          `${number(counts.violated)} violate a constraint: simulated, never on the front`,
        counts.failed > 0 && `${number(counts.failed)} failed`,
      ].filter((text): text is string => text !== false);
      return words.length > 0 ? `${words.join(". ")}.` : "None.";
    },
    panel("Reasons", list),
  );
}
