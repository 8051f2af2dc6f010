// SPDX-License-Identifier: Apache-2.0
// What a reader does with the report of a run.
import { readFileSync } from "node:fs";
import { pagePath } from "./places";
import { chart, documentOf, expect, open, type Page, test, textPosition } from "./report";

interface RunDocument {
  run: {
    headline: { label: string; text: string }[];
    causes: { name: string }[];
    operators: { name: string[]; cycles: number[] };
    timelines: { names: string[]; tracks: { kind: string; label: number[] }[] }[];
  };
}

function document(): RunDocument {
  return documentOf(readFileSync(pagePath("run"), "utf8")) as unknown as RunDocument;
}

async function zoom(page: Page, name: string): Promise<{ start: number; end: number }> {
  return page.evaluate((chartName) => {
    const zoomed = window.heatsimReport?.chartNamed(chartName)?.zoomOf("x");
    return zoomed ?? { start: -1, end: -1 };
  }, name);
}

test("the headline has every figure with its unit", async ({ page }) => {
  await open(page, "run");
  const tiles = page.locator(".figure-tile");
  const { headline } = document().run;
  await expect(tiles).toHaveCount(headline.length);
  for (const [place, figure] of headline.entries()) {
    const text = (await tiles.nth(place).locator(".figure-value").textContent()) ?? "";
    expect(text.replace(/\s+/g, " ")).toBe(figure.text.replace(/\s+/g, " "));
  }
});

test("names open what heatsim explain says", async ({ page }) => {
  await open(page, "run");
  const dialog = page.locator("dialog");
  await page.locator(".figure-label .term").first().click();
  await expect(dialog).toBeVisible();
  await expect(dialog.locator(".explain-meaning")).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  for (const name of ["wait_vector", "attention GEMMs"]) {
    await page.locator(".figures-table .term", { hasText: name }).first().click();
    await expect(dialog.locator("h2")).toContainText(name);
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect(dialog).toBeHidden();
  }
});

test("a name of an axis explains itself", async ({ page }) => {
  await open(page, "run");
  const target = chart(page, "roofline");
  await target.scrollIntoViewIfNeeded();
  const name = await textPosition(page, "roofline", "MACs per byte of DDR traffic");
  await page.mouse.click(name.x, name.y);
  await expect(page.locator("dialog h2")).toHaveText("macs");
});

test("hover tells the numbers", async ({ page }) => {
  await open(page, "run");
  for (const name of ["cycles", "tokens", "staircase", "cdf"]) {
    const target = chart(page, name);
    await target.scrollIntoViewIfNeeded();
    const box = await target.boundingBox();
    if (box === null) throw new Error("not visible");
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.55);
    await page.mouse.move(box.x + box.width * 0.31, box.y + box.height * 0.55);
    await expect(target.locator(".chart-tip .tip")).toBeVisible();
    await expect(target.locator(".chart-tip .tip td.number").first()).toHaveText(/\d/);
  }
});

test("cycles by block, group and operator", async ({ page }) => {
  await open(page, "run");
  const panel = page.locator("figure", { has: chart(page, "cycles") });
  for (const [button, title] of [
    ["Groups", "group of operators"],
    ["Operators", "operator, largest first"],
    ["Blocks", "block"],
  ] as const) {
    await panel.getByRole("button", { name: button }).click();
    await expect(panel.locator("h3")).toContainText(title);
    await expect(chart(page, "cycles")).toHaveAttribute("data-drawn", "true");
  }
});

test("the data of a chart are a table that sorts", async ({ page }) => {
  await open(page, "run");
  const panel = page.locator("figure", { has: chart(page, "cycles") });
  await panel.getByRole("button", { name: "Operators" }).click();
  await panel.getByRole("button", { name: "Data" }).click();
  const table = panel.locator(".table");
  const total = document().run.operators.cycles.filter((cycles) => cycles > 0).length;
  await expect(table.locator(".table-count")).toHaveText(`${total} rows`);
  // only what is in view is there
  expect(await table.locator("tbody tr[data-row]").count()).toBeLessThan(total);
  const first = () => table.locator("tbody tr[data-row] td.number").first().textContent();
  const number = async () => Number((await first())?.replace(/[^\d.]/g, ""));
  const header = table.locator('th[data-column="cycles"]');
  await header.locator(".sort").click();
  await expect(header).toHaveAttribute("aria-sort", "ascending");
  const least = await number();
  await header.locator(".sort").click();
  await expect(header).toHaveAttribute("aria-sort", "descending");
  expect(await number()).toBeGreaterThan(least);
});

