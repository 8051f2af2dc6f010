// SPDX-License-Identifier: Apache-2.0
// A table of any number of rows: only those in view are elements. Click on the arrow of a column sorts, its name
// explains itself.

import { copyButton, h, replace } from "./dom";
import { term } from "./explain";
import { exact, number, plurals, unitOf } from "./format";

export interface TableColumn {
  name: string;
  explain?: string;
  unit?: string;
  /** One of the two, indexed by row. */
  numbers?: ArrayLike<number | null>;
  texts?: ArrayLike<string>;
  format?: (value: number) => string;
  /** A swatch in front of the text. */
  color?: (row: number) => string | null;
  shape?: "box" | "diamond";
}

export interface TableSpec {
  name: string;
  columns: TableColumn[];
  /** Pixels at most. */
  height?: number;
  /** Which rows at first; all without it. */
  rows?: ArrayLike<number>;
  sort?: Sort | null;
  onSort?: (sort: Sort | null) => void;
  onRow?: (row: number) => void;
  isPicked?: (row: number) => boolean;
  /** No count and copy button below. */
  bare?: boolean;
}

export interface Sort {
  column: string;
  descending: boolean;
}

const rowHeight = 29;
const beyond = 8; // rows drawn above and below the view
const letterWidth = 7.3;

export class Table {
  readonly element: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly head = h("thead");
  private readonly above = h("tr", { class: "spacer" }, h("td"));
  private readonly below = h("tr", { class: "spacer" }, h("td"));
  private readonly body = h("tbody");
  private readonly count = h("span", { class: "table-count" });
  private readonly grid: HTMLTableElement;
  private rows: ArrayLike<number>;
  private order: number[] = [];
  private sort: Sort | null;
  private first = -1;
  private last = -1;

  constructor(private readonly spec: TableSpec) {
    for (const column of spec.columns) column.format ??= alignedFormat(column.numbers);
    this.sort = spec.sort ?? null;
    this.rows = spec.rows ?? everyRow(spec.columns);
    this.grid = h("table", { class: spec.onRow ? "grid pickable" : "grid" }, this.head, this.body);
    this.scroller = h(
      "div",
      { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `Table: ${spec.name}` },
      this.grid,
    );
    this.scroller.style.maxHeight = `${spec.height ?? 380}px`;
    this.scroller.addEventListener("scroll", () => this.fill(false), { passive: true });
    new ResizeObserver(() => this.fill(false)).observe(this.scroller);
    this.element = h(
      "div",
      { class: "table", "data-table": spec.name },
      this.scroller,
      !spec.bare &&
        h(
          "div",
          { class: "table-foot" },
          this.count,
          copyButton("Copy as CSV", () => this.csv()),
        ),
    );
    this.drawHead();
    this.arrange();
  }

  get shown(): readonly number[] {
    return this.order;
  }

  setRows(rows: ArrayLike<number>): void {
    this.rows = rows;
    this.arrange();
  }

  /** Marks the picked row anew. */
  refresh(): void {
    this.fill(true);
  }

  scrollTop(): number {
    return this.scroller.scrollTop;
  }

  scrollTo(top: number): void {
    this.scroller.scrollTop = top;
  }

  private columnOf(name: string): TableColumn | undefined {
    return this.spec.columns.find((column) => column.name === name);
  }

  private arrange(): void {
    this.order = Array.from(this.rows);
    const column = this.sort && this.columnOf(this.sort.column);
    if (column && this.sort) sortRows(this.order, column, this.sort.descending);
    this.count.textContent = plurals(this.order.length, "row");
    this.grid.setAttribute("aria-rowcount", String(this.order.length + 1));
    this.fill(true);
  }

  private drawHead(): void {
    const widths = this.spec.columns.map(widthOf);
    let total = 0;
    for (const width of widths) total += width;
    this.grid.style.minWidth = `${total}px`;
    replace(
      this.head,
      h(
        "tr",
        null,
        this.spec.columns.map((column, index) => {
          const sorted = this.sort?.column === column.name ? this.sort : null;
          const unit = unitOf(column.unit ?? "");
          const arrow = h(
            "button",
            {
              type: "button",
              class: sorted ? "sort active" : "sort",
              "aria-label": `Sort by ${column.name}`,
              title: `Sort by ${column.name}`,
            },
            sorted === null ? "↕" : sorted.descending ? "↓" : "↑",
          );
          return h(
            "th",
            {
              scope: "col",
              class: column.numbers ? "number" : null,
              style: { width: `${widths[index]}px` },
              "aria-sort":
                sorted === null ? "none" : sorted.descending ? "descending" : "ascending",
              "data-column": column.name,
              onclick: () => this.sortBy(column.name),
            },
            h(
              "span",
              { class: "head-name" },
              term(column.name, column.explain ?? column.name),
              unit !== "" && h("span", { class: "unit" }, ` ${unit}`),
            ),
            arrow,
          );
        }),
      ),
    );
  }

  private sortBy(name: string): void {
    if (this.sort?.column !== name) this.sort = { column: name, descending: false };
    else if (!this.sort.descending) this.sort = { column: name, descending: true };
    else this.sort = null;
    this.spec.onSort?.(this.sort);
    this.drawHead();
    this.arrange();
  }

