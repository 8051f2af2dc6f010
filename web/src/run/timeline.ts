// SPDX-License-Identifier: Apache-2.0
// What every unit did over one image: tracks of slices, counters below, one shared time axis. A track is one item of a
// custom series, drawn from what is in view: slices narrower than two pixels are merged per pixel column and become
// paler the less of it they fill, so that tens of thousands cost what is seen of them.

import {
  type Chart,
  categories,
  chart,
  font,
  sliderZoom,
  type TipRow,
  tip,
  xValues,
  yValues,
} from "../chart";
import { h, replace } from "../dom";
import { echarts } from "../echarts";
import { explain } from "../explain";
import { bytes, duration, number, percent, pluralUnit, quantity, short } from "../format";
import { type Section, section, segmented, select } from "../layout";
import type { Counter, Run, Timeline, Track } from "../payload";
import { picker } from "../picker";
import { page } from "../state";
import { colorOf, currentTheme, hasColor, hue, type Theme } from "../theme";

const rowHeight = 23;
const plotHeight = 48;
const plotGap = 28;
const top = 30;
const labelWidth = 150;
const right = 18;

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Rectangles of one colour as one element. */
const Slices = echarts.graphic.extendShape({
  type: "heatsim-slices",
  shape: { rects: [] as number[] },
  buildPath(path, shape) {
    const { rects } = shape as { rects: number[] };
    for (let i = 0; i + 3 < rects.length; i += 4)
      path.rect(
        rects[i] as number,
        rects[i + 1] as number,
        rects[i + 2] as number,
        rects[i + 3] as number,
      );
  },
});
echarts.graphic.registerShape("heatsim-slices", Slices as never);

let shown = 0;

function timeline(): Timeline {
  const all = (page().run as Run).timelines;
  return all[Math.min(shown, all.length - 1)] as Timeline;
}

/** From fabric cycles to microseconds, the unit of the time axis. */
function microseconds(cycles: number, of: Timeline): number {
  return cycles / of.clock_mhz;
}

/** Counters of one thing in one plot: what is read and written, how many slots are used and filled. */
interface Plot {
  name: string;
  members: { label: string; counter: Counter }[];
}

interface Prepared {
  of: Timeline;
  /** Those that are shown. */
  tracks: Track[];
  plots: Plot[];
  hidden: Set<string>;
  /** Colour key per slice of each track. */
  keys: { names: string[]; perLabel: Int16Array }[];
}

let prepared: Prepared | null = null;

/** Rows that the reader does without. */
let hidden = new Set<string>();

const memberNames = ["used", "filled", "read", "write"];

function plotsOf(of: Timeline): Plot[] {
  const plots: Plot[] = [];
  for (const counter of of.counters) {
    const words = counter.name.split(" ");
    const label =
      words.length > 1 && memberNames.includes(words[words.length - 1] as string)
        ? (words.pop() as string)
        : "";
    const name = label === "" ? counter.name : words.join(" ");
    const plot = plots.find((one) => one.name === name);
    if (plot) plot.members.push({ label, counter });
    else plots.push({ name, members: [{ label, counter }] });
  }
  return plots;
}

const traffic = ["input", "weight", "output", "residual", "read", "write"];

/** What the colour of a slice stands for. */
function colorKey(name: string, track: Track, groups: Map<string, string>): string {
  const group = groups.get(name);
  if (group !== undefined) return group;
  const last = name.slice(name.lastIndexOf(" ") + 1);
  if (traffic.includes(last)) return last;
  return hasColor(name) ? name : track.name;
}

function prepare(): Prepared {
  const of = timeline();
  if (prepared?.of === of && prepared.hidden === hidden) return prepared;
  const { operators } = page().run as Run;
  const groups = new Map(operators.name.map((name, i) => [name, operators.group[i] as string]));
  const tracks = of.tracks.filter(({ name }) => !hidden.has(name));
  const plots = plotsOf(of).filter(({ name }) => !hidden.has(name));
  const keys = tracks.map((track) => {
    const names: string[] = [];
    const perLabel = new Int16Array(of.names.length).fill(-1);
    for (const label of track.label) {
      if ((perLabel[label] as number) >= 0) continue;
      const name = of.names[label] as string;
      const key = colorKey(name, track, groups);
      let place = names.indexOf(key);
      if (place < 0) place = names.push(key) - 1;
      perLabel[label] = place;
    }
    return { names, perLabel };
  });
  prepared = { of, tracks, plots, hidden, keys };
  return prepared;
}

