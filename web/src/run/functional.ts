// SPDX-License-Identifier: Apache-2.0
// What a functional run computed: predictions, the classes that are taken for each other, what is kept of the images.

import { type Chart, categories, chart, font, tip, tooltip } from "../chart";
import { type Child, h } from "../dom";
import { term } from "../explain";
import { number, plurals } from "../format";
import { panel, row, type Section, section } from "../layout";
import type { Functional } from "../payload";
import { live } from "../state";
import { type TableColumn, table } from "../table";
import { ramp } from "../theme";
import { run } from "./state";

const mostClasses = 40; // whose matrix can be read

export function functionalSection(): Section {
  const list = live("div", null, () => predictionsPanel(functional()));
  const { labelled, classes } = functional();
  const matrix = labelled > 0 && classes <= mostClasses;
  return section(
    "computed",
    "Images computed",
    () => words(functional()),
    matrix ? row(confusion().element, list) : list,
    live("div", { class: "row" }, () => pictures(functional())),
  );
}

/** \pre the run computed its images */
function functional(): Functional {
  return run().functional as Functional;
}

function predictionsPanel(computed: Functional): Child {
  const { predictions } = computed;
  const columns: TableColumn[] = [
    { name: "image", texts: predictions.name },
    { name: "label", explain: "label", texts: predictions.label },
    { name: "predicted", explain: "predicted", texts: predictions.predicted },
    {
      name: "result",
      explain: "top1_percent",
      texts: predictions.correct.map((correct) =>
        correct === "" ? "–" : correct === "1" ? "right" : "wrong",
      ),
    },
    { name: "logit margin", explain: "logit_margin", numbers: predictions.logit_margin },
    ...predictions.kept.map((numbers, place) => ({
      name: `kept ${place + 1}`,
      explain: "kept<selector>",
      unit: "patches",
      numbers,
    })),
  ];
  return panel(
    "Predictions",
    h(
      "p",
      { class: "chart-subtitle" },
      "Wrong ones first, of them those that the network is surest of",
    ),
    table({ name: "predictions", columns, rows: mistakesFirst(computed), height: 390 }).element,
  );
}

function words(computed: Functional): Child {
  const { labelled, correct, kept_percent, image_set, predictions } = computed;
  const kept = kept_percent.map((share) => `${number(share, 3)} %`).join(", ");
  return [
    `${plurals(predictions.image.length, "image")} of ${image_set}. `,
    labelled > 0 && [
      term("Top-1", "top1_percent"),
      ` ${number((100 * correct) / labelled)} %: ${number(correct)} of ${number(labelled)} are what their label says. `,
    ],
    kept !== "" && ["Of the patches the selectors keep ", kept, "."],
  ];
}

/** Rows: wrong, right, without a label; the wrong ones by falling margin. */
function mistakesFirst({ predictions }: Functional): number[] {
  const rank = (at: number) => ["0", "1", ""].indexOf(predictions.correct[at] as string);
  const margin = (at: number) => predictions.logit_margin[at] as number;
  return predictions.image
    .map((_, at) => at)
    .sort((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? margin(b) - margin(a) : 0) || a - b);
}

/** Predicted class, label, images. */
function confused({ predictions, classes }: Functional): number[][] {
  const counts = new Map<number, number>();
  for (const [at, label] of predictions.label.entries()) {
    if (label === "") continue;
    const key = Number(label) * classes + Number(predictions.predicted[at]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => [key % classes, Math.floor(key / classes), count]);
}

function confusion(): Chart {
  return chart({
    name: "confusion",
    title: () => term("Confusion matrix", "confusion matrix"),
    subtitle: () => "Images by label and prediction; right ones are on the diagonal",
    height: 440,
    half: true,
    description: () => `Confusion matrix of ${plurals(functional().classes, "class", "classes")}.`,
    ready: (self) => {
      self.axisTopics.set("predicted", "predicted");
      self.axisTopics.set("label", "label");
    },
    data: () => {
      const cells = confused(functional());
      return [
        { name: "label", explain: "label", numbers: cells.map(([, label]) => label as number) },
        {
          name: "predicted",
          explain: "predicted",
          numbers: cells.map(([predicted]) => predicted as number),
        },
        { name: "images", numbers: cells.map(([, , count]) => count as number) },
      ];
    },
    option: (theme) => {
      const { classes } = functional();
      const cells = confused(functional());
      const names = Array.from({ length: classes }, (_, place) => String(place));
      const most = Math.max(1, ...cells.map(([, , count]) => count as number));
      return {
        grid: { left: 12, right: 16, top: 34, bottom: 26, containLabel: true },
        xAxis: categories(theme, { data: names, name: "predicted", axisLine: { show: false } }),
        yAxis: categories(theme, {
          data: names,
          name: "label",
          inverse: true,
          nameLocation: "start",
          nameGap: 12,
          nameTextStyle: { align: "left", padding: [0, 0, 0, -8] },
          axisLine: { show: false },
        }),
        visualMap: {
          show: false,
          type: "continuous",
          min: 0,
          max: most,
          dimension: 2,
          inRange: { color: ramp(theme) },
        },
        tooltip: tooltip(theme, {
          formatter: ({ value }: { value: number[] }) =>
            tip(plurals(value[2] as number, "image"), [
              { label: "label", value: String(value[1]) },
              { label: "predicted", value: String(value[0]) },
            ]),
        }),
        series: [
          {
            type: "custom",
            name: "images",
            data: cells,
            encode: { x: 0, y: 1 },
            renderItem: (
              _: unknown,
              api: {
                value: (dimension: number) => number;
                coord: (point: number[]) => number[];
                size: (size: number[]) => number[];
                visual: (name: string) => string;
              },
            ) => {
              const [x, y] = api.coord([api.value(0), api.value(1)]) as [number, number];
              const [width, height] = api.size([1, 1]) as [number, number];
              const strong = api.value(2) > 0.52 * most;
              return {
                type: "rect",
                shape: {
                  x: x - width / 2 + 0.75,
                  y: y - height / 2 + 0.75,
                  width: width - 1.5,
                  height: height - 1.5,
                  r: 2,
                },
                style: { fill: api.visual("color") },
                emphasis: { style: { stroke: theme.ink, lineWidth: 2 } },
                textConfig: { position: "inside" },
                textContent:
                  classes <= 16
                    ? {
                        style: {
                          text: number(api.value(2)),
                          // of the ramp's two halves one is dark
                          fill: strong === (theme.name === "light") ? "#ffffff" : "#10151a",
                          font: `11px ${font()}`,
                        },
                      }
                    : undefined,
              };
            },
          },
        ],
      };
    },
  });
}

/** A file shown as an image runs nothing and loads nothing, whoever wrote it. */
function pictures(computed: Functional): Child {
  const { pictures: all, predictions } = computed;
  if (all.length === 0) return null;
  const sources = new Map(all.map(({ row: at, source }) => [at, source]));
  return panel(
    "What is kept of the images",
    h(
      "p",
      { class: "chart-subtitle" },
      "Pruned patches are dimmed and hatched; what they held goes on in the ",
      term("package token"),
    ),
    h(
      "div",
      { class: "pictures" },
      mistakesFirst(computed)
        .filter((at) => sources.has(at))
        .map((at) =>
          h("img", {
            src: sources.get(at),
            alt: `${predictions.name[at]}: kept patches behind every selector`,
          }),
        ),
    ),
  );
}