  private fill(anew: boolean): void {
    const top = this.scroller.scrollTop;
    const view = this.scroller.clientHeight || 400;
    const first = Math.max(0, Math.floor(top / rowHeight) - beyond);
    const last = Math.min(this.order.length, Math.ceil((top + view) / rowHeight) + beyond);
    if (!anew && first === this.first && last === this.last) return;
    this.first = first;
    this.last = last;
    this.spacer(this.above, first * rowHeight);
    this.spacer(this.below, (this.order.length - last) * rowHeight);
    const lines: HTMLElement[] = [];
    for (let place = first; place < last; ++place)
      lines.push(this.line(this.order[place] as number, place));
    this.body.replaceChildren(this.above, ...lines, this.below);
  }

  private spacer(row: HTMLElement, height: number): void {
    row.hidden = height === 0;
    const cell = row.firstChild as HTMLTableCellElement;
    cell.colSpan = this.spec.columns.length;
    cell.style.height = `${height}px`;
  }

  private line(row: number, place: number): HTMLElement {
    const { onRow } = this.spec;
    const line = h(
      "tr",
      {
        "aria-rowindex": String(place + 2),
        class: this.spec.isPicked?.(row) ? "picked" : null,
        "data-row": String(row),
        tabindex: onRow ? "0" : null,
      },
      this.spec.columns.map((column) => {
        const color = column.color?.(row) ?? null;
        const text = cellText(column, row);
        return h(
          "td",
          { class: column.numbers ? "number" : null, title: column.numbers ? null : text },
          color !== null &&
            h("span", { class: `swatch ${column.shape ?? "box"}`, style: { color } }),
          text,
        );
      }),
    );
    if (onRow) {
      line.addEventListener("click", () => onRow(row));
      line.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          onRow(row);
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          event.preventDefault();
          const next =
            event.key === "ArrowDown" ? line.nextElementSibling : line.previousElementSibling;
          if (next instanceof HTMLElement && !next.hidden) next.focus();
        }
      });
    }
    return line;
  }

  csv(): string {
    const { columns } = this.spec;
    const lines = [columns.map((column) => quoted(column.name)).join(",")];
    for (const row of this.order)
      lines.push(
        columns
          .map((column) =>
            column.numbers ? exact(column.numbers[row] ?? null) : quoted(column.texts?.[row] ?? ""),
          )
          .join(","),
      );
    return `${lines.join("\n")}\n`;
  }
}

export function table(spec: TableSpec): Table {
  return new Table(spec);
}

function everyRow(columns: TableColumn[]): number[] {
  const first = columns[0];
  return Array.from({ length: (first?.numbers ?? first?.texts)?.length ?? 0 }, (_, row) => row);
}

export function cellText(column: TableColumn, row: number): string {
  if (!column.numbers) return column.texts?.[row] ?? "";
  const value = column.numbers[row] ?? null;
  return value !== null && column.format ? column.format(value) : number(value);
}

/** Missing values last, whichever the direction. */
export function sortRows(rows: number[], column: TableColumn, descending: boolean): void {
  const sign = descending ? -1 : 1;
  const { numbers, texts } = column;
  if (numbers)
    rows.sort((a, b) => {
      const left = numbers[a] ?? null;
      const right = numbers[b] ?? null;
      if (left === null || right === null)
        return Number(left === null) - Number(right === null) || a - b;
      return sign * (left - right) || a - b;
    });
  else if (texts) {
    const collator = new Intl.Collator("en", { numeric: true });
    rows.sort((a, b) => sign * collator.compare(texts[a] ?? "", texts[b] ?? "") || a - b);
  }
}

/** The same number of decimals in a whole column: at most what four digits of its largest value need. */
function alignedFormat(numbers: ArrayLike<number | null> | undefined): (value: number) => string {
  let most = 0;
  const length = numbers?.length ?? 0;
  for (let row = 0; row < length; ++row) most = Math.max(most, Math.abs(numbers?.[row] ?? 0));
  if (most < 1e-3) return (value) => number(value);
  const decimalsMost = Math.max(0, 3 - Math.floor(Math.log10(most)));
  let decimals = 0;
  for (let row = 0; row < length && decimals < decimalsMost; ++row) {
    const value = numbers?.[row] ?? 0;
    while (
      decimals < decimalsMost &&
      Math.abs(Number(value.toFixed(decimals)) - value) > 0.5 * 10 ** -decimalsMost
    )
      ++decimals;
  }
  const format = new Intl.NumberFormat("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return (value) => format.format(value).replace("-", "−");
}

/** From the name and a sample of the cells. */
function widthOf(column: TableColumn): number {
  const unit = unitOf(column.unit ?? "");
  let letters = column.name.length + (unit === "" ? 0 : unit.length + 1) + 3;
  const length = (column.numbers ?? column.texts)?.length ?? 0;
  const every = Math.max(1, Math.floor(length / 100));
  for (let row = 0; row < length; row += every)
    letters = Math.max(letters, cellText(column, row).length + (column.color ? 3 : 0));
  const most = column.texts ? 46 : 60;
  return Math.round(Math.min(letters, most) * letterWidth + 26);
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
