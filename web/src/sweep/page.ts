// SPDX-License-Identifier: Apache-2.0
// The report of a sweep. All charts show what the filter and the brushes on the parallel axes leave; the rest stays
// faint behind it.

import { type Child, h } from "../dom";
import { term } from "../explain";
import { quantity } from "../format";
import { figures, frame, type Section, section } from "../layout";
import { live, onUpdate } from "../state";
import { filterBar } from "./filter_bar";
import { heatSection } from "./heat";
import { parallelSection } from "./parallel";
import { paretoSection } from "./pareto";
import { drawer } from "./point";
import { tableSection } from "./points";
import { problemsSection } from "./problems";
import { sensitivitySection } from "./sensitivity";
import {
  axes,
  choose,
  chosen,
  column,
  isAxis,
  metrics,
  named,
  numbersOf,
  sweep,
  varies,
} from "./state";

export function sweepPage(): HTMLElement {
  initialize();
  choose(true);
  onUpdate(() => choose(true));
  const sections: Section[] = [overviewSection(), paretoSection(), parallelSection()];
  if (axes().length >= 2 && metrics().length > 0) sections.push(heatSection());
  if (axes().length >= 1 && metrics().length > 0) sections.push(sensitivitySection());
  sections.push(tableSection());
  if (sweep().counts.ok < sweep().points.length || sweep().running)
    sections.push(problemsSection());
  return h("div", null, frame(null, sections, filterBar()), drawer());
}

function initialize(): void {
  const names = metrics().map(({ name }) => name);
  const objectives = sweep()
    .objectives.map(({ name }) => name)
    .filter((name) => column(name)?.numbers);
  const known = [...objectives, "latency_ms.mean", "energy.image_mj.mean", ...names].filter(
    (name, place, all) => names.includes(name) && all.indexOf(name) === place,
  );
  chosen.x = known[0] ?? axes()[0]?.name ?? "";
  chosen.y = known[1] ?? chosen.x;
  chosen.color = known[0] ?? "";
  chosen.heatMetric = known[0] ?? "";
  chosen.effectMetric = known[0] ?? "";
  chosen.heatX = axes()[0]?.name ?? "";
  chosen.heatY = axes()[1]?.name ?? "";
  const inputs = sweep()
    .columns.filter((one) => isAxis(one) && varies(one))
    .map(({ name }) => name);
  const results = known.filter((name) => objectives.includes(name));
  for (const name of known)
    if (results.length < 3 && !results.includes(name) && !/\.(p\d+|min|max)$/.test(name))
      results.push(name);
  chosen.dimensions = [...inputs.slice(0, 7), ...results].slice(0, 10);
  chosen.columns = [
    "point",
    "status",
    ...inputs,
    ...objectives,
    ...[
      "latency_ms.mean",
      "fps",
      "energy.image_mj.mean",
      "array.utilization",
      "macs",
      "resources.dsps",
    ].filter((name) => !objectives.includes(name) && names.includes(name)),
  ];
}

function overviewSection(): Section {
  return section(
    "overview",
    "Overview",
    null,
    live("dl", { class: "facts" }, () => {
      const { store, sweeps, id, objectives, running } = sweep();
      const fact = (label: string, key: string, ...text: Child[]) =>
        h("div", null, h("dt", null, term(label, key)), h("dd", null, ...text));
      return [
        fact("Store", "store", store),
        sweeps.length > 1 &&
          fact(
            "Sweep",
            "sweep",
            `${sweeps.findIndex((one) => one.id === id) + 1} of ${sweeps.length} in the store`,
          ),
        fact(
          "Objectives",
          "objectives",
          objectives.map((objective, place) => [
            place > 0 && " · ",
            objective.maximize ? "largest " : "smallest ",
            named(objective.name),
          ]),
        ),
        running && fact("State", "sweep", "running"),
      ];
    }),
    h("div", { class: "gap" }),
    figures(() => {
      const { counts, front, hypervolume, points, objectives } = sweep();
      const figure = (label: string, key: string, value: number, unit = "") => ({
        label,
        explain: key,
        value,
        unit,
        text: quantity(value, unit),
      });
      const list = [figure("Points", "point", points.length), figure("Good", "status", counts.ok)];
      if (counts.violated > 0) list.push(figure("Violate a constraint", "status", counts.violated));
      if (counts.infeasible > 0) list.push(figure("Infeasible", "status", counts.infeasible));
      if (counts.failed > 0) list.push(figure("Failed", "status", counts.failed));
      list.push(figure("On the Pareto front", "front", front.length));
      if (hypervolume !== null) list.push(figure("Hypervolume", "hypervolume", hypervolume));
      for (const { name, maximize } of objectives) {
        const values = numbersOf(name);
        const known = front.map((place) => values[place] ?? null).filter((value) => value !== null);
        if (known.length === 0) continue;
        const value = known.reduce((a, b) => (maximize === a > b ? a : b));
        list.push(figure(`Best ${name}`, name, value, column(name)?.unit));
      }
      return list;
    }),
  );
}
