// SPDX-License-Identifier: Apache-2.0
import { h } from "./dom";
export function sweepPage(): HTMLElement {
  return h("div");
}
