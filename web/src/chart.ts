// SPDX-License-Identifier: Apache-2.0
// A chart with everything around it: title, legend, controls, table of its data, and its drawing on theme changes,
// resizes, live updates and paper.

import { type Child, h, icon, icons, replace } from "./dom";
import { type ECharts, type EChartsCoreOption, echarts } from "./echarts";
import { explain, term } from "./explain";
import { onUpdate } from "./state";
import { type TableColumn, table } from "./table";
import { currentTheme, isPrinting, onTheme, type Theme } from "./theme";

export type Shape = "box" | "line" | "dash" | "dots" | "ring" | "triangle" | "circle" | "diamond";

export interface LegendItem {
  name: string;
  color: string;
  /** Key of what the name means. */
  explain?: string;
  /** `line` for limits and quantiles, `ring` and others for symbols. */
  shape?: Shape;
  note?: string;
  /** Items of one list stand on a line of their own behind its name. */
  list?: string;
}

export interface ChartSpec {
  name: string;
  title: Child | (() => Child);
  /** One line on what the chart shows. */
  subtitle?: () => Child;
  /** Pixels. */
  height: number | (() => number);
  option: (theme: Theme) => EChartsCoreOption;
  /** For those who do not see the chart. */
  description: () => string;
  legend?: (theme: Theme) => LegendItem[];
  controls?: Child;
  /** The numbers of the chart as a table. */
  data?: () => TableColumn[];
  /** Once, when the chart is there. */
  ready?: (chart: Chart) => void;
  /** Fills the width of its column unless `half`. */
  half?: boolean;
}

const paperWidth = 680; // pixels between the margins of A4 and Letter, see report.css

interface Zoom {
  start: number;
  end: number;
}

const all: Chart[] = [];
const queue: Chart[] = [];
let waiting = false;

/** Draws one chart per task, so that the page answers in between. */
function enqueue(chart: Chart): void {
  if (!queue.includes(chart)) queue.push(chart);
  if (waiting) return;
  waiting = true;
  setTimeout(step, 0);
}

function step(): void {
  queue.shift()?.draw();
  waiting = queue.length > 0;
  if (waiting) setTimeout(step, 0);
}

export class Chart {
  readonly element: HTMLElement;
  readonly container: HTMLElement;
  instance: ECharts | null = null;
  private readonly heading = h("h3");
  private readonly subtitle = h("p", { class: "chart-subtitle" });
  private readonly legend = h("ul", { class: "legend" });
  private readonly tableHolder = h("div", { class: "chart-data", hidden: true });
  private readonly zooms = new Map<string, Zoom>();
  private width = 0;

  constructor(readonly spec: ChartSpec) {
    this.container = h("div", {
      class: "chart",
      "data-chart": spec.name,
      tabindex: "0",
      role: "img",
    });
    const dataButton =
      spec.data &&
      h(
        "button",
        {
          type: "button",
          class: "button quiet",
          "aria-expanded": "false",
          onclick: (event: Event) => this.toggleData(event.currentTarget as HTMLElement),
        },
        icon(icons.table),
        h("span", null, "Data"),
      );
    this.element = h(
      "figure",
      { class: spec.half ? "panel half" : "panel" },
      h(
        "figcaption",
        null,
        h("div", { class: "chart-title" }, this.heading, this.subtitle),
        h("div", { class: "chart-controls" }, spec.controls, dataButton),
      ),
      this.legend,
      this.container,
      this.tableHolder,
    );
    all.push(this);
    onUpdate(() => this.redraw());
    this.describe();
    enqueue(this);
  }

  /** Soon, from the page as it is now. */
  redraw(): void {
    enqueue(this);
  }

  /** Forgets what the reader has zoomed into. */
  resetZoom(): void {
    this.zooms.clear();
    this.redraw();
    this.container.dispatchEvent(new CustomEvent("zoomed"));
  }

  get zoomed(): boolean {
    return this.zooms.size > 0;
  }

