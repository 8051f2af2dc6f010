// SPDX-License-Identifier: Apache-2.0
// Makes the pages that the tests open, once per executable.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { chromium, heatsim, output, pagePath, root } from "./places";

const trace = "traces/deit_t_70_39_21.csv.gz";

/** Every text that can come from a file of a user holds this. */
export const hostile = "<script>alert(1)</script>";

function run(folder: string, ...args: string[]): void {
  execFileSync(heatsim, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

/** An accelerator that is called by what must stay text. */
function writeHostileAccelerator(path: string): void {
  const text = readFileSync(resolve(root, "configs/accelerators/heatvit_int8_zcu102.yaml"), "utf8");
  writeFileSync(path, text.replace(/^name: .*$/m, `name: "${hostile}"`));
}

export default function makePages(): void {
  if (!existsSync(chromium))
    throw new Error(`no ${chromium}: scripts/setup.sh --test installs Debian's chromium`);
  const { mtimeMs, size } = statSync(heatsim);
  const made = `${heatsim} ${mtimeMs} ${size}`;
  const stamp = resolve(output, "pages/made_by.txt");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === made) return;
  rmSync(resolve(output, "pages"), { recursive: true, force: true });
  mkdirSync(resolve(output, "pages"), { recursive: true });
  const work = resolve(output, "results");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const report = (name: string, ...from: string[]) =>
    run(work, "report", ...from, "-o", pagePath(name), "-q");

  const images = ["-t", resolve(root, trace), "-n", "200"];
  run(work, "run", ...images, "--baseline", "dense", "-q", "-o", "run");
  report("run", "run");
  run(work, "run", "-s", "dense", "-q", "-o", "dense");
  run(work, "run", "-s", "evit_70", "-q", "-o", "evit");
  report("one_image", "dense");
  report("comparison", "dense", "run", "evit");
  run(work, "run", "-t", resolve(root, trace), "--compose", "-q", "-o", "test_set");
  report("test_set", "test_set");
  const network = resolve(root, "models/vit_fmnist_70_39_21_poly05_int8.safetensors");
  const computed = ["--functional", "--weights", network, "--images", "fashion_mnist_test"];
  run(work, "run", ...computed, "-n", "24", "--pictures", "6", "-q", "-o", "computed");
  report("computed", "computed");
  for (const name of ["hostile.yaml", "<img src=x onerror=alert(1)>.yaml"])
    writeHostileAccelerator(resolve(work, name));
  run(work, "run", "-a", "hostile.yaml", ...images, "-q", "-o", "hostile");
  report("hostile", "hostile");
  report("hostile_comparison", "dense", "hostile");
  run(work, "sweep", "deit_t_pruning_rates", "-q", "-o", "pruning.sqlite");
  report("sweep", "pruning.sqlite");
  run(work, "sweep", resolve(__dirname, "spaces/hostile.yaml"), "-q", "-o", "hostile.sqlite");
  report("hostile_sweep", "hostile.sqlite");
  run(
    work,
    "sweep",
    resolve(__dirname, "spaces/ten_thousand.yaml"),
    "-q",
    "-o",
    "ten_thousand.sqlite",
  );
  report("ten_thousand", "ten_thousand.sqlite");
  writeFileSync(stamp, made);
}