/** First slice that ends behind `cycles`. */
function firstBehind(track: Track, cycles: number): number {
  let low = 0;
  let high = track.start.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((track.start[middle] as number) + (track.duration[middle] as number) > cycles)
      high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Last sample at or before `cycles`. */
function sampleAt(counter: Counter, cycles: number): number {
  let low = 0;
  let high = counter.start.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((counter.start[middle] as number) <= cycles) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const levels = 5; // of paleness of merged slices

interface Box {
  type: string;
  [property: string]: unknown;
}

function trackShapes(
  index: number,
  area: Area,
  x: (cycles: number) => number,
  cyclesAt: (x: number) => number,
  y: number,
  theme: Theme,
): Box[] {
  const { of, tracks, keys } = prepare();
  const track = tracks[index] as Track;
  const { names, perLabel } = keys[index] as Prepared["keys"][number];
  const height = rowHeight - 7;
  const from = cyclesAt(area.x);
  const to = cyclesAt(area.x + area.width);
  const columns = Math.ceil(area.width);
  const exact = names.map(() => [] as number[]);
  const filled = new Float32Array(columns * names.length);
  const labels: Box[] = [];
  let merged = false;
  for (let i = firstBehind(track, from); i < track.start.length; ++i) {
    const start = track.start[i] as number;
    if (start >= to) break;
    const left = Math.max(area.x, x(start));
    const end = Math.min(area.x + area.width, x(start + (track.duration[i] as number)));
    const key = perLabel[track.label[i] as number] as number;
    const width = end - left;
    if (width >= 2) {
      const gap = width > 4 ? 0.6 : 0;
      (exact[key] as number[]).push(left, y, width - gap, height);
      if (width > 34 && track.kind !== "ddr") {
        const text = fit(of.names[track.label[i] as number] as string, width - 8);
        if (text !== "")
          labels.push({
            type: "text",
            silent: true,
            style: {
              x: left + 4,
              y: y + height / 2 + 0.5,
              text,
              fill: inkOn(colorOf(names[key] as string, theme)),
              font: `500 10.5px ${font()}`,
              verticalAlign: "middle",
            },
          });
      }
      continue;
    }
    merged = true;
    // spread over the one or two columns it touches
    const first = left - area.x;
    let column = Math.max(0, Math.floor(first));
    let rest = width;
    let place = first;
    while (rest > 0 && column < columns) {
      const part = Math.min(rest, column + 1 - place);
      const at = column * names.length + key;
      filled[at] = (filled[at] as number) + part;
      rest -= part;
      place = ++column;
    }
  }
  const pale = names.map(() => Array.from({ length: levels }, () => [] as number[]));
  if (merged) mergeColumns(filled, names.length, columns, area.x, y, height, pale);
  const boxes: Box[] = [];
  for (let key = 0; key < names.length; ++key) {
    const fill = colorOf(names[key] as string, theme);
    for (let level = 0; level < levels; ++level)
      push(boxes, pale[key]?.[level] as number[], { fill, opacity: (level + 1) / levels });
    push(boxes, exact[key] as number[], { fill, opacity: 1 });
  }
  return [...boxes, ...labels];
}

function push(boxes: Box[], rects: number[], style: Record<string, unknown>): void {
  if (rects.length > 0)
    boxes.push({ type: "heatsim-slices", silent: true, shape: { rects }, style });
}

/** Runs of columns of the same colour and level; a column has the colour that fills most of it. */
function mergeColumns(
  filled: Float32Array,
  keys: number,
  columns: number,
  left: number,
  y: number,
  height: number,
  pale: number[][][],
): void {
  let runStart = 0;
  let runKey = -1;
  let runLevel = -1;
  const close = (end: number) => {
    if (runKey >= 0) pale[runKey]?.[runLevel]?.push(left + runStart, y, end - runStart, height);
  };
  for (let column = 0; column <= columns; ++column) {
    let key = -1;
    let level = -1;
    if (column < columns) {
      let sum = 0;
      let most = 0;
      for (let k = 0; k < keys; ++k) {
        const part = filled[column * keys + k] as number;
        sum += part;
        if (part > most) {
          most = part;
          key = k;
        }
      }
      if (key >= 0) level = Math.min(levels - 1, Math.max(0, Math.ceil(sum * levels) - 1));
    }
    if (key !== runKey || level !== runLevel) {
      close(column);
      runStart = column;
      runKey = key;
      runLevel = level;
    }
  }
}

/** So much of a name as fits, from its end: the last words of an operator's name tell most. */
function fit(name: string, width: number): string {
  const letters = Math.floor(width / 5.9);
  if (name.length <= letters) return name;
  const tail = name.slice(name.indexOf(".", name.length - letters - 1) + 1);
  return letters >= 4 && tail.length <= letters && tail.length > 2 ? tail : "";
}

function inkOn(color: string): string {
  const channel = (at: number) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? "#ffffff" : "#10151a";
}

function counterShape(
  counter: Counter,
  of: Timeline,
  area: Area,
  x: (cycles: number) => number,
  cyclesAt: (x: number) => number,
  y: (value: number) => number,
): number[][] {
  const from = cyclesAt(area.x);
  const to = Math.min(of.cycles, cyclesAt(area.x + area.width));
  const first = Math.max(0, sampleAt(counter, from));
  const last = sampleAt(counter, to);
  const points: number[][] = [];
  const endOf = (i: number) =>
    i + 1 < counter.start.length ? (counter.start[i + 1] as number) : of.cycles;
  if (last - first < 2 * area.width) {
    for (let i = first; i <= last; ++i) {
      const height = y(counter.value[i] as number);
      points.push([Math.max(area.x, x(counter.start[i] as number)), height]);
      points.push([Math.min(area.x + area.width, x(Math.min(endOf(i), to))), height]);
    }
    return points;
  }
  // the mean of each pixel column
  let i = first;
  for (let column = 0; column < area.width; ++column) {
    const left = Math.max(0, cyclesAt(area.x + column));
    const end = Math.min(of.cycles, cyclesAt(area.x + column + 1));
    if (left >= of.cycles) break;
    let sum = 0;
    let weight = 0;
    while (i <= last) {
      const part = Math.min(end, endOf(i)) - Math.max(left, counter.start[i] as number);
      if (part > 0) {
        sum += part * (counter.value[i] as number);
        weight += part;
      }
      if (endOf(i) > end) break;
      ++i;
    }
    if (weight > 0)
      points.push([area.x + column, y(sum / weight)], [area.x + column + 1, y(sum / weight)]);
  }
  return points;
}

function tracksBottom(): number {
  return top + prepare().tracks.length * rowHeight;
}

function plotTop(index: number): number {
  return tracksBottom() + 40 + index * (plotHeight + plotGap);
}

function fullHeight(): number {
  const { plots } = prepare();
  return plots.length === 0 ? tracksBottom() + 80 : plotTop(plots.length - 1) + plotHeight + 78;
}

function plotTitle(plot: Plot): string {
  const unit = pluralUnit(plot.members[0]?.counter.unit ?? "");
  return unit === "" || unit === plot.name ? plot.name : `${plot.name}, ${unit}`;
}

function plotMost(plot: Plot): number {
  let most = 0;
  for (const { counter } of plot.members) {
    most = Math.max(most, counter.limit ?? 0);
    for (const value of counter.value) if (value > most) most = value;
  }
  return most > 0 ? most * 1.08 : 1;
}

function memberColor(label: string, theme: Theme): string {
  if (label === "read" || label === "write") return colorOf(label, theme);
  return hue(label === "filled" ? "blue" : label === "used" ? "sky" : "blue", theme);
}

/** Names of the members and of the limit, above the right end of a plot. */
function plotNote(plot: Plot, theme: Theme): Record<string, unknown> {
  const rich: Record<string, unknown> = {
    text: { fill: theme.muted, fontSize: 11 },
    limit: { fill: theme.bad, fontSize: 11 },
  };
  const parts: string[] = [];
  plot.members.forEach(({ label }, place) => {
    if (label === "") return;
    rich[`m${place}`] = { fill: memberColor(label, theme), fontSize: 11, fontWeight: 600 };
    parts.push(`{m${place}|■} {text|${label}}`);
  });
  const counter = plot.members[0]?.counter;
  if (counter && counter.limit !== null)
    parts.push(`{limit|- -  ${counter.limit_name}: ${quantity(counter.limit, counter.unit)}}`);
  return { text: parts.join("    "), rich };
}

function option(theme: Theme): Record<string, unknown> {
  const { of, tracks, plots } = prepare();
  const end = microseconds(of.cycles, of);
  const time = (index: number, last: boolean) =>
    xValues(theme, {
      gridIndex: index,
      min: 0,
      max: end,
      position: index === 0 ? "top" : "bottom",
      nameGap: 24,
      name: last ? "time from the start of the image, µs" : "",
      axisLabel: {
        show: index === 0 || last,
        formatter: (value: number) => number(value, 7),
        showMinLabel: false,
        showMaxLabel: false,
      },
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: true, lineStyle: { color: theme.grid } },
      triggerEvent: false,
    });
  const xOf = (api: { coord: (point: number[]) => number[] }, row: number) => {
    const origin = api.coord([0, row])[0] as number;
    const scale = ((api.coord([1, row])[0] as number) - origin) / of.clock_mhz; // pixels per cycle
    return {
      x: (cycles: number) => origin + cycles * scale,
      cyclesAt: (pixel: number) => (pixel - origin) / scale,
    };
  };
  const grids = [
    { left: labelWidth, right, top, height: tracks.length * rowHeight },
    ...plots.map((_, index) => ({
      left: labelWidth,
      right,
      top: plotTop(index),
      height: plotHeight,
    })),
  ];
  return {
    grid: grids,
    xAxis: grids.map((_, index) => time(index, index === grids.length - 1)),
    yAxis: [
      categories(theme, {
        data: tracks.map(({ name }) => name),
        inverse: true,
        axisLine: { show: false },
        axisLabel: { color: theme.ink, width: labelWidth - 14, overflow: "truncate", interval: 0 },
      }),
      ...plots.map((plot, index) =>
        yValues(theme, {
          gridIndex: index + 1,
          min: 0,
          max: plotMost(plot),
          splitNumber: 2,
          name: plotTitle(plot),
          nameGap: 8,
          nameTextStyle: { align: "left", padding: [0, 0, 0, 0], color: theme.ink },
          axisLabel: { showMaxLabel: false, formatter: (value: number) => short(value) },
          splitLine: { show: false },
        }),
      ),
    ],
    dataZoom: [
      {
        id: "x-inside",
        type: "inside",
        xAxisIndex: grids.map((_, index) => index),
        zoomOnMouseWheel: true,
        moveOnMouseMove: true,
        minValueSpan: Math.min(end, 20 / of.clock_mhz),
        filterMode: "none",
        throttle: 16,
      },
      sliderZoom(theme, "x", {
        xAxisIndex: grids.map((_, index) => index),
        bottom: 6,
        height: 18,
        left: labelWidth,
        right,
        minValueSpan: Math.min(end, 20 / of.clock_mhz),
        labelFormatter: "",
      }),
    ],
    series: [
      {
        type: "custom",
        name: "tracks",
        clip: true,
        data: tracks.map((_, index) => [0, index, end]),
        encode: { x: [0, 2], y: 1 },
        renderItem: (
          params: { coordSys: Area; dataIndex: number },
          api: { coord: (point: number[]) => number[] },
        ) => {
          const index = params.dataIndex;
          const { x, cyclesAt } = xOf(api, index);
          const middle = api.coord([0, index])[1] as number;
          const area = params.coordSys;
          const y = Math.round(middle - (rowHeight - 7) / 2);
          const lane = {
            type: "rect",
            silent: true,
            shape: { x: area.x, y, width: area.width, height: rowHeight - 7 },
            style: { fill: theme.grid, opacity: 0.55 },
          };
          return {
            type: "group",
            children: [lane, ...trackShapes(index, area, x, cyclesAt, y, theme)],
          };
        },
      },
      ...plots.flatMap((plot, index) =>
        plot.members.map(({ label, counter }) => ({
          type: "custom",
          name: counter.name,
          clip: true,
          xAxisIndex: index + 1,
          yAxisIndex: index + 1,
          data: [[0, 0, end]],
          encode: { x: [0, 2], y: 1 },
          renderItem: (
            params: { coordSys: Area },
            api: { coord: (point: number[]) => number[] },
          ) => {
            const area = params.coordSys;
            const { x, cyclesAt } = xOf(api, 0);
            const y = (value: number) => api.coord([0, value])[1] as number;
            const line = counterShape(counter, of, area, x, cyclesAt, y);
            return {
              type: "group",
              children: stepShapes(
                line,
                area,
                memberColor(label, theme),
                counter.limit === null ? null : y(counter.limit),
                theme,
              ),
            };
          },
        })),
      ),
      // names stay where they are while time moves
      ...plots.map((plot, index) => ({
        type: "custom",
        name: `note of ${plot.name}`,
        silent: true,
        xAxisIndex: index + 1,
        yAxisIndex: index + 1,
        data: [[0, 0, end]],
        encode: { x: [0, 2], y: 1 },
        renderItem: (params: { coordSys: Area }) => ({
          type: "text",
          style: {
            ...plotNote(plot, theme),
            x: params.coordSys.x + params.coordSys.width,
            y: params.coordSys.y - 5,
            align: "right",
            verticalAlign: "bottom",
            font: `11px ${font()}`,
          },
        }),
      })),
    ],
  };
}

/** A step line with the area below it, and its limit. */
function stepShapes(
  line: number[][],
  area: Area,
  color: string,
  limit: number | null,
  theme: Theme,
): Box[] {
  const boxes: Box[] = [];
  const bottom = area.y + area.height;
  const first = line[0];
  const last = line[line.length - 1];
  if (first && last)
    boxes.push(
      {
        type: "polygon",
        silent: true,
        shape: { points: [[first[0], bottom], ...line, [last[0], bottom]] },
        style: { fill: color, opacity: 0.25 },
      },
      {
        type: "polyline",
        silent: true,
        shape: { points: line },
        style: { stroke: color, lineWidth: 1.25, fill: "none" },
      },
    );
  if (limit !== null)
    boxes.push({
      type: "line",
      silent: true,
      shape: { x1: area.x, x2: area.x + area.width, y1: limit, y2: limit },
      style: { stroke: theme.bad, lineWidth: 1, lineDash: [5, 4] },
    });
  return boxes;
}

// ---- hover

/** What is under the pointer: a box that follows it, and a line through all tracks. */
function hover(self: Chart): void {
  const instance = self.instance;
  if (instance === null) return;
  const box = h("div", { class: "chart-tip floating", hidden: true });
  self.container.append(box);
  const renderer = instance.getZr();
  const hide = () => {
    box.hidden = true;
  };
  const cursor = h("div", { class: "time-cursor", hidden: true });
  self.container.append(cursor);
  renderer.on("mousemove", (event: { offsetX: number; offsetY: number }) => {
    const { offsetX: x, offsetY: y } = event;
    const { of, tracks } = prepare();
    const width = instance.getWidth();
    if (x < labelWidth || x > width - right || y < top || y > fullHeight() - 50) {
      cursor.hidden = true;
      return hide();
    }
    cursor.hidden = false;
    cursor.style.left = `${x}px`;
    cursor.style.top = `${top}px`;
    cursor.style.height = `${fullHeight() - top - 78}px`;
    const time =
      (instance.convertFromPixel({ xAxisIndex: 0 }, x) as unknown as number) * of.clock_mhz;
    const content =
      y < tracksBottom()
        ? sliceTip(of, tracks[Math.floor((y - top) / rowHeight)], time, x, instance)
        : counterTip(of, time);
    if (content === null) return hide();
    replace(box, content);
    box.hidden = false;
    box.style.left = x > width / 2 ? "" : `${x + 16}px`;
    box.style.right = x > width / 2 ? `${width - x + 16}px` : "";
    box.style.top = `${Math.min(y + 14, fullHeight() - box.offsetHeight - 8)}px`;
  });
  renderer.on("globalout", () => {
    cursor.hidden = true;
    hide();
  });
}

function sliceTip(
  of: Timeline,
  track: Track | undefined,
  cycles: number,
  pixel: number,
  instance: NonNullable<Chart["instance"]>,
): HTMLElement | null {
  if (track === undefined) return null;
  const near = Math.abs(
    (instance.convertFromPixel({ xAxisIndex: 0 }, pixel + 1.5) as unknown as number) *
      of.clock_mhz -
      cycles,
  );
  let i = firstBehind(track, cycles - near);
  // of several within a pixel the one under the pointer
  const under = firstBehind(track, cycles);
  if (under < track.start.length && (track.start[under] as number) <= cycles) i = under;
  if (i >= track.start.length || (track.start[i] as number) > cycles + near)
    return tip(track.name, [{ label: "idle at", value: duration(cycles, of.clock_mhz) }]);
  const start = track.start[i] as number;
  const length = track.duration[i] as number;
  const name = of.names[track.label[i] as number] as string;
  const rows: TipRow[] = [
    { label: "from", value: `${duration(start, of.clock_mhz)} · cycle ${number(start, 9)}` },
    {
      label: "takes",
      value: `${duration(length, of.clock_mhz)} · ${quantity(length, "cycles", 6)}`,
      strong: true,
    },
    { label: "of the image", value: percent(length / of.cycles) },
  ];
  const moved = track.bytes?.[i];
  if (moved !== undefined && moved > 0) {
    rows.push({ label: "moves", value: bytes(moved) });
    rows.push({ label: "rate", value: quantity((moved / length) * of.clock_mhz * 1e-3, "GB/s") });
  }
  return tip(name, rows, track.name);
}

function counterTip(of: Timeline, cycles: number): HTMLElement {
  return tip(
    duration(cycles, of.clock_mhz),
    prepare()
      .plots.flatMap((plot) => plot.members)
      .map(({ label, counter }) => ({
        label: counter.name,
        color: memberColor(label, currentTheme()),
        value: quantity(counter.value[Math.max(0, sampleAt(counter, cycles))] ?? 0, counter.unit),
      })),
  );
}

// ---- section

function busyInWords(of: Timeline): string {
  const busiest = of.tracks
    .filter(({ kind }) => kind === "unit" || kind === "ddr")
    .map((track) => `${track.name} ${percent(track.busy_cycles / of.cycles)}`);
  return busiest.length > 0 ? `Busy: ${busiest.join(" · ")}` : "";
}

function rowOptions(): { value: string; group: string }[] {
  const of = timeline();
  return [
    ...of.tracks.map(({ name }) => ({ value: name, group: "Units" })),
    ...plotsOf(of).map(({ name }) => ({ value: name, group: "Over time" })),
  ];
}

function shownRows(): string[] {
  return rowOptions().flatMap(({ value }) => (hidden.has(value) ? [] : [value]));
}

export function timelineSection(): Section {
  // queues say little that the buffers and ports do not
  hidden = new Set(
    plotsOf(timeline()).flatMap(({ name }) => (name.endsWith("queue") ? [name] : [])),
  );
  const runNow = () => page().run as Run;
  const reset = h(
    "button",
    {
      type: "button",
      class: "button",
      "data-action": "reset-zoom",
      disabled: true,
      onclick: () => plot.resetZoom(),
    },
    "Show all",
  );
  const jump = select(
    "Go to",
    [{ value: "", label: "operator …" }, ...operatorOptions()],
    "",
    (value) => {
      if (value !== "") zoomTo(value);
    },
  );
  const plot = chart({
    name: "timeline",
    title: () => (runNow().timelines.length > 1 ? "All units over one image" : timeline().title),
    subtitle: () => busyInWords(timeline()),
    height: () => fullHeight(),
    description: () =>
      `Timeline of image ${timeline().image}, ${quantity(timeline().latency_ms, "ms")}: ${timeline()
        .tracks.map(({ name }) => name)
        .join(", ")}. Arrow keys move, plus and minus zoom, 0 shows all.`,
    controls: [
      runNow().timelines.length > 1 &&
        segmented(
          "Image",
          runNow().timelines.map((one, index) => ({ value: String(index), label: one.title })),
          String(shown),
          (value) => {
            shown = Number(value);
            plot.resetZoom();
            update();
          },
        ),
      jump,
      picker("Rows", shownRows, rowOptions, (names) => {
        hidden = new Set(
          rowOptions().flatMap(({ value }) => (names.includes(value) ? [] : [value])),
        );
        plot.redraw();
      }),
      reset,
    ],
    legend: (theme) => {
      const { tracks, keys } = prepare();
      const lists = new Map<string, Set<string>>();
      tracks.forEach((track, index) => {
        const list = track.kind === "unit" ? null : track.kind === "dma" ? "transfers" : track.name;
        if (list === null) return;
        const names = lists.get(list) ?? new Set<string>();
        lists.set(list, names);
        for (const name of keys[index]?.names ?? []) names.add(name);
      });
      return [...lists].flatMap(([list, names]) =>
        [...names].map((name) => ({ name, color: colorOf(name, theme), list })),
      );
    },
    data: () => {
      const { tracks, cycles } = timeline();
      return [
        { name: "track", texts: tracks.map(({ name }) => name) },
        { name: "slices", numbers: tracks.map(({ start }) => start.length) },
        {
          name: "busy",
          unit: "cycles",
          numbers: tracks.map(({ busy_cycles }) => Math.round(busy_cycles)),
        },
        {
          name: "share",
          unit: "%",
          numbers: tracks.map(({ busy_cycles }) => (100 * busy_cycles) / cycles),
        },
      ];
    },
    ready: (self) => {
      hover(self);
      self.instance?.on("click", (event) => {
        const { componentType, value } = event as { componentType?: string; value?: unknown };
        if (componentType !== "yAxis") return;
        const track = timeline().tracks.find(({ name }) => name === value);
        if (track) explain(track.explain);
      });
      for (const plot of plotsOf(timeline()))
        self.axisTopics.set(plotTitle(plot), plot.members[0]?.counter.explain ?? "");
    },
    option,
  });
  const update = () => {
    reset.disabled = !plot.zoomed;
  };
  plot.container.addEventListener("zoomed", update);
  plot.container.addEventListener("keydown", (event) => {
    const { start, end } = plot.zoomOf("x");
    const span = end - start;
    const middle = (start + end) / 2;
    const set = (from: number, width: number) => {
      const size = Math.min(100, width);
      const left = Math.max(0, Math.min(100 - size, from));
      event.preventDefault();
      if (size >= 100) plot.resetZoom();
      else
        plot.instance?.dispatchAction({
          type: "dataZoom",
          dataZoomId: "x-inside",
          start: left,
          end: left + size,
        });
      update();
    };
    if (event.key === "ArrowLeft") set(start - span / 8, span);
    else if (event.key === "ArrowRight") set(start + span / 8, span);
    else if (event.key === "+" || event.key === "=") set(middle - span / 4, span / 2);
    else if (event.key === "-") set(middle - span, span * 2);
    else if (event.key === "0") set(0, 100);
  });
  const zoomTo = (operator: string) => {
    const of = timeline();
    const track = of.tracks.find(({ kind }) => kind === "operator");
    const slice = track?.label.findIndex((label) => of.names[label] === operator) ?? -1;
    if (track === undefined || slice < 0) return;
    const start = track.start[slice] as number;
    const length = track.duration[slice] as number;
    plot.instance?.dispatchAction({
      type: "dataZoom",
      dataZoomId: "x-inside",
      start: (100 * Math.max(0, start - length * 0.1)) / of.cycles,
      end: (100 * Math.min(of.cycles, start + length * 1.1)) / of.cycles,
    });
  };
  return section(
    "timeline",
    "Timeline",
    () => [
      "What every unit did from the start of one image to its result. The wheel zooms, down to single tiles; drag moves. ",
      "Paler parts are slices narrower than a pixel.",
    ],
    plot.element,
  );
}

function operatorOptions(): { value: string; label: string }[] {
  const of = timeline();
  const track = of.tracks.find(({ kind }) => kind === "operator");
  const names = track?.label.map((label) => of.names[label] as string) ?? [];
  return [...new Set(names)].map((name) => ({ value: name, label: name }));
}
