// SPDX-License-Identifier: Apache-2.0
// `heatsim view` beside `heatsim sweep`.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { heatsim, output } from "./places";
import { allDrawn, allowProblems, expect, test } from "./report";

const folder = resolve(output, "view");
const store = resolve(folder, "store.sqlite");
const running: ChildProcess[] = [];

function start(...args: string[]): ChildProcess {
  const program = spawn(heatsim, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  running.push(program);
  return program;
}

/** \returns the address that it prints */
async function view(): Promise<string> {
  const { stdout } = start("view", store);
  if (stdout === null) throw new Error("no output");
  for await (const line of createInterface(stdout)) return line;
  throw new Error("heatsim view has ended");
}

function ended(program: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (program.exitCode !== null) resolve(program.exitCode);
    else program.once("exit", (code) => resolve(code));
  });
}

test.afterEach(() => {
  for (const program of running.splice(0)) program.kill("SIGKILL");
});

test("a sweep at work is followed, and a point opens its report", async ({ page }) => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const space = resolve(__dirname, "spaces/ten_thousand.yaml");
  const sweep = start("sweep", space, "-o", store, "-j", "1", "-q");
  await expect
    .poll(() => {
      try {
        return execFileSync(heatsim, ["export", store], { stdio: ["ignore", "pipe", "ignore"] })
          .toString()
          .split("\n").length;
      } catch {
        return 0; // not there yet
      }
    })
    .toBeGreaterThan(3);

  allowProblems(page, /data\.json/); // asked for when the server ends with the test
  await page.goto(await view());
  await page.evaluate(() => document.body.setAttribute("data-same", "yes"));
  const count = async () =>
    Number(
      /([\d,]+) points?$/
        .exec((await page.locator(".filter-status").textContent()) ?? "")?.[1]
        ?.replaceAll(",", ""),
    );
  await expect.poll(count).toBeGreaterThan(0);
  const first = await count();
  await expect.poll(count).toBeGreaterThan(first);
  await expect(page.locator("#live-badge")).toContainText("live");
  await expect(page.locator("body")).toHaveAttribute("data-same", "yes"); // not loaded again

  sweep.kill("SIGINT");
  expect(await ended(sweep)).toBe(130);
  await page.locator("#filter").fill("status = ok");
  await page.locator('[data-table="points"] tbody tr[data-row]').first().click();
  const title = await page.locator(".drawer h2").textContent();
  const opened = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Full report of this point" }).click();
  const report = await opened;
  await expect(report.locator("h1")).toContainText(`${title} · deit_t`);
  await allDrawn(report);
});
