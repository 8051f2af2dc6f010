// SPDX-License-Identifier: Apache-2.0
// The page that is shown, and who wants to know when a live one has changed.

import { append, type Child, h } from "./dom";
import type { Page } from "./payload";

let current: Page;
const listeners = new Set<() => void>();

export function page(): Page {
  return current;
}

export function setPage(next: Page): void {
  current = next;
  for (const listener of listeners) listener();
}

export function onUpdate(listener: () => void): void {
  listeners.add(listener);
}

/** An element whose children are made anew whenever the page has changed. */
export function live<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, unknown> | null,
  build: () => Child,
): HTMLElementTagNameMap[K] {
  const element = h(tag, attributes);
  const draw = () => {
    element.replaceChildren();
    append(element, [build()]);
  };
  draw();
  onUpdate(draw);
  return element;
}