test("timeline: wheel, drag, keys and the list of operators zoom", async ({ page }) => {
  await open(page, "run");
  const target = chart(page, "timeline");
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (box === null) throw new Error("not visible");
  const middle = { x: box.x + box.width / 2, y: box.y + 100 };
  await page.mouse.move(middle.x, middle.y);
  for (let i = 0; i < 12; ++i) await page.mouse.wheel(0, -240);
  await expect
    .poll(async () => (await zoom(page, "timeline")).end - (await zoom(page, "timeline")).start)
    .toBeLessThan(50);
  const wheeled = await zoom(page, "timeline");

  await page.mouse.down();
  await page.mouse.move(middle.x - 300, middle.y, { steps: 8 });
  await page.mouse.up();
  await expect
    .poll(async () => (await zoom(page, "timeline")).start)
    .toBeGreaterThan(wheeled.start);

  const reset = page.locator('[data-action="reset-zoom"]');
  await reset.click();
  await expect.poll(() => zoom(page, "timeline")).toEqual({ start: 0, end: 100 });
  await expect(reset).toBeDisabled();

  await target.focus();
  await page.keyboard.press("+");
  await expect.poll(async () => (await zoom(page, "timeline")).end).toBeLessThan(100);
  await page.keyboard.press("0");
  await expect.poll(() => zoom(page, "timeline")).toEqual({ start: 0, end: 100 });

  const { names, tracks } = document().run.timelines[0] as RunDocument["run"]["timelines"][0];
  const operators = tracks.find(({ kind }) => kind === "operator");
  const slice = Math.floor((operators?.label.length ?? 0) / 2);
  const operator = names[operators?.label[slice] ?? 0] as string;
  await page.locator("figure", { has: target }).locator("select").selectOption(operator);
  await expect
    .poll(async () => (await zoom(page, "timeline")).end - (await zoom(page, "timeline")).start)
    .toBeLessThan(20);
  // the top row, in the middle: the operator that was chosen
  const now = (await target.boundingBox()) ?? box;
  await page.mouse.move(now.x + 150 + (now.width - 168) / 2, now.y + 40);
  await page.mouse.move(now.x + 151 + (now.width - 168) / 2, now.y + 40);
  await expect(target.locator(".chart-tip.floating .tip-title")).toHaveText(operator);
  await page.screenshot({ path: `${process.env.HEATSIM_WEB_OUTPUT ?? "."}/timeline-zoomed.png` });
});

test("timeline: single tiles are seen", async ({ page }) => {
  await open(page, "run");
  const target = chart(page, "timeline");
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (box === null) throw new Error("not visible");
  await target.focus();
  for (let i = 0; i < 12; ++i) await page.keyboard.press("+");
  await expect
    .poll(async () => (await zoom(page, "timeline")).end - (await zoom(page, "timeline")).start)
    .toBeLessThan(0.2);
  await page.mouse.move(box.x + box.width / 2 + 3, box.y + 65);
  await expect(target.locator(".chart-tip.floating")).toBeVisible();
});

test("images: the quantity of the distribution is chosen", async ({ page }) => {
  await open(page, "run");
  const section = page.locator("#images");
  await section.locator('.segmented button:not([aria-pressed="true"])').first().click();
  await expect(section.locator("h3").first()).not.toContainText(/latency/i);
  await expect(chart(page, "histogram")).toHaveAttribute("data-drawn", "true");
});

test("the table of contents leads to its sections", async ({ page }) => {
  await open(page, "run");
  for (const link of await page.locator(".links a").all()) {
    const target = await link.getAttribute("href");
    await link.click();
    await expect(page.locator(target as string)).toBeInViewport();
  }
});
