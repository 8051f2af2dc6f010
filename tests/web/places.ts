// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";

export const root = resolve(__dirname, "../..");
export const heatsim = process.env.HEATSIM ?? resolve(root, "build/release/bin/heatsim");
export const output =
  process.env.HEATSIM_WEB_OUTPUT ?? resolve(root, "build/release/web-screenshots");
export const chromium = process.env.HEATSIM_CHROMIUM ?? "/usr/bin/chromium";

/** File of a page that make_pages.ts has made. */
export function pagePath(name: string): string {
  return resolve(output, `pages/${name}.html`);
}
