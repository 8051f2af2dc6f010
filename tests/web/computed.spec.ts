// SPDX-License-Identifier: Apache-2.0
// What a reader does with the images of a functional run.
import { readFileSync } from "node:fs";
import { pagePath } from "./places";
import { chart, documentOf, expect, open, test } from "./report";

interface ComputedDocument {
  run: {
    functional: {
      correct: number;
      predictions: { name: string[]; label: string[]; predicted: string[]; correct: string[] };
    };
  };
}

const { functional } = (
  documentOf(readFileSync(pagePath("computed"), "utf8")) as unknown as ComputedDocument
).run;
const { predictions } = functional;

test("wrong predictions come first", async ({ page }) => {
  await open(page, "computed");
  const results = await page
    .locator('[data-table="predictions"] tbody tr:not(.spacer)')
    .evaluateAll((rows) => rows.map((row) => row.children[3]?.textContent ?? ""));
  const wrong = predictions.correct.filter((correct) => correct === "0").length;
  expect(results.length).toBeGreaterThan(wrong);
  expect(results.slice(0, wrong)).toEqual(Array(wrong).fill("wrong"));
  expect(results[wrong]).toBe("right");
});

test("the top-1 accuracy is that of the predictions", async ({ page }) => {
  await open(page, "computed");
  const right = predictions.correct.filter((correct) => correct === "1").length;
  expect(functional.correct).toBe(right);
  await expect(page.locator("#computed .intro")).toContainText(
    `${right} of ${predictions.name.length} are what their label says`,
  );
});

test("the confusion matrix counts every image", async ({ page }) => {
  await open(page, "computed");
  const figure = page.locator("figure", { has: chart(page, "confusion") });
  await figure.locator("button", { hasText: "Data" }).click();
  const counts = await figure
    .locator("tbody tr:not(.spacer)")
    .evaluateAll((rows) => rows.map((row) => Number(row.children[2]?.textContent)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(predictions.name.length);
});

test("pictures are drawn, in both themes", async ({ page }) => {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await open(page, "computed");
    const pictures = page.locator(".pictures img");
    await expect(pictures).toHaveCount(6);
    for (const picture of await pictures.all()) {
      await picture.scrollIntoViewIfNeeded();
      expect(
        await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth),
      ).toBeGreaterThan(0);
    }
  }
});

test("new words explain themselves", async ({ page }) => {
  await open(page, "computed");
  const dialog = page.locator("dialog");
  for (const name of ["logit margin", "predicted", "kept 1"]) {
    await page.locator('[data-table="predictions"] .term', { hasText: name }).first().click();
    await expect(dialog.locator(".explain-meaning")).not.toBeEmpty();
    await page.keyboard.press("Escape");
  }
  await page.locator("#computed .term", { hasText: "Confusion matrix" }).click();
  await expect(dialog.locator("h2")).toHaveText("confusion matrix");
});
