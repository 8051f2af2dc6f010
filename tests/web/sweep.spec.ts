// SPDX-License-Identifier: Apache-2.0
// What a reader does with the report of a sweep.
import { readFileSync } from "node:fs";
import { pagePath } from "./places";
import { allDrawn, chart, documentOf, expect, open, type Page, pixelOf, test } from "./report";

interface SweepDocument {
  sweep: {
    points: number[];
    status: number[];
    front: number[];
    objectives: { name: string }[];
    columns: { name: string; role: string; numbers: (number | null)[] | null }[];
    command: { base: string; inputs: (string | null)[] };
    input_texts: string[][];
    reason_counts: { status: number; reason: string; points: number }[];
  };
}

const documents = new Map<string, SweepDocument["sweep"]>();

function sweep(name = "sweep"): SweepDocument["sweep"] {
  let known = documents.get(name);
  if (known === undefined) {
    known = (documentOf(readFileSync(pagePath(name), "utf8")) as unknown as SweepDocument).sweep;
    documents.set(name, known);
  }
  return known;
}

function numbers(name: string, of = "sweep"): (number | null)[] {
  return sweep(of).columns.find((column) => column.name === name)?.numbers ?? [];
}

async function filter(page: Page, text: string): Promise<void> {
  await page.locator("#filter").fill(text);
}

const count = (page: Page) => page.locator('[data-table="points"] .table-count');

test("the filter takes comparisons, texts and both", async ({ page }) => {
  await open(page, "sweep");
  const latency = numbers("latency_ms.mean");
  const ratio = numbers("keep_ratio_1");
  const { status } = sweep();
  const rows = (test: (row: number) => boolean) =>
    `${latency.filter((_, row) => test(row)).length.toLocaleString("en-US")} rows`;
  const below = (row: number, limit: number) =>
    latency[row] !== null && (latency[row] as number) < limit;
  await filter(page, "latency_ms.mean < 3");
  await expect(count(page)).toHaveText(rows((row) => below(row, 3)));
  await filter(page, "latency_ms.mean < 3 and keep_ratio_1 >= 0.5");
  await expect(count(page)).toHaveText(
    rows((row) => below(row, 3) && (ratio[row] as number) >= 0.5),
  );
  await filter(page, "status = infeasible or latency_ms.mean < 3");
  await expect(count(page)).toHaveText(rows((row) => status[row] === 2 || below(row, 3)));
  await filter(page, "infeasible");
  await expect(count(page)).toHaveText(rows((row) => status[row] === 2));
  await filter(page, "not (status = infeasible) keep_ratio_1 = 0.5");
  await expect(count(page)).toHaveText(rows((row) => status[row] !== 2 && ratio[row] === 0.5));
  await filter(page, "latncy_ms.mean < 3");
  await expect(page.locator(".filter-status")).toContainText("latency_ms.mean");
  await expect(page.locator("#filter")).toHaveClass(/wrong/);
  await filter(page, "latency_ms.mean <");
  await expect(page.locator(".filter-status")).toContainText("missing");
  await filter(page, "");
  await expect(count(page)).toHaveText(rows(() => true));
});

test("the table sorts, and has elements only for what is in view", async ({ page }) => {
  await open(page, "sweep");
  const table = page.locator('[data-table="points"]');
  const rows = table.locator("tbody tr[data-row]");
  expect(await rows.count()).toBeLessThan(80);
  const header = table.locator('th[data-column="latency_ms.mean"]');
  await header.locator(".sort").click();
  const latency = numbers("latency_ms.mean");
  const known = latency.filter((value): value is number => value !== null);
  const rowOf = async () => Number(await rows.first().getAttribute("data-row"));
  expect(latency[await rowOf()]).toBe(Math.min(...known));
  await header.locator(".sort").click();
  expect(latency[await rowOf()]).toBe(Math.max(...known));
  await header.locator(".sort").click();
  expect(await rowOf()).toBe(0);
  // the last row is there when scrolled to
  await table.locator(".table-scroll").evaluate((element) => {
    element.scrollTop = element.scrollHeight;
  });
  await expect(table.locator(`tr[data-row="${latency.length - 1}"]`)).toBeVisible();
});

