// SPDX-License-Identifier: Apache-2.0
// Report pages that the executable writes, in Debian's Chromium. HEATSIM is the executable, HEATSIM_WEB_OUTPUT the folder
// for pages and screenshots; CTest sets both.
import { defineConfig } from "@playwright/test";
import { chromium, output } from "./places";

const minute = 60_000;

export default defineConfig({
  testDir: ".",
  outputDir: `${output}/failures`,
  globalSetup: "./make_pages.ts",
  globalTimeout: 20 * minute,
  timeout: 3 * minute,
  expect: { timeout: minute / 2 },
  workers: 1,
  retries: 1, // a click between two layouts of a busy machine
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: chromium, args: ["--no-sandbox"] },
    viewport: { width: 1440, height: 900 },
    contextOptions: { reducedMotion: "reduce" }, // nothing moves while it is measured
    screenshot: "only-on-failure",
    trace: "off",
  },
});
