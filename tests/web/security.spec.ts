// SPDX-License-Identifier: Apache-2.0
// A page is one file that asks for nothing, and names stay text.
import { readFileSync, statSync } from "node:fs";
import { hostile } from "./make_pages";
import { pagePath } from "./places";
import { allDrawn, chart, documentOf, expect, open, test, withDocument } from "./report";

for (const name of ["hostile", "hostile_comparison", "hostile_sweep"])
  test(`${name}: a name with markup stays text`, async ({ page }) => {
    await open(page, name);
    // the test's page object fails on any dialog
    expect(await page.locator("main script, main img, dialog script").count()).toBe(0);
    for (const target of await page.locator("[data-chart]").all()) {
      await target.scrollIntoViewIfNeeded();
      const box = await target.boundingBox();
      if (box === null) continue;
      for (const share of [0.3, 0.5, 0.7])
        await page.mouse.move(box.x + box.width * share, box.y + box.height * share);
    }
    for (const button of await page.locator("button", { hasText: /^Data$/ }).all())
      await button.click();
    await allDrawn(page);
    expect(await page.locator("main script, main img").count()).toBe(0);
  });

test("the hostile name is on the page, letter by letter", async ({ page }) => {
  await open(page, "hostile");
  await expect(page.locator("main")).toContainText(hostile);
});

test("hostile texts everywhere in the document stay text", async ({ page }) => {
  for (const name of ["run", "comparison", "sweep"]) {
    const html = readFileSync(pagePath(name), "utf8");
    const document = documentOf(html);
    poison(document);
    await page.route("http://heatsim.test/", (route) =>
      route.fulfill({ contentType: "text/html", body: withDocument(html, document) }),
    );
    await page.goto("http://heatsim.test/");
    await allDrawn(page);
    for (const target of await page.locator("[data-chart]").all()) {
      await target.scrollIntoViewIfNeeded();
      const box = await target.boundingBox();
      if (box)
        for (const share of [0.2, 0.35, 0.5, 0.65])
          await page.mouse.move(box.x + box.width * share, box.y + box.height * share);
    }
    for (const button of await page.locator("button", { hasText: /^Data$/ }).all())
      await button.click();
    const terms = page.locator("button.term:visible");
    await terms.first().click();
    await expect(page.locator("dialog")).toContainText("<img");
    expect(await page.locator("img, main script, dialog script").count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.unroute("http://heatsim.test/");
  }
});

/** Puts markup behind every text that is not a key of something. */
function poison(value: unknown, key = ""): void {
  const markup = '<img src=x onerror="alert(1)">';
  const kept = ["kind", "explain", "role", "group", "objectives", "url", "better", "format"];
  if (typeof value !== "object" || value === null || kept.includes(key)) return;
  const entries = value as Record<string, unknown>;
  for (const [name, inner] of Object.entries(entries)) {
    if (typeof inner === "string") {
      if (!kept.includes(name) && !(key === "columns" || name === "name"))
        entries[name] = inner + markup;
      else if (name === "name" && key !== "columns") entries[name] = inner + markup;
    } else if (key === "columns" && name !== "texts") continue;
    else poison(inner, Number.isNaN(Number(name)) ? name : key);
  }
}

test("pages ask for nothing and forbid everything else", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open(page, "run");
  expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([page.url()]);
  const policy = await page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute("content");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toContain("http");
});

test("pages are small enough to send", () => {
  const megabytes = (name: string) => statSync(pagePath(name)).size / 1e6;
  const sizes = Object.fromEntries(
    ["run", "comparison", "sweep", "test_set", "ten_thousand"].map((name) => [
      name,
      megabytes(name),
    ]),
  );
  console.log("page sizes, MB:", sizes);
  expect(sizes.ten_thousand).toBeLessThanOrEqual(15);
  expect(sizes.test_set).toBeLessThanOrEqual(10);
});

test("charts speak to those who do not see them", async ({ page }) => {
  await open(page, "run");
  for (const target of await page.locator("[data-chart]").all()) {
    const label = await target.getAttribute("aria-label");
    expect((label ?? "").length).toBeGreaterThan(20);
  }
  await expect(chart(page, "timeline")).toHaveAttribute("tabindex", "0");
});