  draw(): void {
    const theme = currentTheme();
    const printing = isPrinting();
    this.describe();
    const height = typeof this.spec.height === "number" ? this.spec.height : this.spec.height();
    this.container.style.height = `${height}px`;
    // a half panel is as wide as the paper, too
    const width = printing ? paperWidth : this.container.clientWidth;
    if (width === 0) return; // hidden; drawn when it is resized to something
    delete this.container.dataset.drawn;
    this.width = width;
    if (this.instance === null) {
      this.instance = echarts.init(this.container, null, {
        width,
        height,
        devicePixelRatio: printing ? 3 : undefined,
      });
      this.listen(this.instance);
      if (!printing) this.spec.ready?.(this);
    } else this.instance.resize({ width, height });
    const option = this.spec.option(theme) as Record<string, unknown>;
    for (const zoom of (option.dataZoom as Record<string, unknown>[] | undefined) ?? []) {
      const kept = this.zooms.get(axisOf(String(zoom.id)));
      if (kept !== undefined) Object.assign(zoom, kept);
    }
    if (printing)
      // paper does not wait for parts, and takes one canvas only
      for (const series of (option.series as Record<string, unknown>[] | undefined) ?? [])
        Object.assign(series, { progressive: 0, progressiveThreshold: 1e9, large: false });
    this.instance.setOption(
      {
        darkMode: theme.name === "dark",
        backgroundColor: "transparent",
        animation: false,
        textStyle: { fontFamily: font(), color: theme.ink },
        aria: {
          enabled: true,
          label: { description: this.spec.description() },
          decal: { show: patterns },
        },
        ...option,
      },
      { notMerge: true },
    );
    if (printing) this.instance.getZr().flush();
    this.container.dispatchEvent(new CustomEvent("drawn"));
  }

  /** Drawn anew in the size of the paper, in its colours and sharp. */
  drawForPaper(): void {
    this.instance?.dispose();
    this.instance = null;
    this.draw();
  }

  resizeIfNeeded(): void {
    if (isPrinting()) return;
    const width = this.container.clientWidth;
    if (width !== this.width && width > 0) {
      if (this.instance === null) enqueue(this);
      else {
        this.width = width;
        this.redraw();
      }
    }
  }

  private listen(instance: ECharts): void {
    instance.on("finished", () => {
      this.container.dataset.drawn = "true";
    });
    instance.on("datazoom", (event) => {
      const one = event as { batch?: (Zoom & { dataZoomId: string })[] } & Zoom & {
          dataZoomId: string;
        };
      for (const part of one.batch ?? [one]) {
        const axis = axisOf(part.dataZoomId);
        if (part.start === undefined) continue;
        if (part.start <= 0 && part.end >= 100) this.zooms.delete(axis);
        else this.zooms.set(axis, { start: part.start, end: part.end });
      }
      this.container.dispatchEvent(new CustomEvent("zoomed"));
    });
    // names of axes explain themselves, as other names do
    instance.on("click", (event) => {
      const part = event as { targetType?: string; name?: string; componentType?: string };
      if (part.targetType !== "axisName") return;
      const key = this.axisTopics.get(part.name ?? "");
      if (key !== undefined) explain(key);
    });
  }

  /** Topic of each axis name, as drawn. */
  readonly axisTopics = new Map<string, string>();

  setZoom(axis: string, zoom: Zoom): void {
    this.zooms.set(axis, zoom);
  }

  zoomOf(axis: string): Zoom {
    return this.zooms.get(axis) ?? { start: 0, end: 100 };
  }

  private describe(): void {
    const { title, subtitle, legend } = this.spec;
    replace(this.heading, typeof title === "function" ? title() : title);
    replace(this.subtitle, subtitle?.());
    this.subtitle.hidden = this.subtitle.childNodes.length === 0;
    this.container.setAttribute("aria-label", this.spec.description());
    const items = legend?.(currentTheme()) ?? [];
    this.legend.hidden = items.length === 0;
    replace(this.legend, legendItems(items));
    if (!this.tableHolder.hidden) this.showData();
  }

