// SPDX-License-Identifier: Apache-2.0
// Deviations from references.

import { h } from "../dom";
import { term } from "../explain";
import { number } from "../format";
import { type Section, section } from "../layout";
import { live } from "../state";
import { run } from "./state";

/** Deviations below and above the reference, on one scale per table. */
export function bandsSection(): Section {
  const rows = live("div", { class: "table-wrap" }, () => {
    const bands = run().error_bands ?? [];
    const most = Math.max(5, ...bands.flatMap((band) => [-band.low_percent, band.high_percent]));
    const at = (value: number) => `${50 + (48 * value) / most}%`;
    return h(
      "table",
      { class: "figures-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", null, "Quantity"),
          h("th", null, "Of"),
          h("th", { class: "number" }, "Comparisons"),
          h("th", { class: "number" }, "Deviation"),
          h("th", { class: "deviation" }, `−${number(most, 2)} to +${number(most, 2)} %`),
          h("th", null, "Trust"),
          h("th", null, "Reference"),
        ),
      ),
      h(
        "tbody",
        null,
        bands.map((band) =>
          h(
            "tr",
            null,
            h("td", null, term(band.quantity)),
            h("td", null, band.of),
            h("td", { class: "number" }, number(band.comparisons)),
            h("td", { class: "number" }, band.text),
            h(
              "td",
              { class: "deviation" },
              h(
                "span",
                { class: "deviation-scale" },
                h("span", {
                  class: "deviation-band",
                  style: {
                    left: at(band.low_percent),
                    width: `calc(${at(band.high_percent)} - ${at(band.low_percent)} + 3px)`,
                  },
                }),
              ),
            ),
            h("td", null, term(band.trust)),
            h("td", { class: "wrap" }, band.reference),
          ),
        ),
      ),
    );
  });
  return section(
    "error-bands",
    "How far to trust it",
    () =>
      "Deviation of the simulation from references, from the lowest to the highest of the comparisons.",
    h("div", { class: "panel" }, rows),
  );
}
