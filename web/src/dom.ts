// SPDX-License-Identifier: Apache-2.0
// Elements are made here only. Texts become text nodes: nothing that comes from data is parsed as HTML.

export type Child = Node | string | number | null | undefined | false | Child[];

type Attributes = Record<string, unknown>;

/** An element; `class`, `style` and `on...` listeners as named, other attributes as text, `true` for an empty one. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes | null = null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, attributes);
  append(element, children);
  return element;
}

/** An SVG element. */
export function svg(tag: string, attributes: Attributes, ...children: SVGElement[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  apply(element, attributes);
  element.append(...children);
  return element;
}

function apply(element: HTMLElement | SVGElement, attributes: Attributes | null): void {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

export function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** A line icon of 16 × 16. */
export function icon(path: string): SVGElement {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" },
    svg("path", { d: path }),
  );
}

export const icons = {
  sun: "M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5L13 13M3 13l1.5-1.5M11.5 4.5L13 3M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  copy: "M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3",
  table: "M2 3h12v10H2zM2 6.5h12M2 9.8h12M6.5 3v10",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  hatch: "M2 9l7-7M2 14L14 2M7 14l7-7M2 2h12v12H2z",
  check: "M3 8.5l3.2 3.2L13 4.8",
  warning: "M8 2l6.5 12h-13zM8 6.5v3.5M8 11.8v.4",
  print: "M4 6V2h8v4M4 11H2V6h12v5h-2M4 9h8v5H4z",
  open: "M6 3H3v10h10v-3M9 3h4v4M13 3L7.5 8.5",
};

/** Copies; falls back to a hidden text area where the page is not in a secure context. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** A button that copies what `text` gives when it is pressed. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const caption = h("span", null, label);
  const button = h(
    "button",
    { type: "button", class: "button", title: label },
    icon(icons.copy),
    caption,
  );
  button.addEventListener("click", async () => {
    const done = await copyText(text());
    caption.textContent = done ? "Copied" : "Cannot copy";
    setTimeout(() => {
      caption.textContent = label;
    }, 1500);
  });
  return button;
}
