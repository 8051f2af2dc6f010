// SPDX-License-Identifier: Apache-2.0
// The frame of a page: head, table of contents, sections.

import { togglePatterns } from "./chart";
import { type Child, copyButton, h, icon, icons } from "./dom";
import { term } from "./explain";
import type { Fact, Figure } from "./payload";
import { live, page } from "./state";
import { currentTheme, onTheme, toggleTheme } from "./theme";

export interface Section {
  id: string;
  title: string;
  element: HTMLElement;
}

export function section(
  id: string,
  title: string,
  intro: (() => Child) | null,
  ...children: Child[]
): Section {
  return {
    id,
    title,
    element: h(
      "section",
      { id, "aria-labelledby": `${id}-title` },
      h("h2", { id: `${id}-title` }, title),
      intro && live("p", { class: "intro" }, intro),
      ...children,
    ),
  };
}

/** Charts side by side where there is room. */
export function row(...children: Child[]): HTMLElement {
  return h("div", { class: "row" }, ...children);
}

export function panel(title: Child, ...children: Child[]): HTMLElement {
  return h(
    "div",
    { class: "panel" },
    h("div", { class: "chart-title" }, h("h3", null, title)),
    ...children,
  );
}

const kinds = { run: "Run", comparison: "Comparison", sweep: "Sweep" };

/** \param toolbar stays in view below the first section */
export function frame(
  head: Child,
  sections: Section[],
  toolbar: HTMLElement | null = null,
): HTMLElement {
  const links = sections.map(({ id, title }) =>
    h("a", { href: `#${id}`, "data-section": id }, title),
  );
  const element = h(
    "div",
    { class: "page" },
    h("a", { class: "skip", href: "#main" }, "Skip to the report"),
    h(
      "nav",
      { class: "contents", "aria-label": "Contents" },
      h("div", { class: "brand" }, h("span", { class: "mark", "aria-hidden": "true" }), "heatsim"),
      h("div", { class: "links" }, links),
      h("div", { class: "tools" }, themeButton(), patternButton(), printButton()),
    ),
    h(
      "main",
      { id: "main" },
      h(
        "header",
        { class: "masthead" },
        h(
          "div",
          { class: "kicker" },
          live("span", null, () => `${kinds[page().kind]} report`),
          h("span", { id: "live-badge", class: "live-badge", role: "status", hidden: true }),
        ),
        live("h1", null, () => page().title),
        head,
      ),
      sections.map((one, place) => [one.element, place === 0 && toolbar]),
      live("footer", null, () => [
        h("span", null, `heatsim ${page().version}`),
        page().source !== "" && h("span", null, page().source),
        page().command !== null && [
          h("code", null, page().command),
          copyButton("Copy", () => page().command ?? ""),
        ],
      ]),
    ),
  );
  follow(links, sections);
  return element;
}

/** Marks the section in view. */
function follow(links: HTMLAnchorElement[], sections: Section[]): void {
  const visible = new Set<string>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) visible.add(target.id);
        else visible.delete(target.id);
      const current = sections.find(({ id }) => visible.has(id))?.id;
      for (const link of links)
        if (link.dataset.section === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
    },
    { rootMargin: "-10% 0px -70% 0px" },
  );
  for (const { element } of sections) observer.observe(element);
}

function themeButton(): HTMLElement {
  const button = h("button", {
    type: "button",
    class: "icon-button",
    id: "theme-button",
    onclick: toggleTheme,
  });
  const draw = () => {
    const dark = currentTheme().name === "dark";
    const label = dark ? "Light theme" : "Dark theme";
    button.replaceChildren(icon(dark ? icons.sun : icons.moon));
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  draw();
  onTheme(draw);
  return button;
}

function patternButton(): HTMLElement {
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-pressed": "false",
      "aria-label": "Patterns instead of colours alone",
      title: "Patterns instead of colours alone",
      onclick: () => button.setAttribute("aria-pressed", String(togglePatterns())),
    },
    icon(icons.hatch),
  );
  return button;
}

function printButton(): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Print",
      title: "Print",
      onclick: () => print(),
    },
    icon(icons.print),
  );
}

export function facts(list: () => Fact[]): HTMLElement {
  return live("dl", { class: "facts" }, () =>
    list().map((fact) =>
      h("div", null, h("dt", null, term(fact.label, fact.explain)), h("dd", null, fact.text)),
    ),
  );
}

/** What stands between backticks is set as code. */
export function prose(text: string): Child[] {
  return text.split("`").map((part, place) => (place % 2 === 1 ? h("code", null, part) : part));
}

export function notes(list: () => string[]): HTMLElement {
  return live("div", { class: "notes" }, () =>
    list().map((text) => h("p", { class: "note" }, prose(text))),
  );
}

export function figures(list: () => Figure[]): HTMLElement {
  return live("div", { class: "figures" }, () =>
    list().map((figure) => {
      const [value, unit] = split(figure.text, figure.unit);
      return h(
        "div",
        { class: "figure-tile" },
        h("div", { class: "figure-label" }, term(figure.label, figure.explain)),
        h(
          "div",
          { class: "figure-value" },
          value,
          unit !== "" && h("span", { class: "unit" }, ` ${unit}`),
        ),
      );
    }),
  );
}

/** The unit of a shown value is set smaller: "3.437 ms" */
export function split(text: string, unit: string): [string, string] {
  if (unit !== "" && text.endsWith(unit) && text.length > unit.length)
    return [text.slice(0, -unit.length).trim(), unit];
  const match = /^([−-]?[\d.,]+)\s+(\D.{0,24})$/.exec(text);
  return match ? [match[1] as string, match[2] as string] : [text, ""];
}

/** A choice of few, side by side. */
export function segmented(
  label: string,
  options: { value: string; label: string }[],
  initial: string,
  onChange: (value: string) => void,
): HTMLElement {
  const group = h("div", { class: "segmented", role: "group", "aria-label": label });
  for (const option of options)
    group.append(
      h(
        "button",
        {
          type: "button",
          "data-value": option.value,
          "aria-pressed": String(option.value === initial),
          onclick: (event: Event) => {
            for (const other of group.children) other.setAttribute("aria-pressed", "false");
            (event.currentTarget as HTMLElement).setAttribute("aria-pressed", "true");
            onChange(option.value);
          },
        },
        option.label,
      ),
    );
  return group;
}

/** A choice of many. */
export function select(
  label: string,
  options: { value: string; label: string; group?: string }[],
  initial: string,
  onChange: (value: string) => void,
): HTMLLabelElement {
  const box = h("select", { "aria-label": label });
  let groupName: string | undefined;
  let parent: HTMLElement = box;
  for (const option of options) {
    if (option.group !== groupName) {
      groupName = option.group;
      parent = groupName === undefined ? box : h("optgroup", { label: groupName });
      if (parent !== box) box.append(parent);
    }
    parent.append(
      h("option", { value: option.value, selected: option.value === initial }, option.label),
    );
  }
  box.addEventListener("change", () => onChange(box.value));
  return h("label", { class: "select" }, h("span", null, label), box);
}

/** A bar of a share between 0 and 1 inside a table cell. */
export function bar(share: number, color: string): HTMLElement {
  const width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return h("span", { class: "bar" }, h("span", { style: { width, background: color } }));
}

export function share(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
