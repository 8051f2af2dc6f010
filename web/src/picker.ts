// SPDX-License-Identifier: Apache-2.0
// A list to tick, behind a button.

import { h, replace } from "./dom";

export interface PickerOption {
  value: string;
  group: string;
}

export function picker(
  label: string,
  current: () => string[],
  options: () => PickerOption[],
  onChange: (values: string[]) => void,
): HTMLElement {
  const list = h("div", { class: "picker-list" });
  const search = h("input", {
    type: "search",
    class: "field",
    placeholder: "Find",
    "aria-label": `Find in ${label}`,
  });
  const fill = () => {
    const wanted = search.value.toLowerCase();
    let group = "";
    replace(
      list,
      options()
        .filter(({ value }) => value.toLowerCase().includes(wanted))
        .map((option) => {
          const head = option.group !== group && h("div", { class: "picker-role" }, option.group);
          group = option.group;
          const box = h("input", { type: "checkbox" });
          box.checked = current().includes(option.value);
          box.addEventListener("change", () => {
            const others = current().filter((value) => value !== option.value);
            onChange(box.checked ? [...others, option.value] : others);
          });
          return [head, h("label", null, box, option.value)];
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
