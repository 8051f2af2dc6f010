// SPDX-License-Identifier: Apache-2.0
import { h } from "./dom";
export function comparisonPage(): HTMLElement {
  return h("div");
}
