// SPDX-License-Identifier: Apache-2.0
// Every page: all charts are there and painted, in both themes, on paper and on a narrow screen.
import { chart, expect, isPainted, open, pdf, screenshot, test } from "./report";

const runCharts = [
  "cycles",
  "timeline",
  "roofline",
  "tokens",
  "histogram",
  "cdf",
  "latency-tokens",
  "staircase",
  "energy-parts",
  "energy-blocks",
  "resources",
];
const comparisonCharts = [
  "compare-causes",
  "compare-groups",
  "compare-operators",
  "compare-latency",
  "compare-energy",
  "compare-resources",
];
const sweepCharts = ["pareto", "parallel", "heatmap", "sensitivity", "main-effect"];
const charts: Record<string, string[]> = {
  run: runCharts,
  test_set: runCharts,
  computed: [...runCharts, "confusion"],
  one_image: runCharts.filter((name) => !["histogram", "cdf", "latency-tokens"].includes(name)),
  comparison: comparisonCharts,
  sweep: sweepCharts,
  ten_thousand: sweepCharts,
};

for (const [name, expected] of Object.entries(charts))
  for (const theme of ["light", "dark"] as const)
    test(`${name}, ${theme}: every chart is drawn`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme });
      await open(page, name);
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      const drawn = await page
        .locator("[data-chart]")
        .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.chart));
      expect(drawn).toEqual(expect.arrayContaining(expected));
      for (const one of expected) expect(await isPainted(chart(page, one)), one).toBe(true);
      // nothing sticks out of the page
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        1440,
      );
      await screenshot(page, `${name}-${theme}`);
    });

for (const name of ["run", "comparison", "sweep"]) {
  test(`${name}: prints`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: "dark" });
    await open(page, name);
    const before = await chart(page, charts[name]?.[0] ?? "").evaluate(
      (element) => element.clientWidth,
    );
    const bytes = await pdf(page, name);
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    const pages = bytes.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(2);
    expect(pages).toBeLessThan(20);
    // and is as it was behind it
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await expect
      .poll(() =>
        chart(page, charts[name]?.[0] ?? "").evaluate(
          (element) => element.querySelector("canvas")?.clientWidth,
        ),
      )
      .toBe(before);
  });

  test(`${name}: on a narrow screen`, async ({ page }) => {
    await page.setViewportSize({ width: 480, height: 900 });
    await open(page, name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      480,
    );
    await screenshot(page, `${name}-narrow`);
  });

  test(`${name}: paper is white and has no buttons`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: "dark" });
    await open(page, name);
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await expect(page.locator("nav.contents")).toBeHidden();
    for (const button of await page.locator("main .button").all())
      await expect(button).toBeHidden();
    for (const one of charts[name] ?? []) expect(await isPainted(chart(page, one)), one).toBe(true);
  });
}

test("the theme button changes every chart and is remembered", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await open(page, "run");
  const pixels = () =>
    chart(page, "resources").evaluate((element) => element.querySelector("canvas")?.toDataURL());
  const light = await pixels();
  await page.locator("#theme-button").click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect.poll(pixels).not.toBe(light);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("text is readable in both themes", async ({ page }) => {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await open(page, "run");
    const worst = await page.evaluate(() => {
      const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (color: string) => {
        const [r, g, b] = channels(color).map((value) => {
          const share = value / 255;
          return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        }) as [number, number, number];
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      let least = { ratio: 21, text: "" };
      for (const element of document.querySelectorAll<HTMLElement>("main *, nav *")) {
        const own = [...element.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? "").trim() !== "",
        );
        if (!own || element.offsetParent === null || element.matches(":disabled, option, select *"))
          continue;
        let behind: HTMLElement | null = element;
        let background = "rgba(0, 0, 0, 0)";
        while (behind !== null && channels(background)[3] === 0) {
          background = getComputedStyle(behind).backgroundColor;
          behind = behind.parentElement;
        }
        const [a, b] = [luminance(getComputedStyle(element).color), luminance(background)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < least.ratio)
          least = { ratio, text: `${element.className}: ${element.textContent}` };
      }
      return least;
    });
    expect(worst.ratio, `${theme}: ${worst.text}`).toBeGreaterThanOrEqual(4.5);
  }
});