  private toggleData(button: HTMLElement): void {
    this.tableHolder.hidden = !this.tableHolder.hidden;
    button.setAttribute("aria-expanded", String(!this.tableHolder.hidden));
    if (!this.tableHolder.hidden) this.showData();
  }

  private showData(): void {
    const columns = this.spec.data?.() ?? [];
    replace(this.tableHolder, table({ name: this.spec.name, columns }).element);
  }
}

function axisOf(dataZoomId: string): string {
  return dataZoomId.split("-")[0] ?? "";
}

function legendItems(items: LegendItem[]): HTMLElement[] {
  const shown: HTMLElement[] = [];
  let list: string | undefined;
  for (const item of items) {
    if (item.list !== list) {
      list = item.list;
      if (shown.length > 0) shown.push(h("li", { class: "legend-break", "aria-hidden": "true" }));
      if (list !== undefined) shown.push(h("li", { class: "legend-list" }, list));
    }
    shown.push(legendItem(item));
  }
  return shown;
}

function legendItem(item: LegendItem): HTMLElement {
  return h(
    "li",
    null,
    h("span", { class: `swatch ${item.shape ?? "box"}`, style: { color: item.color } }),
    term(item.name, item.explain ?? item.name),
    item.note !== undefined && h("span", { class: "legend-note" }, item.note),
  );
}

export function chart(spec: ChartSpec): Chart {
  return new Chart(spec);
}

let patterns = false;

export function togglePatterns(): boolean {
  patterns = !patterns;
  for (const one of all) one.redraw();
  return patterns;
}

export function font(): string {
  return getComputedStyle(document.body).fontFamily;
}

/** The chart of a `data-chart`; for tests. */
export function chartNamed(name: string): Chart | undefined {
  return all.find((one) => one.spec.name === name && one.element.isConnected);
}

export function watchCharts(): void {
  let printed = isPrinting();
  onTheme(() => {
    const printing = isPrinting();
    for (const one of all) {
      // at once: the browser does not wait for paper
      if (printing || printed) one.drawForPaper();
      else one.redraw();
    }
    printed = printing;
  });
  let frame = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      for (const one of all) one.resizeIfNeeded();
    });
  }).observe(document.body);
}

// ---- what all charts share

export const labelSize = 11.5;

interface AxisOptions {
  /** With its unit. */
  name?: string;
  [option: string]: unknown;
}

function axisBase(theme: Theme): Record<string, unknown> {
  return {
    nameTextStyle: { color: theme.muted, fontSize: labelSize },
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { lineStyle: { color: theme.line } },
    axisLabel: { color: theme.muted, fontSize: labelSize, hideOverlap: true },
    splitLine: { lineStyle: { color: theme.grid } },
    triggerEvent: true,
  };
}

function merged(base: Record<string, unknown>, options: AxisOptions): Record<string, unknown> {
  const result = { ...base };
  for (const [name, value] of Object.entries(options)) {
    const before = result[name];
    result[name] =
      isPlain(before) && isPlain(value)
        ? merged(before as Record<string, unknown>, value as AxisOptions)
        : value;
  }
  return result;
}

