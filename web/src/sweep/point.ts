// SPDX-License-Identifier: Apache-2.0
// Everything about one point, and the command that simulates it again.

import { type TipRow, tip } from "../chart";
import { type Child, copyButton, h, icon, icons, replace } from "../dom";
import { term } from "../explain";
import type { Column } from "../payload";
import { onUpdate } from "../state";
import { cell, column, index, isAxis, pick, pickedRow, pickers, statusNames, sweep } from "./state";

export function drawer(): HTMLElement {
  const element = h("aside", {
    class: "drawer",
    "aria-label": "Point",
    hidden: true,
    tabindex: "-1",
  });
  const draw = () => {
    const place = pickedRow();
    const opened = element.hidden && place !== null;
    element.hidden = place === null;
    if (place === null) return;
    replace(element, pointDetails(place));
    if (opened) element.focus({ preventScroll: true });
  };
  pickers.push(draw);
  onUpdate(draw);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !element.hidden && !document.querySelector("dialog[open]"))
      pick(null);
  });
  return element;
}

function pointDetails(place: number): Child {
  const { points, status, reason, reasons, columns, point_url } = sweep();
  const text = commandOf(place);
  const isObjective = new Set(sweep().objectives.map(({ name }) => name));
  const groups = new Map<string, Column[]>();
  const rank = (one: Column) =>
    isAxis(one) ? 0 : isObjective.has(one.name) ? 1 : one.role === "metric" ? 2 : 3;
  for (const one of [...columns].sort((a, b) => rank(a) - rank(b))) {
    const name =
      one.role === "axis" || one.role === "derived"
        ? "inputs"
        : isObjective.has(one.name)
          ? "objectives"
          : one.name.includes(".")
            ? one.name.slice(0, one.name.indexOf("."))
            : "results";
    if ((one.numbers?.[place] ?? null) === null && one.numbers !== null) continue;
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  const link = point_url === null ? null : safeLink(`${point_url}${points[place]}`);
  const code = status[place] as number;
  return [
    h(
      "header",
      null,
      h(
        "div",
        null,
        h("h2", null, `Point ${points[place]}`),
        h(
          "p",
          { class: `state ${statusNames[code]}` },
          statusNames[code],
          index().front.has(place) && " · on the Pareto front",
        ),
      ),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => pick(null) },
        icon(icons.close),
      ),
    ),
    (reason[place] as number) >= 0 &&
      h("p", { class: "point-reason" }, reasons[reason[place] as number]),
    link !== null &&
      h(
        "p",
        null,
        h(
          "a",
          { class: "button", href: link, target: "_blank", rel: "noopener" },
          icon(icons.open),
          "Full report of this point",
        ),
      ),
    text !== "" && [
      h("h3", null, "Run it again"),
      h("pre", { class: "command" }, h("code", null, text)),
      copyButton("Copy command", () => text),
    ],
    [...groups].map(([name, list]) => [
      h("h3", null, groupTitle(name)),
      h(
        "dl",
        { class: "details" },
        list.map((one) => [
          h("dt", null, term(shortName(one.name, name), one.explain)),
          h("dd", null, cell(one, place)),
        ]),
      ),
    ]),
  ];
}

function groupTitle(name: string): Child {
  if (name === "inputs") return "Inputs";
  if (name === "objectives") return "Objectives";
  if (name === "results") return "Results";
  return term(name);
}

function shortName(name: string, group: string): string {
  return name.startsWith(`${group}.`) ? name.slice(group.length + 1) : name;
}

/** Only the web: a report may lie anywhere. */
function safeLink(text: string): string | null {
  try {
    const url = new URL(text, location.href);
    return url.protocol === "http:" || url.protocol === "https:" || url.protocol === "file:"
      ? url.href
      : null;
  } catch {
    return null;
  }
}

function commandOf(place: number): string {
  const { command, input_texts } = sweep();
  if (command.base === "") return "";
  const parts = [command.base];
  command.inputs.forEach((prefix, input) => {
    const value = input_texts[input]?.[place];
    if (prefix !== null && value !== undefined) parts.push(`${prefix}${shellQuoted(value)}`);
  });
  return parts.join(" ");
}

function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function pointTip(place: number, names: string[]): HTMLElement {
  const { points, status } = sweep();
  const inputs = sweep().columns.filter(isAxis);
  const rows: TipRow[] = names
    .filter((name, at) => names.indexOf(name) === at)
    .flatMap((name) => {
      const of = column(name);
      return of ? [{ label: name, value: cell(of, place), strong: true }] : [];
    });
  for (const of of inputs)
    if (!names.includes(of.name)) rows.push({ label: of.name, value: cell(of, place) });
  const state = statusNames[status[place] as number] as string;
  return tip(
    `Point ${points[place]}`,
    rows,
    index().front.has(place) ? `${state}, on the Pareto front` : state,
  );
}
