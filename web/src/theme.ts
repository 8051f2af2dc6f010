// SPDX-License-Identifier: Apache-2.0
// One colour for one thing in every chart, in both themes. The hues are those of Okabe and Ito, which people with any
// kind of colour vision tell apart; a hue stands for a part of the chip: blue is the array, orange and vermilion the
// memory, purple the vector unit, green the token selector, violet the host, grey what has no unit of its own.

export type ThemeName = "light" | "dark";

export interface Theme {
  name: ThemeName;
  ink: string;
  muted: string;
  faint: string;
  line: string;
  grid: string;
  surface: string;
  raised: string;
  accent: string;
  good: string;
  bad: string;
  /** For what is there but not selected. */
  quiet: string;
}

export const themes: Record<ThemeName, Theme> = {
  light: {
    name: "light",
    ink: "#1b1f24",
    muted: "#57606a",
    faint: "#8c959f",
    line: "#d0d7de",
    grid: "#eaeef2",
    surface: "#ffffff",
    raised: "#ffffff",
    accent: "#0063a3",
    good: "#00785a",
    bad: "#b83a00",
    quiet: "#b6bfc9",
  },
  dark: {
    name: "dark",
    ink: "#e8ebee",
    muted: "#a3adb8",
    faint: "#76818d",
    line: "#3a424c",
    grid: "#272d35",
    surface: "#171b21",
    raised: "#20262d",
    accent: "#6cb6f0",
    good: "#3fc29b",
    bad: "#ff8a5c",
    quiet: "#4a535e",
  },
};

type Pair = [light: string, dark: string];

const hues = {
  blue: ["#0072b2", "#3f9bd6"],
  sky: ["#5fb5e5", "#9ad4f5"],
  pale: ["#a9cbe2", "#44698a"],
  vermilion: ["#d55e00", "#f0772b"],
  orange: ["#e69f00", "#f2b632"],
  yellow: ["#d9c72c", "#f0e442"],
  purple: ["#c46a9b", "#e094bf"],
  pink: ["#e2aecb", "#8f5d7d"],
  green: ["#009e73", "#2fc39a"],
  violet: ["#6f5bb0", "#a291e0"],
  brown: ["#8c5a2b", "#bd8a56"],
  grey: ["#7d8790", "#98a2ac"],
  silver: ["#bcc4cc", "#57616c"],
} satisfies Record<string, Pair>;

type Hue = keyof typeof hues;

const byName: Record<string, Hue> = {
  // causes of array cycles
  busy: "blue",
  fill_drain: "pale",
  wait_input: "vermilion",
  wait_weights: "orange",
  wait_output: "yellow",
  wait_vector: "purple",
  wait_selector: "green",
  wait_host: "violet",
  control: "grey",
  // groups of operators
  "attention GEMMs": "sky",
  "FFN GEMMs": "blue",
  "patch embedding": "brown",
  softmax: "purple",
  GELU: "pink",
  residual: "silver",
  LayerNorm: "violet",
  "token selector": "green",
  head: "grey",
  // parts of the chip
  gemm_array: "blue",
  vector_unit: "purple",
  token_selector: "green",
  host: "violet",
  memory: "vermilion",
  buffers: "orange",
  logic: "grey",
  static: "silver",
  // traffic
  read: "vermilion",
  write: "orange",
  input: "vermilion",
  weights: "orange",
  weight: "orange",
  output: "yellow",
  refresh: "grey",
};

const fallback: Hue[] = [
  "sky",
  "brown",
  "green",
  "orange",
  "violet",
  "vermilion",
  "purple",
  "blue",
  "yellow",
];

const given = new Map<string, Hue>();

/** The colour of a cause, group, part of the chip or kind of traffic. */
export function colorOf(name: string, theme: Theme): string {
  return shade(hueOf(name), theme);
}

function hueOf(name: string): Hue {
  const known = byName[name];
  if (known !== undefined && Object.hasOwn(byName, name)) return known;
  let hue = given.get(name);
  if (hue === undefined) {
    hue = fallback[given.size % fallback.length] as Hue;
    given.set(name, hue);
  }
  return hue;
}

export function hasColor(name: string): boolean {
  return Object.hasOwn(byName, name);
}

const runHues: Hue[] = ["grey", "blue", "vermilion", "green", "purple", "orange", "violet", "sky"];

/** Colour of a run in a comparison; the first one, the baseline, is grey. */
export function runColor(index: number, theme: Theme): string {
  return shade(runHues[index % runHues.length] as Hue, theme);
}

export function hue(name: Hue, theme: Theme): string {
  return shade(name, theme);
}

function shade(name: Hue, theme: Theme): string {
  return hues[name][theme.name === "light" ? 0 : 1];
}

/** Cividis, light to dark on white and the other way round on black: more is further from the page. */
export function ramp(theme: Theme): string[] {
  const colors = ["#fdea45", "#d3c164", "#a59c74", "#7c7b78", "#575d6d", "#2b446e", "#00204d"];
  return theme.name === "light"
    ? colors
    : ["#1d3a6b", "#41507a", "#666970", "#8a8678", "#afa374", "#d3c164", "#fdea45"];
}

// ---- which theme

const key = "heatsim-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let chosen = stored();
let printing = false;

function stored(): ThemeName | null {
  try {
    const text = localStorage.getItem(key);
    return text === "light" || text === "dark" ? text : null;
  } catch {
    return null; // some browsers keep nothing for files
  }
}

export function currentTheme(): Theme {
  if (printing) return themes.light;
  return themes[chosen ?? (dark.matches ? "dark" : "light")];
}

export function toggleTheme(): void {
  chosen = currentTheme().name === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // it lasts as long as the page
  }
  announce();
}

/** Paper is white. */
export function setPrinting(now: boolean): void {
  printing = now;
  announce();
}

export function isPrinting(): boolean {
  return printing;
}

export function onTheme(listener: () => void): void {
  listeners.add(listener);
}

function announce(): void {
  document.documentElement.dataset.theme = currentTheme().name;
  for (const listener of listeners) listener();
}

dark.addEventListener("change", announce);
document.documentElement.dataset.theme = currentTheme().name;
