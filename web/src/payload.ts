// SPDX-License-Identifier: Apache-2.0
// The document that `heatsim report` puts into the page. Tables are columnar: all arrays of one have the same length.
// Every text may come from a configuration or a trace and is untrusted: it is shown as text only.

export interface Page {
  format: 1;
  kind: "run" | "comparison" | "sweep";
  version: string;
  title: string;
  source: string;
  command: string | null;
  topics: Record<string, Topic>;
  live: { url: string } | null;
  run?: Run;
  comparison?: Comparison;
  sweep?: Sweep;
}

/** What `heatsim explain` says about a name. */
export interface Topic {
  name: string;
  kind: string;
  unit: string;
  type: string;
  range: string;
  default: string;
  meaning: string;
  see_also: string[];
}

export interface Figure {
  label: string;
  explain: string;
  value: number | null;
  unit: string;
  text: string;
}

export interface Fact {
  label: string;
  explain: string;
  text: string;
}

export interface Part {
  name: string;
  explain: string;
  meaning: string;
}

export interface Run {
  facts: Fact[];
  headline: Figure[];
  verdict: { label: string; ok: boolean; text: string; explain: string }[];
  /** Deviations from references, worst of all comparisons of a kind. */
  error_bands?: ErrorBand[];
  notes: string[];
  clock_mhz: number;
  causes: Part[];
  operators: Operators;
  groups: {
    name: string;
    explain?: string;
    meaning: string;
    operators: number;
    cycles: number;
    macs: number;
    energy_mj: number;
  }[];
  roofline: {
    peak_macs_per_cycle: number;
    peak_gmacs: number;
    limits: { name: string; explain: string; gb_per_s: number }[];
  };
  stages: Stage[];
  resources: Resources;
  energy: { parts: (Part & { mj: number })[]; uncertainty_percent: number };
  images: null | {
    image: string[];
    latency_ms: number[];
    energy_mj: number[];
    macs: number[];
    tokens: number[][];
  };
  distribution: Distribution[];
  staircase: null | Staircase;
  tail: null | { text: string };
  timelines: Timeline[];
  /** Of a run that computed its images. */
  functional?: null | Functional;
}

export interface Functional {
  image_set: string;
  labelled: number;
  correct: number;
  classes: number;
  /** Of the patches, per selector. */
  kept_percent: number[];
  /** `label` and `correct` are empty where nobody says the class. */
  predictions: {
    image: string[];
    name: string[];
    label: string[];
    predicted: string[];
    correct: string[];
    logit_margin: number[];
    /** [selector][image] */
    kept: number[][];
  };
  /** Of `row`, as a data URL. */
  pictures: { row: number; source: string }[];
}

export interface ErrorBand {
  quantity: string;
  /** An accelerator, or `model`. */
  of: string;
  comparisons: number;
  low_percent: number;
  high_percent: number;
  text: string;
  trust: string;
  reference: string;
}

export interface Operators {
  name: string[];
  kind: string[];
  unit: string[];
  group: string[];
  block: number[];
  stage: number[];
  fused_into: string[];
  cycles: number[];
  /** [cause][operator] */
  causes: number[][];
  macs: number[];
  input_bytes: number[];
  weight_bytes: number[];
  output_bytes: number[];
  unit_cycles: number[];
  energy_mj: number[];
}

export interface Stage {
  stage: number;
  first_block: number;
  last_block: number;
  selector: string;
  tokens_mean: number;
  tokens_min: number;
  tokens_max: number;
}

export interface Resources {
  board: string;
  uses: {
    name: string;
    explain: string;
    used: number;
    available: number;
    percent: number;
    fits: boolean;
  }[];
  /** `values` has one number per `uses`. */
  blocks: { name: string; values: number[] }[];
  uncertainty: string;
}

export interface Distribution {
  name: string;
  explain: string;
  unit: string;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  min: number;
  max: number;
  /** bins + 1 */
  edges: number[];
  images: number[];
}

export interface Staircase {
  tokens: number[];
  block_cycles: number[];
  block_ms: number[];
  pieces: { name: string; tokens: number }[];
}

export interface Timeline {
  title: string;
  image: string;
  cycles: number;
  clock_mhz: number;
  latency_ms: number;
  names: string[];
  tracks: Track[];
  counters: Counter[];
}

/** Slices ascend and never overlap; start and duration are fabric cycles. */
export interface Track {
  name: string;
  explain: string;
  kind: "operator" | "cause" | "unit" | "dma" | "ddr";
  start: number[];
  duration: number[];
  label: number[];
  bytes: number[] | null;
  busy_cycles: number;
}

/** A step function of time. */
export interface Counter {
  name: string;
  explain: string;
  unit: string;
  limit: number | null;
  limit_name: string;
  start: number[];
  value: number[];
}

export interface Comparison {
  runs: {
    letter: string;
    name: string;
    facts: Fact[];
    causes: number[];
    energy_parts: number[];
    latency_quantiles: { percent: number[]; ms: number[] } | null;
  }[];
  baseline: 0;
  causes: Part[];
  energy_parts: Part[];
  figures: {
    label: string;
    explain: string;
    unit: string;
    better: "lower" | "higher" | "none";
    values: (number | null)[];
    /** Without the unit. */
    texts: string[];
    /** Against the baseline; empty for itself. */
    changes: string[];
  }[];
  groups: Change[];
  operators: Change[];
  resources: { name: string; explain: string; values: number[]; available: number[] }[];
  notes: string[];
}

export interface Change {
  name: string;
  explain?: string;
  cycles: (number | null)[];
  ms: (number | null)[];
}

export interface Column {
  name: string;
  explain: string;
  role: "axis" | "derived" | "static" | "metric";
  unit: string;
  numbers: (number | null)[] | null;
  texts: string[] | null;
}

export interface Sweep {
  store: string;
  id: number;
  name: string;
  sweeps: { id: number; name: string }[];
  objectives: { name: string; maximize: boolean }[];
  counts: { ok: number; violated: number; infeasible: number; failed: number };
  running: boolean;
  columns: Column[];
  points: number[];
  /** Per row: 0 ok, 1 violated, 2 infeasible, 3 failed. */
  status: number[];
  /** Per row: index of `reasons`, -1: none. */
  reason: number[];
  reasons: string[];
  reason_counts: { status: number; reason: string; points: number }[];
  front: number[];
  hypervolume: number | null;
  command: { base: string; inputs: (string | null)[] };
  /** [input][row] */
  input_texts: string[][];
  point_url: string | null;
}
