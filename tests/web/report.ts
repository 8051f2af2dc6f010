// SPDX-License-Identifier: Apache-2.0
// What the tests do with a page.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { output, pagePath } from "./places";

export type { Locator, Page };
export { expect };

/** A page that has said nothing on the console, asked for nothing, and thrown nothing when the test ends. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error.stack ?? error)));
    page.on("requestfailed", (request) => problems.push(`failed: ${request.url()}`));
    page.on("dialog", (dialog) => {
      problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await use(page);
    expect(problems.filter((text) => !allowed.get(page)?.test(text))).toEqual([]);
  },
});

const allowed = new WeakMap<Page, RegExp>();

/** For a server that goes away. */
export function allowProblems(page: Page, problems: RegExp): void {
  allowed.set(page, problems);
}

export async function open(page: Page, name: string): Promise<void> {
  await page.goto(pathToFileURL(pagePath(name)).href);
  await allDrawn(page);
}

export async function allDrawn(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const charts = [...document.querySelectorAll<HTMLElement>("[data-chart]")];
    return charts.length > 0 && charts.every((chart) => chart.dataset.drawn === "true");
  });
}

export function chart(page: Page, name: string): Locator {
  return page.locator(`[data-chart="${name}"]`);
}

/** Whether something is painted: more than one colour on the canvas. */
export async function isPainted(target: Locator): Promise<boolean> {
  return target.evaluate((element) =>
    [...element.querySelectorAll("canvas")].some((canvas) => {
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const colors = new Set<number>();
      for (let i = 0; i < data.length && colors.size < 3; i += 4)
        if (data[i + 3] !== 0)
          colors.add(
            ((data[i] as number) << 16) | ((data[i + 1] as number) << 8) | (data[i + 2] as number),
          );
      return colors.size >= 3;
    }),
  );
}

/** Pixel of a value on the axes of a chart. */
export async function pixelOf(
  page: Page,
  name: string,
  x: number,
  y: number,
): Promise<{ x: number; y: number }> {
  const inside = await page.evaluate(
    ({ name: chartName, point }) =>
      window.heatsimReport
        ?.chartNamed(chartName)
        ?.instance?.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, point) as number[],
    { name, point: [x, y] },
  );
  const box = await chart(page, name).boundingBox();
  if (box === null) throw new Error(`${name} is not visible`);
  return { x: box.x + (inside[0] as number), y: box.y + (inside[1] as number) };
}

/** Middle of a text that is painted on a chart. */
export async function textPosition(
  page: Page,
  name: string,
  text: string,
): Promise<{ x: number; y: number }> {
  const inside = await page.evaluate(
    ({ name: chartName, text: wanted }) => {
      const all = window.heatsimReport?.chartNamed(chartName)?.instance?.getZr();
      const part = all?.storage.getDisplayList(true).find((one) => one.style?.text === wanted);
      if (part === undefined) throw new Error(`${wanted} is not painted`);
      const rect = part.getBoundingRect().clone();
      rect.applyTransform(part.transform);
      return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
    },
    { name, text },
  );
  const box = await chart(page, name).boundingBox();
  if (box === null) throw new Error(`${name} is not visible`);
  return { x: box.x + inside.x, y: box.y + inside.y };
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(output, { recursive: true });
  await page.screenshot({ path: resolve(output, `${name}.png`), fullPage: true });
}

export async function pdf(page: Page, name: string): Promise<Buffer> {
  mkdirSync(output, { recursive: true });
  return page.pdf({ path: resolve(output, `${name}.pdf`), format: "A4", printBackground: true });
}

/** The document inside a page file. */
export function documentOf(html: string): Record<string, unknown> {
  const match = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(html);
  return JSON.parse((match as RegExpExecArray)[1] as string);
}

/** The same page with another document. */
export function withDocument(html: string, document: unknown): string {
  const text = JSON.stringify(document).replaceAll("<", "\\u003c");
  return html.replace(
    /(<script type="application\/json" id="report-data">).*?(<\/script>)/s,
    (_, open: string, close: string) => open + text + close,
  );
}

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
  clone(): Rectangle;
  applyTransform(transform: number[] | null): void;
}

interface Painted {
  style?: { text?: string };
  transform: number[] | null;
  getBoundingRect(): Rectangle;
}

interface ChartForTests {
  instance: {
    convertToPixel(finder: object, value: number[]): number[] | number;
    getOption(): Record<string, unknown>;
    getZr(): { storage: { getDisplayList(update: boolean): Painted[] } };
  } | null;
  zoomOf(axis: string): { start: number; end: number };
}

declare global {
  interface Window {
    heatsimReport?: { chartNamed(name: string): ChartForTests | undefined };
  }
}
