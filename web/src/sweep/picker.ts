// SPDX-License-Identifier: Apache-2.0
// A list of columns to tick.

import { h, replace } from "../dom";
import type { Column } from "../payload";
import { roleNames } from "./state";

/** A list of columns to tick. */
export function picker(
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
