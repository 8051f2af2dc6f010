// SPDX-License-Identifier: Apache-2.0
// All points as a table.

import { h, replace } from "../dom";
import { pluralUnit } from "../format";
import { type Section, section } from "../layout";
import { picker } from "../picker";
import { type Table, type TableColumn, table } from "../table";
import { currentTheme, hue, onTheme } from "../theme";
import {
  chosen,
  column,
  followers,
  index,
  pick,
  pickable,
  pickers,
  shown,
  statusColor,
  statusNames,
  sweep,
} from "./state";

export function tableSection(): Section {
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
          () => pickable(sweep().columns),
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
