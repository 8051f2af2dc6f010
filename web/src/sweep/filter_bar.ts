// SPDX-License-Identifier: Apache-2.0
// The filter, in view over all charts.

import { h } from "../dom";
import { number, plurals } from "../format";
import { choose, chosen, followers, shown, sweep } from "./state";

export function filterBar(): HTMLElement {
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
