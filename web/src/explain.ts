// SPDX-License-Identifier: Apache-2.0
// What `heatsim explain` says, one click away from every name on the page.

import { type Child, h, icon, icons, replace } from "./dom";
import type { Topic } from "./payload";
import { page } from "./state";

function topicOf(key: string): Topic | undefined {
  const topics = page().topics;
  return Object.hasOwn(topics, key) ? topics[key] : undefined;
}

export function canExplain(key: string): boolean {
  return topicOf(key) !== undefined;
}

/** A name that opens its explanation; plain text where there is none. */
export function term(label: string, key: string = label, ...inside: Child[]): HTMLElement {
  if (!canExplain(key)) return h("span", { class: "term-plain" }, label, ...inside);
  return h(
    "button",
    {
      type: "button",
      class: "term",
      "data-explain": key,
      title: `What is ${label}?`,
      onclick: (event: Event) => {
        event.stopPropagation();
        explain(key);
      },
    },
    label,
    ...inside,
  );
}

let dialog: HTMLDialogElement | null = null;

export function explain(key: string): void {
  const topic = topicOf(key);
  if (topic === undefined) return;
  if (dialog === null) {
    const created = h("dialog", { class: "explain", "aria-labelledby": "explain-name" });
    created.addEventListener("click", (event) => {
      if (event.target === created) created.close(); // the backdrop
    });
    document.body.append(created);
    dialog = created;
  }
  replace(dialog, content(topic));
  if (!dialog.open) dialog.showModal();
}

function content(topic: Topic): Child {
  const rows: [string, string][] = [
    ["Unit", topic.unit],
    ["Type", topic.type],
    ["Range", topic.range],
    ["Default", topic.default],
  ];
  return h(
    "div",
    { class: "explain-content" },
    h(
      "header",
      null,
      h("h2", { id: "explain-name" }, topic.name),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Close",
          onclick: () => dialog?.close(),
        },
        icon(icons.close),
      ),
    ),
    topic.kind !== "" && h("p", { class: "explain-kind" }, topic.kind),
    h("p", { class: "explain-meaning" }, topic.meaning),
    rows.some(([, text]) => text !== "") &&
      h(
        "dl",
        null,
        rows
          .filter(([, text]) => text !== "")
          .map(([name, text]) => [h("dt", null, name), h("dd", null, text)]),
      ),
    topic.see_also.length > 0 &&
      h(
        "p",
        { class: "explain-also" },
        "See also ",
        topic.see_also.map((name, index) => [index > 0 && ", ", term(name)]),
      ),
  );
}
