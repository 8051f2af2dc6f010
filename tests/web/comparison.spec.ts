// SPDX-License-Identifier: Apache-2.0
// What a reader does with runs side by side.
import { readFileSync } from "node:fs";
import { pagePath } from "./places";
import { chart, documentOf, expect, open, test } from "./report";

test("every figure stands beside that of the baseline", async ({ page }) => {
  await open(page, "comparison");
  const { comparison } = documentOf(readFileSync(pagePath("comparison"), "utf8")) as unknown as {
    comparison: {
      runs: { letter: string }[];
      figures: { label: string; texts: string[]; changes: string[] }[];
    };
  };
  const rows = page.locator(".comparison-figures tbody tr");
  await expect(rows).toHaveCount(comparison.figures.length);
  for (const [place, figure] of comparison.figures.entries()) {
    const cells = await rows.nth(place).locator("td").allTextContents();
    expect(cells[0]).toBe(figure.label);
    for (const [run, text] of figure.texts.entries()) {
      expect(cells[run + 1]).toContain(text);
      expect(cells[run + 1]).toContain(figure.changes[run]);
    }
  }
  await expect(page.locator(".run-card")).toHaveCount(comparison.runs.length);
});

test("differences per operator, of the run that is chosen", async ({ page }) => {
  await open(page, "comparison");
  const panel = page.locator("figure", { has: chart(page, "compare-operators") });
  await expect(panel.locator("h3")).toContainText("What B takes");
  await panel.locator(".segmented button").nth(1).click();
  await expect(panel.locator("h3")).toContainText("What C takes");
  await panel.scrollIntoViewIfNeeded();
  const box = await chart(page, "compare-operators").boundingBox();
  if (box === null) throw new Error("not visible");
  await page.mouse.move(box.x + box.width * 0.5, box.y + 100);
  await page.mouse.move(box.x + box.width * 0.51, box.y + 100);
  await expect(chart(page, "compare-operators").locator(".tip td.number").first()).toHaveText(/ms/);
});

test("names explain themselves", async ({ page }) => {
  await open(page, "comparison");
  await page.locator(".comparison-figures .term").first().click();
  await expect(page.locator("dialog .explain-meaning")).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await page.locator(".legend .term", { hasText: "wait_vector" }).first().click();
  await expect(page.locator("dialog h2")).toContainText("wait_vector");
});