test("a click on a point shows its figures and the command that reruns it", async ({ page }) => {
  await open(page, "sweep");
  const { front, objectives, points, command, input_texts } = sweep();
  const row = front[Math.floor(front.length / 2)] as number;
  const [x, y] = objectives.map(({ name }) => numbers(name)[row] as number) as [number, number];
  await chart(page, "pareto").scrollIntoViewIfNeeded();
  const place = await pixelOf(page, "pareto", x, y);
  await page.mouse.move(place.x, place.y);
  await expect(chart(page, "pareto").locator(".chart-tip .tip-title")).toHaveText(
    `Point ${points[row]}`,
  );
  await page.mouse.click(place.x, place.y);
  const drawer = page.locator(".drawer");
  await expect(drawer.locator("h2")).toHaveText(`Point ${points[row]}`);
  let expected = command.base;
  command.inputs.forEach((prefix, input) => {
    if (prefix !== null) expected += ` ${prefix}${input_texts[input]?.[row]}`;
  });
  await expect(drawer.locator(".command")).toHaveText(expected);
  await expect(drawer.locator("dt", { hasText: "keep_ratio_1" })).toBeVisible();
  await drawer.locator(".details .term").first().click();
  await expect(page.locator("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(drawer).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(drawer).toBeHidden();
});

test("rows open with the keyboard", async ({ page }) => {
  await open(page, "sweep");
  const rows = page.locator('[data-table="points"] tbody tr[data-row]');
  await rows.first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.locator(".drawer h2")).toHaveText(`Point ${sweep().points[1]}`);
});

for (const name of ["sweep", "ten_thousand"])
  test(`${name}: a brush on a parallel axis filters table and scatter`, async ({ page }) => {
    await open(page, name);
    const target = chart(page, "parallel");
    await target.scrollIntoViewIfNeeded();
    const scatter = () =>
      chart(page, "pareto").evaluate((element) => element.querySelector("canvas")?.toDataURL());
    const before = await scatter();
    const box = await target.boundingBox();
    if (box === null) throw new Error("not visible");
    // upper half of the first axis
    await page.mouse.move(box.x + 60, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 120, { steps: 4 });
    await page.mouse.move(box.x + 60, box.y + 225, { steps: 4 });
    await page.mouse.up();
    const all = sweep(name).points.length;
    await expect(page.locator(".filter-status")).toContainText("of");
    const left = Number((await count(page).textContent())?.replace(/\D/g, ""));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(all);
    // what is left has large values on that axis
    const axis = sweep(name).columns.find((column) => column.role === "axis");
    const values = axis?.numbers ?? [];
    const known = values.filter((value): value is number => value !== null);
    const middle = (Math.min(...known) + Math.max(...known)) / 2;
    const row = Number(
      await page
        .locator('[data-table="points"] tbody tr[data-row]')
        .first()
        .getAttribute("data-row"),
    );
    expect(values[row] as number).toBeGreaterThanOrEqual(
      middle - (middle - Math.min(...known)) * 0.3,
    );
    await expect.poll(scatter).not.toBe(before);
    await page.locator("#clear-brushes").click();
    await expect(count(page)).toHaveText(`${all.toLocaleString("en-US")} rows`);
  });

test("heat map: metric, aggregate and axes are chosen; a field filters", async ({ page }) => {
  await open(page, "sweep");
  const panel = page.locator("figure", { has: chart(page, "heatmap") });
  await panel.getByRole("button", { name: "Data" }).click();
  const first = () => panel.locator("tbody tr[data-row] td").nth(2).textContent();
  await panel.getByRole("button", { name: "smallest" }).click();
  const least = await first();
  await panel.getByRole("button", { name: "largest" }).click();
  await expect.poll(first).not.toBe(least);
  await panel.getByLabel("Up").selectOption("keep_ratio_3");
  await expect(panel.locator('th[data-column="keep_ratio_3"]')).toBeVisible();
  await panel.getByRole("button", { name: "Data" }).click();
  await allDrawn(page);
  await chart(page, "heatmap").scrollIntoViewIfNeeded();
  const place = await pixelOf(page, "heatmap", 5, 0);
  await page.mouse.click(place.x, place.y);
  await expect(page.locator("#filter")).toHaveValue(/keep_ratio_1 = \S+ and keep_ratio_3 = \S+/);
});

test("sensitivity is the share of the variance", async ({ page }) => {
  await open(page, "sweep");
  const metric = numbers("latency_ms.mean");
  const rows = metric.flatMap((value, row) =>
    value === null || (sweep().status[row] as number) > 1 ? [] : [row],
  );
  const mean = (of: number[]) =>
    of.reduce((sum, row) => sum + (metric[row] as number), 0) / of.length;
  const all = mean(rows);
  const variance = rows.reduce((sum, row) => sum + ((metric[row] as number) - all) ** 2, 0);
  const shares = new Map<string, number>();
  for (const axis of sweep().columns.filter(({ role }) => role === "axis")) {
    const levels = new Map<number, number[]>();
    for (const row of rows) {
      const level = axis.numbers?.[row] as number;
      levels.set(level, [...(levels.get(level) ?? []), row]);
    }
    let between = 0;
    for (const of of levels.values()) between += of.length * (mean(of) - all) ** 2;
    shares.set(axis.name, (100 * between) / variance);
  }
  const panel = page.locator("figure", { has: chart(page, "sensitivity") });
  await panel.getByRole("button", { name: "Data" }).click();
  for (const row of await panel.locator("tbody tr[data-row]").all()) {
    const [name, share] = await row.locator("td").allTextContents();
    expect(Number(share)).toBeCloseTo(shares.get(name as string) as number, 1);
  }
});

test("axes of the scatter are chosen", async ({ page }) => {
  await open(page, "sweep");
  const panel = page.locator("figure", { has: chart(page, "pareto") });
  await panel.getByLabel("Across").selectOption("energy.image_mj.mean");
  await expect(panel.locator("h3")).toContainText("energy.image_mj.mean");
  await panel.locator("h3 .term").first().click();
  await expect(page.locator("dialog h2")).toContainText("energy.image_mj.mean");
});

test("scatter zooms with Ctrl and the wheel, and keeps it over themes", async ({ page }) => {
  await open(page, "sweep");
  const target = chart(page, "pareto");
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (box === null) throw new Error("not visible");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.keyboard.down("Control");
  for (let i = 0; i < 6; ++i) await page.mouse.wheel(0, -240);
  await page.keyboard.up("Control");
  const span = () =>
    page.evaluate(() => {
      const zoomed = window.heatsimReport?.chartNamed("pareto")?.zoomOf("x");
      return zoomed ? zoomed.end - zoomed.start : -1;
    });
  await expect.poll(span).toBeLessThan(80);
  const before = await span();
  await page.locator("#theme-button").click();
  await allDrawn(page);
  expect(await span()).toBeCloseTo(before, 6);
});

test("columns of the table are chosen", async ({ page }) => {
  await open(page, "sweep");
  const panel = page.locator(".panel", { has: page.locator('[data-table="points"]') });
  await panel.locator("summary", { hasText: "Columns" }).click();
  await panel.getByPlaceholder("Find").fill("p99");
  await panel.getByLabel("latency_ms.p99", { exact: true }).check();
  await expect(panel.locator('th[data-column="latency_ms.p99"]')).toBeAttached();
});

test("reasons of points left out lead to them", async ({ page }) => {
  await open(page, "sweep");
  const reason = sweep().reason_counts[0] as SweepDocument["sweep"]["reason_counts"][0];
  await page.locator("#problems .link", { hasText: reason.reason }).first().click();
  await expect(count(page)).toHaveText(`${reason.points.toLocaleString("en-US")} rows`);
});

test("the table is copied as CSV", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "sweep");
  await filter(page, "keep_ratio_1 = 0.5 and status = ok");
  await expect(page.locator(".filter-status")).toContainText("of");
  await page.locator('[data-table="points"] button', { hasText: "CSV" }).click();
  await expect(page.locator('[data-table="points"] button', { hasText: "Copied" })).toBeVisible();
});
