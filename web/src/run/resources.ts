// SPDX-License-Identifier: Apache-2.0
// What the design takes of its board.

import { categories, chart, tip, tooltip, xValues } from "../chart";
import { h } from "../dom";
import { term } from "../explain";
import { number } from "../format";
import { panel, type Section, section } from "../layout";
import type { Run } from "../payload";
import { live } from "../state";
import { colorOf } from "../theme";
import { run } from "./state";

function useInWords(use: Run["resources"]["uses"][number]): string {
  if (use.available === 0 && use.used === 0) return "none on this board";
  const words = `${number(use.used)} of ${number(use.available)}`;
  const part = use.available > 0 ? ` · ${use.percent.toFixed(1)} %` : "";
  return `${words}${part}${use.fits ? "" : " · does not fit"}`;
}

export function resourcesSection(): Section {
  const { resources } = run();
  const plot = chart({
    name: "resources",
    title: () => `Use of ${run().resources.board}`,
    subtitle: () => "Share of what the board has",
    height: () => 50 + 38 * run().resources.uses.length,
    description: () =>
      run()
        .resources.uses.map((use) => `${use.name}: ${number(use.used)} of ${number(use.available)}`)
        .join(", "),
    data: () => {
      const { uses } = run().resources;
      return [
        { name: "resource", texts: uses.map(({ name }) => name) },
        { name: "used", numbers: uses.map(({ used }) => used) },
        { name: "available", numbers: uses.map(({ available }) => available) },
        { name: "percent", unit: "%", numbers: uses.map(({ percent: value }) => value) },
        { name: "fits", texts: uses.map(({ fits }) => (fits ? "yes" : "no")) },
      ];
    },
    option: (theme) => {
      const { uses } = run().resources;
      const most = Math.max(100, ...uses.map(({ percent: value }) => value));
      return {
        grid: { left: 8, right: 150, top: 6, bottom: 26, containLabel: true },
        xAxis: xValues(theme, {
          name: "% of the board",
          max: most > 100 ? Math.ceil(most / 10) * 10 : 100,
        }),
        yAxis: categories(theme, {
          data: uses.map(({ name }) => name),
          inverse: true,
          axisLabel: { color: theme.ink },
        }),
        tooltip: tooltip(theme, {
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const use = uses[dataIndex];
            if (use === undefined) return "";
            return tip(use.name, [
              { label: "used", value: number(use.used) },
              { label: "board has", value: number(use.available) },
              { label: "share", value: `${number(use.percent, 3)} %` },
            ]);
          },
        }),
        series: [
          {
            type: "bar",
            barMaxWidth: 18,
            showBackground: true,
            backgroundStyle: { color: theme.grid },
            data: uses.map((use) => ({
              value: use.percent,
              itemStyle: { color: use.fits ? colorOf("busy", theme) : theme.bad },
              label: {
                formatter: useInWords(use),
              },
            })),
            label: { show: true, position: "right", color: theme.muted, fontSize: 11.5 },
          },
        ],
      };
    },
  });
  const byBlock = live("div", { class: "table-wrap" }, () => {
    const { uses, blocks: all } = run().resources;
    return h(
      "table",
      { class: "figures-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", null, "Block"),
          uses.map((use) => h("th", { class: "number" }, term(use.name, use.explain))),
        ),
      ),
      h(
        "tbody",
        null,
        all.map((block) =>
          h(
            "tr",
            null,
            h("td", null, term(block.name)),
            block.values.map((value) =>
              h(
                "td",
                { class: value === 0 ? "number none" : "number" },
                value === 0 ? "–" : number(value),
              ),
            ),
          ),
        ),
      ),
      h(
        "tfoot",
        null,
        h(
          "tr",
          null,
          h("td", null, "Engine"),
          uses.map((use) => h("td", { class: "number" }, number(use.used))),
        ),
      ),
    );
  });
  return section(
    "resources",
    "Resources",
    () => run().resources.uncertainty,
    plot.element,
    resources.blocks.length > 0 && panel("By block of the engine", byBlock),
  );
}
