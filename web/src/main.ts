// SPDX-License-Identifier: Apache-2.0
import { chartNamed, watchCharts } from "./chart";
import { comparisonPage } from "./comparison";
import { h } from "./dom";
import { watchLive } from "./live";
import type { Page } from "./payload";
import { runPage } from "./run/page";
import { setPage } from "./state";
import { sweepPage } from "./sweep/page";
import { setPrinting } from "./theme";

declare global {
  interface Window {
    /** For tests. */
    heatsimReport?: { chartNamed: typeof chartNamed };
  }
}

function build(page: Page): HTMLElement {
  switch (page.kind) {
    case "run":
      return runPage();
    case "comparison":
      return comparisonPage();
    case "sweep":
      return sweepPage();
  }
}

async function start(): Promise<void> {
  const root = document.getElementById("report") as HTMLElement;
  const holder = document.getElementById("report-data") as HTMLElement;
  let page: Page;
  try {
    page = JSON.parse(holder.textContent ?? "") as Page;
  } catch (error) {
    root.replaceChildren(h("p", { class: "broken" }, `This report cannot be read: ${error}`));
    return;
  }
  holder.remove(); // as text it is as large as what was read from it
  await document.fonts.load("500 12px 'Inter Variable'").catch(() => []); // charts measure their labels
  setPage(page);
  try {
    root.replaceChildren(build(page));
  } catch (error) {
    root.replaceChildren(h("p", { class: "broken" }, `This report cannot be shown: ${error}`));
    throw error;
  }
  watchCharts();
  addEventListener("beforeprint", () => setPrinting(true));
  addEventListener("afterprint", () => setPrinting(false));
  window.heatsimReport = { chartNamed };
  if (page.live !== null) watchLive(page.live.url);
}

void start();
