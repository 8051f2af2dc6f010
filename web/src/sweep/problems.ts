// SPDX-License-Identifier: Apache-2.0
// Points left out or failed, by reason.

import { h } from "../dom";
import { term } from "../explain";
import { number } from "../format";
import { bar, panel, type Section, section } from "../layout";
import { live } from "../state";
import { currentTheme } from "../theme";
import { filterBy, statusColor, statusNames, sweep } from "./state";

export function problemsSection(): Section {
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
