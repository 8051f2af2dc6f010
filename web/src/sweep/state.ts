// SPDX-License-Identifier: Apache-2.0
// What the parts of the report of a sweep share: its columns, what the reader has chosen, and which rows that leaves.

import { term } from "../explain";
import { pluralUnit, quantity } from "../format";
import type { Column, Sweep } from "../payload";
import type { PickerOption } from "../picker";
import { page } from "../state";
import type { Sort } from "../table";
import { hue, type Theme } from "../theme";
import { compileFilter, type RowTest } from "./filter";

export const statusNames = ["ok", "violated", "infeasible", "failed"] as const;

export function sweep(): Sweep {
  return page().sweep as Sweep;
}

/** What the reader has chosen; it outlives updates of the page. */
export const chosen = {
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

let indexed: {
  of: Sweep;
  columns: Map<string, Column>;
  rowOf: Map<number, number>;
  front: Set<number>;
} | null = null;

/** The columns by name, the rows by point, of the page as it is now. */
export function index() {
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

export function column(name: string): Column | undefined {
  return index().columns.get(name);
}

export function numbersOf(name: string): (number | null)[] {
  return column(name)?.numbers ?? [];
}

export function varies(of: Column): boolean {
  const values: ArrayLike<number | string | null> = of.numbers ?? of.texts ?? [];
  for (let row = 1; row < values.length; ++row) if (values[row] !== values[0]) return true;
  return false;
}

export function isAxis(of: Column): boolean {
  return of.role === "axis" || of.role === "derived";
}

/** The name of a column, which explains the key that it stands for. */
export function named(name: string): HTMLElement {
  return term(name, topicOf(name));
}

export function topicOf(name: string): string {
  return column(name)?.explain ?? name;
}

/** Axes that do not stand still. */
export function axes(): Column[] {
  return sweep().columns.filter((one) => one.role === "axis" && varies(one));
}

export function metrics(): Column[] {
  return sweep().columns.filter((one) => !isAxis(one) && one.numbers !== null && varies(one));
}

export function withUnit(name: string): string {
  const unit = pluralUnit(column(name)?.unit ?? "");
  return unit === "" ? name : `${name}, ${unit}`;
}

export function cell(of: Column, row: number): string {
  if (of.numbers === null) return of.texts?.[row] ?? "–";
  return quantity(of.numbers[row], of.unit);
}

export function best(name: string): "least" | "most" | null {
  const objective = sweep().objectives.find((one) => one.name === name);
  return objective === undefined ? null : objective.maximize ? "most" : "least";
}

export const roleNames = {
  axis: "Axes",
  derived: "Derived",
  static: "Known before simulation",
  metric: "Results",
};

/** Columns to tick. */
export function pickable(columns: Column[]): PickerOption[] {
  return columns.map(({ name, role }) => ({ value: name, group: roleNames[role] }));
}

export function options(columns: Column[]): { value: string; label: string; group: string }[] {
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

interface Shown {
  /** Pass the filter. */
  filtered: Uint8Array;
  /** Pass the brushes, too. */
  visible: Uint8Array;
  rows: number[];
  error: string;
}

export let shown: Shown = {
  filtered: new Uint8Array(0),
  visible: new Uint8Array(0),
  rows: [],
  error: "",
};

/** Told when other rows are shown; `byFilter`: not by a brush alone. */
export const followers: ((byFilter: boolean) => void)[] = [];

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

export function contains(place: number, word: string): boolean {
  if (lowered?.of !== sweep()) lowered = { of: sweep(), texts: lowerTexts() };
  return lowered.texts[place]?.includes(word) ?? false;
}

export function choose(byFilter: boolean): void {
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

export function statusColor(status: number, theme: Theme): string {
  return [hue("blue", theme), hue("orange", theme), theme.faint, theme.bad][status] as string;
}

export function filterBy(text: string): void {
  chosen.filter = text;
  choose(true);
}

export function pick(place: number | null): void {
  chosen.point = place === null ? null : (sweep().points[place] ?? null);
  for (const follower of pickers) follower();
}

export const pickers: (() => void)[] = [];

export function pickedRow(): number | null {
  return chosen.point === null ? null : (index().rowOf.get(chosen.point) ?? null);
}

/** A column on its parallel axis: numbers, or the places of texts in their list. */
export function parallelValues(name: string): (number | null)[] {
  const of = column(name);
  if (of === undefined) return [];
  if (of.numbers !== null) return of.numbers;
  const places = new Map(categoriesOf(of).map((text, place) => [text, place]));
  return (of.texts ?? []).map((text) => places.get(text) ?? null);
}

export function categoriesOf(of: Column): string[] {
  return [...new Set(of.texts ?? [])];
}

export function simulated(): number[] {
  const { status } = sweep();
  return shown.rows.filter((place) => (status[place] as number) <= 1);
}