function isPlain(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** A horizontal axis has its name below the middle, a vertical one above its end. */
export function xValues(theme: Theme, options: AxisOptions): Record<string, unknown> {
  return merged(
    {
      ...axisBase(theme),
      type: "value",
      nameLocation: "middle",
      nameGap: 30,
      axisLine: { show: false },
    },
    options,
  );
}

export function yValues(theme: Theme, options: AxisOptions): Record<string, unknown> {
  const base = axisBase(theme);
  return merged(
    {
      ...base,
      type: "value",
      nameLocation: "end",
      nameGap: 12,
      nameTextStyle: {
        color: theme.muted,
        fontSize: labelSize,
        align: "left",
        padding: [0, 0, 0, -8],
      },
      axisLine: { show: false },
      axisTick: { show: false },
    },
    options,
  );
}

export function categories(theme: Theme, options: AxisOptions): Record<string, unknown> {
  return merged(
    {
      ...axisBase(theme),
      type: "category",
      axisTick: { show: false },
      nameLocation: "middle",
      nameGap: 30,
      splitLine: { show: false },
    },
    options,
  );
}

export function tooltip(theme: Theme, options: Record<string, unknown>): Record<string, unknown> {
  return {
    trigger: "item",
    confine: true,
    transitionDuration: 0.1,
    backgroundColor: theme.raised,
    borderColor: theme.line,
    borderWidth: 1,
    padding: [8, 12],
    className: "chart-tip",
    extraCssText: "border-radius: 8px; box-shadow: var(--float)",
    textStyle: { color: theme.ink, fontSize: 12.5, fontFamily: font() },
    axisPointer: {
      lineStyle: { color: theme.faint },
      shadowStyle: {
        color: theme.name === "light" ? "rgba(27,31,36,.05)" : "rgba(255,255,255,.06)",
      },
    },
    ...options,
  };
}

export interface TipRow {
  label: string;
  value: string;
  color?: string;
  strong?: boolean;
}

/** Content of a tooltip: nodes, so that no name is parsed. */
export function tip(title: Child, rows: TipRow[], note?: Child): HTMLElement {
  return h(
    "div",
    { class: "tip" },
    h("div", { class: "tip-title" }, title),
    h(
      "table",
      null,
      rows.map((row) =>
        h(
          "tr",
          row.strong ? { class: "strong" } : null,
          h(
            "td",
            null,
            row.color !== undefined &&
              h("span", { class: "swatch box", style: { color: row.color } }),
            row.label,
          ),
          h("td", { class: "number" }, row.value),
        ),
      ),
    ),
    note !== undefined && h("div", { class: "tip-note" }, note),
  );
}

/**
 * Values of one part of a stack. Neighbours are separated by a line in the colour of the page, so that they differ by
 * more than colour; parts too small for that have none.
 */
export function stacked(
  values: number[],
  color: string,
  theme: Theme,
  /** Of the whole axis. */
  most: number,
): Record<string, unknown> {
  const smallest = most * 0.012;
  return {
    itemStyle: { color, borderColor: theme.surface, borderWidth: 0.75 },
    data: values.map((value) =>
      value < smallest ? { value, itemStyle: { borderWidth: 0 } } : value,
    ),
  };
}

/** The largest sum over the parts of a stack. */
export function highest(parts: number[][]): number {
  let most = 0;
  for (let place = 0; place < (parts[0]?.length ?? 0); ++place) {
    let total = 0;
    for (const part of parts) total += part[place] as number;
    most = Math.max(most, total);
  }
  return most;
}

/** Wheel with Ctrl zooms, drag moves: the page still scrolls. */
export function insideZoom(axis: "x" | "y", index: number | number[] = 0): Record<string, unknown> {
  return {
    id: `${axis}-inside`,
    type: "inside",
    [`${axis}AxisIndex`]: index,
    zoomOnMouseWheel: "ctrl",
    moveOnMouseMove: true,
    moveOnMouseWheel: false,
    preventDefaultMouseMove: false,
    filterMode: "none",
  };
}

export function sliderZoom(
  theme: Theme,
  axis: "x" | "y",
  more: Record<string, unknown>,
): Record<string, unknown> {
  return {
    id: `${axis}-slider`,
    type: "slider",
    show: !isPrinting(),
    brushSelect: false,
    showDetail: false,
    borderColor: "transparent",
    backgroundColor: theme.grid,
    fillerColor: theme.name === "light" ? "rgba(0,99,163,.14)" : "rgba(108,182,240,.22)",
    handleStyle: { color: theme.surface, borderColor: theme.faint },
    moveHandleStyle: { color: theme.line },
    emphasis: {
      handleStyle: { borderColor: theme.accent },
      moveHandleStyle: { color: theme.accent },
    },
    dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } },
    selectedDataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } },
    filterMode: "none",
    ...more,
  };
}
