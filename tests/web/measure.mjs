// SPDX-License-Identifier: Apache-2.0
// How long report pages take to open: until the first chart is drawn, and until all are. Called by
// scripts/measure_report.sh.
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("@playwright/test");

const times = 5;
const browser = await chromium.launch({
  executablePath: process.env.HEATSIM_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Seconds since the navigation started, in a fresh page. */
async function open(path) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(pathToFileURL(path).href, { waitUntil: "commit" });
  const drawn = (all) =>
    page.waitForFunction((every) => {
      const charts = [...document.querySelectorAll("[data-chart]")];
      const isDrawn = (chart) => chart.dataset.drawn === "true";
      const done = every ? charts.every(isDrawn) : charts.some(isDrawn);
      return charts.length > 0 && done && performance.now() / 1000;
    }, all);
  const first = await (await drawn(false)).jsonValue();
  const all = await (await drawn(true)).jsonValue();
  await page.close();
  return { first, all };
}

console.log("page, MB, seconds to the first chart, seconds to all charts (median, slowest)");
for (const name of process.argv.slice(2)) {
  const path = resolve(name);
  const runs = [];
  for (let i = 0; i < times; ++i) runs.push(await open(path));
  const all = runs.map((run) => run.all);
  console.log(
    [
      name,
      (statSync(path).size / 1e6).toFixed(2),
      median(runs.map((run) => run.first)).toFixed(2),
      `${median(all).toFixed(2)} (${Math.max(...all).toFixed(2)})`,
    ].join(", "),
  );
}
await browser.close();
