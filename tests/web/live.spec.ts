// SPDX-License-Identifier: Apache-2.0
// A page of `heatsim view` follows its server.
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pagePath } from "./places";
import { allDrawn, allowProblems, chart, documentOf, expect, test, withDocument } from "./report";

/** Serves a page and its document; `change` is another one from then on. */
class LiveServer {
  private readonly server: Server;
  private text = "";
  private tag = 0;
  requests = 0;
  unchanged = 0;

  constructor(
    private readonly html: string,
    document: unknown,
  ) {
    this.change(document);
    this.server = createServer((request, response) => {
      if (request.url === "/") {
        response.setHeader("Content-Type", "text/html; charset=utf-8");
        response.end(this.html);
        return;
      }
      ++this.requests;
      const etag = `"${this.tag}"`;
      response.setHeader("ETag", etag);
      if (request.headers["if-none-match"] === etag) {
        ++this.unchanged;
        response.statusCode = 304;
        response.end();
        return;
      }
      response.setHeader("Content-Type", "application/json");
      response.end(this.text);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  change(document: unknown): void {
    this.text = JSON.stringify(document);
    ++this.tag;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a document of any page
function load(name: string): { html: string; document: any } {
  const html = readFileSync(pagePath(name), "utf8");
  const document = documentOf(html);
  document.live = { url: "data.json" };
  return { html: withDocument(html, document), document };
}

test("a sweep that goes on is redrawn; filter, sort, zoom and the picked point stay", async ({
  page,
}) => {
  const { html, document } = load("sweep");
  const all = document.sweep;
  const part = (rows: number) => ({
    ...document,
    sweep: {
      ...all,
      running: rows < all.points.length,
      points: all.points.slice(0, rows),
      status: all.status.slice(0, rows),
      reason: all.reason.slice(0, rows),
      front: all.front.filter((row: number) => row < rows),
      input_texts: all.input_texts.map((texts: string[]) => texts.slice(0, rows)),
      columns: all.columns.map((column: { numbers: number[] | null; texts: string[] | null }) => ({
        ...column,
        numbers: column.numbers?.slice(0, rows) ?? null,
        texts: column.texts?.slice(0, rows) ?? null,
      })),
    },
  });
  const server = new LiveServer(withDocument(html, part(1000)), part(1000));
  await page.goto(await server.start());
  await allDrawn(page);
  await expect(page.locator("#live-badge")).toContainText("live");
  await page.locator("#filter").fill("status = ok");
  await page.locator('th[data-column="latency_ms.mean"] .sort').click();
  await page.locator('[data-table="points"] tbody tr[data-row]').nth(1).click();
  const picked = await page.locator(".drawer h2").textContent();
  await chart(page, "pareto").scrollIntoViewIfNeeded();
  const box = await chart(page, "pareto").boundingBox();
  if (box === null) throw new Error("not visible");
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
  await page.keyboard.down("Control");
  for (let i = 0; i < 5; ++i) await page.mouse.wheel(0, -240);
  await page.keyboard.up("Control");
  const zoomed = () => page.evaluate(() => window.heatsimReport?.chartNamed("pareto")?.zoomOf("x"));
  await expect.poll(async () => (await zoomed())?.end).toBeLessThan(100);
  const before = await zoomed();
  await expect.poll(() => server.unchanged).toBeGreaterThan(0);

  server.change(part(all.points.length));
  await expect(page.locator(".filter-status")).toContainText(
    `of ${all.points.length.toLocaleString("en-US")}`,
  );
  await allDrawn(page);
  await expect(page.locator("#filter")).toHaveValue("status = ok");
  await expect(page.locator('th[data-column="latency_ms.mean"]')).toHaveAttribute(
    "aria-sort",
    "ascending",
  );
  await expect(page.locator(".drawer h2")).toHaveText(picked as string);
  expect(await zoomed()).toEqual(before);
  allowProblems(page, /data\.json/); // a request may be under way
  await server.stop();
});

test("a run that changes is redrawn", async ({ page }) => {
  const { html, document } = load("run");
  const server = new LiveServer(html, document);
  await page.goto(await server.start());
  await allDrawn(page);
  const changed = structuredClone(document);
  changed.run.headline[0].text = "1.234 ms";
  changed.title = "another title";
  server.change(changed);
  await expect(page.locator(".figure-value").first()).toHaveText("1.234 ms");
  await expect(page.locator("h1")).toHaveText("another title");
  await allDrawn(page);
  allowProblems(page, /data\.json/); // a request may be under way
  await server.stop();
});

test("when the server is gone the page says so, stays usable and comes back", async ({ page }) => {
  allowProblems(page, /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|data\.json/);
  const { html, document } = load("sweep");
  const server = new LiveServer(html, document);
  await page.goto(await server.start());
  await allDrawn(page);
  await server.stop();
  await expect(page.locator("#live-badge")).toContainText("not connected");
  await page.locator("#filter").fill("latency_ms.mean < 3");
  await expect(page.locator(".filter-status")).toContainText("of");
});
