#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write docs/methods.md from docs/methods.md.in and simulations of the present model.

Every figure of the page, also those in its sentences, comes from a run of heatsim, from a token trace
of traces/ or from the tables of validation/. What a sentence says in words is checked here; where it
does not hold any more, the page is not written. The same executable gives the same bytes.

All images of the adaptive traces are simulated: about a minute of CPU time for each of nine traces.
"""
import argparse
import csv
import gzip
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TEMPLATE = os.path.join("docs", "methods.md.in")
PAGE = os.path.join("docs", "methods.md")
DESIGN = "heatvit_int8_zcu102"
DESIGN_16_BIT = "heatvit_int16_zcu102"
WIDTH = 120

# keep ratios of a series, and whether a network was trained with fixed counts
SERIES = [
    ("90_81_73", True),
    ("80_64_51", False),
    ("70_49_34", True),
    ("70_39_21", True),
    ("50_25_13", True),
    ("40_16_06", True),
]

# method, schedules of it that stand in the tables of published operating points
OPERATING_POINTS = [
    ("dense", ["dense"]),
    ("A-ViT", ["avit_{model}"]),
    ("DynamicViT", ["dynamicvit"]),
    ("EViT", ["evit_90", "evit_80", "evit_70", "evit_60", "evit_50"]),
    ("Evo-ViT", ["evo_vit"]),
    ("head pruning", ["head_pruning_67"]),
    (
        "HeatViT",
        [
            "heatvit_70_49_34",
            "heatvit",
            "heatvit_deit_s_spvit_ratios",
            "heatvit_deit_t_published",
            "heatvit_40_16_06",
        ],
    ),
    ("HeatViT, ranked", ["heatvit_top_k_70_39_21"]),
    ("SPViT", ["spvit_deit_s_measured", "spvit_deit_s"]),
    ("static pruning", ["static_70_49_34"]),
    ("token channels", ["channel_pruning_75"]),
    ("ToMe", ["tome_13"]),
]
# schedules that are of one network only
ONLY_OF = {
    "heatvit_deit_t_published": "deit_t",
    "heatvit_deit_s_spvit_ratios": "deit_s",
    "spvit_deit_s": "deit_s",
    "spvit_deit_s_measured": "deit_s",
}

SPEED_UPS = [
    ("deit_t", ["heatvit", "heatvit_deit_t_published", "heatvit_40_16_06"]),
    (
        "deit_s",
        ["heatvit", "heatvit_deit_s_spvit_ratios", "heatvit_deit_t_published", "heatvit_40_16_06"],
    ),
]
# changes of the design: the second port of dma.ports loads the weights
SLOW_WEIGHTS = ["dma.ports.1.clock_mhz=150"]
FABRIC = ["layer_norm=fabric"]

MODEL_NAMES = {
    "deit_t": "DeiT-T",
    "deit_s": "DeiT-S",
    "deit_b": "DeiT-B",
    "lvvit_s": "LV-ViT-S",
    "lvvit_m": "LV-ViT-M",
}


class PageError(Exception):
    """A run failed, or the page would say what does not hold."""


def require(holds, message):
    if not holds:
        raise PageError(message)


class Heatsim:
    """Runs the executable; with a folder for results, what was run already is read from there."""

    def __init__(self, executable, jobs, results):
        self.executable = executable
        self.jobs = jobs
        self.results = results
        with open(executable, "rb") as file:
            self.program = hashlib.sha256(file.read()).hexdigest()

    def stored_at(self, arguments):
        """Depends on the program, the arguments and the files they name."""
        key = hashlib.sha256(self.program.encode())
        for argument in arguments:
            key.update(b"\0" + argument.encode())
            if os.path.isfile(argument):
                with open(argument, "rb") as file:
                    key.update(hashlib.sha256(file.read()).digest())
        return os.path.join(self.results, key.hexdigest() + ".json")

    def run(self, arguments, operators=False):
        """summary.json of `heatsim run`; with `operators`, operators.csv as key of the same name."""
        stored = self.stored_at([*arguments, str(operators)]) if self.results else None
        if stored and os.path.exists(stored):
            with open(stored, encoding="utf-8") as file:
                return json.load(file)
        print(f"heatsim run {' '.join(arguments)}", file=sys.stderr)
        command = [self.executable, "run", *arguments, "--format", "json", "-q"]
        if self.jobs:
            command += ["-j", str(self.jobs)]
        with tempfile.TemporaryDirectory() as folder:
            if operators:
                command += ["-o", folder]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            require(run.returncode == 0, f"{' '.join(command)}:\n{run.stderr}")
            summary = json.loads(run.stdout)
            if operators:
                path = os.path.join(folder, "operators.csv")
                with open(path, newline="", encoding="utf-8") as file:
                    summary["operators"] = list(csv.DictReader(file))
        if stored:
            with open(stored, "w", encoding="utf-8") as file:
                json.dump(summary, file)
        return summary

    def trace(self, name, schedule=None):
        arguments = ["-t", trace_path(name), "-m", "deit_t"]
        if schedule:
            arguments += ["-s", schedule]
        return self.run(arguments)

    def schedule(self, model, schedule, accelerator=DESIGN, changes=(), operators=False):
        arguments = ["-m", model, "-s", schedule, "-a", accelerator]
        for change in changes:
            arguments += ["--set", change]
        return self.run(arguments, operators)


def trace_path(name):
    return f"traces/deit_t_{name}.csv.gz"


def mean_ms(summary):
    return summary["latency_ms"]["mean"]


def share(summary, cause):
    return summary["array"]["cycles_by_cause"][cause] / summary["array"]["cycles"]


def group_cycles(summary, name):
    return sum(group["cycles"] for group in summary["groups"] if group["group"] == name)


def percent(value, digits=1):
    return f"{value:.{digits}f} %"


def table(columns, rows):
    """`columns`: headings, those of figures end with `:`."""
    lines = ["| " + " | ".join(column.rstrip(":") for column in columns) + " |"]
    lines.append("|" + "|".join("---:" if c.endswith(":") else "---" for c in columns) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def read_trace(name):
    """Header and rows of a token trace."""
    header, rows = {}, []
    with gzip.open(os.path.join(ROOT, trace_path(name)), "rt", encoding="utf-8") as file:
        for line in file:
            if line.startswith("# "):
                key, value = line[2:].split(":", 1)
                header[key] = value.strip()
            else:
                rows.append(line)
    return header, list(csv.DictReader(rows))


def keep_ratios(name):
    """Targets and measured means, in percent of the patches."""
    header, rows = read_trace(name)
    targets = [float(text) for text in header.get("keep_ratio_targets", "").split()]
    patches = int(header["tokens"]) - 1
    means = []
    for stage in range(1, len(targets) + 1):
        counts = [int(row[f"n{stage}"]) for row in rows]
        # class token and, once a patch is pruned, a package token
        kept = sum(patches if count == patches + 1 else count - 2 for count in counts)
        means.append(100 * kept / (len(rows) * patches))
    return [100 * target for target in targets], means


def paired(first, second):
    """Difference of top-1 in points, and its standard error, from the same images."""
    rows, others = read_trace(first)[1], read_trace(second)[1]
    require([row["image"] for row in rows] == [row["image"] for row in others], "other images")
    differences = [int(a["correct"]) - int(b["correct"]) for a, b in zip(rows, others)]
    mean = sum(differences) / len(differences)
    variance = sum((d - mean) ** 2 for d in differences) / len(differences)
    return 100 * mean, 100 * math.sqrt(variance / len(differences))


def published(design, column):
    """A figure of validation/published.csv."""
    path = os.path.join(ROOT, "validation", "published.csv")
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found = [row[column] for row in rows if row["design"] == design and row[column]]
    require(len(found) == 1, f"{path}: {len(found)} figures {column} of {design}, expected 1")
    return found[0]


def recorded_runs(heatsim):
    """method, trace, summary of every recorded network, series by series."""
    runs = [("dense", "dense", heatsim.trace("dense"))]
    for ratios, trained_static in SERIES:
        runs.append(("adaptive", ratios, heatsim.trace(ratios)))
        if ratios == "70_39_21":
            name = f"poly05_{ratios}"
            runs.append(("adaptive, polynomials", name, heatsim.trace(name)))
        if trained_static:
            name = f"static_{ratios}"
            runs.append(("static", name, heatsim.trace(name)))
        name = f"top_k_{ratios}"
        runs.append(("ranked", name, heatsim.trace(name)))
    for method, name in (
        ("adaptive, 1 selector", "one_selector_b7_50"),
        ("adaptive, 4 selectors", "ins4_b2_4_7_10_70"),
    ):
        runs.append((method, name, heatsim.trace(name)))
    return runs


def recorded(runs, values):
    """Table of the recorded networks."""
    dense = mean_ms(runs[0][2])
    rows = []
    for method, name, summary in runs:
        targets, means = keep_ratios(name)
        ratios = "all"
        if targets:
            ratios = " ".join(f"{t:.0f}" for t in targets) + " → "
            ratios += " ".join(f"{m:.1f}" for m in means)
        latency = summary["latency_ms"]
        if method in ("static", "ranked"):
            require(latency["min"] == latency["max"], f"{name}: images take different times")
        rows.append(
            [
                method,
                f"`{name}`",
                ratios,
                f"{summary['top1_percent']:.2f}",
                f"{summary['macs'] / 1e9:.3f}",
                f"{latency['mean']:.3f}",
                f"{latency['p99']:.3f}",
                f"{latency['max']:.3f}",
                f"{summary['fps']:.1f}",
                f"{summary['energy']['image_mj']['mean']:.2f}",
                f"{dense / latency['mean']:.2f}",
            ]
        )
    columns = ["method", "trace", "kept patches, %", "top-1 %:", "GMACs:", "mean ms:", "p99 ms:"]
    columns += ["worst ms:", "images/s:", "mJ:", "speed-up:"]
    values["recorded"] = table(columns, rows)
    values["recorded.images"] = f"{runs[0][2]['images']:,}"
    errors = []
    for _, _, summary in runs:
        accuracy = summary["top1_percent"] / 100
        errors.append(100 * math.sqrt(accuracy * (1 - accuracy) / summary["images"]))
    values["recorded.error_least"] = f"{min(errors):.2f}"
    values["recorded.error_most"] = f"{max(errors):.2f}"
    for _, name, summary in runs:
        values[f"recorded.{name}.ms"] = f"{mean_ms(summary):.3f}"
        values[f"recorded.{name}.top1"] = f"{summary['top1_percent']:.2f}"
    adaptive = [(name, s) for method, name, s in runs if method.startswith("adaptive")]
    values["recorded.adaptive"] = str(len(adaptive))
    values["recorded.slower"] = str(sum(s["latency_ms"]["max"] > dense for _, s in adaptive))
    values["recorded.p99_least"] = f"{min(dense / s['latency_ms']['p99'] for _, s in adaptive):.2f}"
    values["recorded.p99_most"] = f"{max(dense / s['latency_ms']['p99'] for _, s in adaptive):.2f}"
    values["recorded.mean_least"] = f"{min(dense / mean_ms(s) for _, s in adaptive):.2f}"
    values["recorded.mean_most"] = f"{max(dense / mean_ms(s) for _, s in adaptive):.2f}"


def pairs(heatsim, runs, values):
    """Adaptive minus fixed counts."""
    of = {name: summary for _, name, summary in runs}
    rows, found = [], []
    for ratios, trained_static in SERIES:
        adaptive = of[ratios]
        for kind in (["static"] if trained_static else []) + ["top_k"]:
            name = f"{kind}_{ratios}"
            fixed = of[name]
            points, error = paired(ratios, name)
            entry = {
                "kind": kind,
                "points": points,
                "errors": points / error,
                "macs": adaptive["macs"] / fixed["macs"] - 1,
                "energy": adaptive["energy"]["image_mj"]["mean"]
                / fixed["energy"]["image_mj"]["mean"]
                - 1,
            }
            for key in ("mean", "p50", "p99", "max"):
                entry[key] = adaptive["latency_ms"][key] / fixed["latency_ms"][key] - 1
            found.append(entry)
            rows.append(
                [
                    ratios.replace("_", " "),
                    "ranked" if kind == "top_k" else kind,
                    f"{points:+.2f} ± {error:.2f}",
                    f"{points / error:+.1f}",
                    *[
                        f"{100 * entry[key]:+.1f} %"
                        for key in ("macs", "mean", "p50", "p99", "max", "energy")
                    ],
                ]
            )
    columns = ["keep %", "against", "top-1, points:", "in errors:", "MACs:", "mean:", "p50:"]
    columns += ["p99:", "worst:", "energy:"]
    values["pairs"] = table(columns, rows)
    for kind in ("static", "top_k"):
        chosen = [entry for entry in found if entry["kind"] == kind]
        values[f"pairs.{kind}.number"] = str(len(chosen))
        values[f"pairs.{kind}.over_2"] = str(sum(entry["errors"] > 2 for entry in chosen))
        values[f"pairs.{kind}.over_3"] = str(sum(entry["errors"] > 3 for entry in chosen))
        for key in ("points", "errors", "macs", "mean", "p50", "p99", "max", "energy"):
            scale = 1 if key in ("points", "errors") else 100
            digits = 2 if key == "points" else 1
            for end, pick in (("least", min), ("most", max)):
                value = scale * pick(entry[key] for entry in chosen)
                values[f"pairs.{kind}.{key}_{end}"] = f"{value:+.{digits}f}"
    values["pairs.number"] = str(len(found))
    lost = max(entry["points"] for entry in found if entry["kind"] == "top_k")
    values["pairs.top_k.lost"] = f"{lost:.2f}"
    equal = max(abs(entry[key]) for entry in found for key in ("mean", "energy"))
    values["pairs.equal"] = f"{math.ceil(1000 * equal) / 10:.1f}"
    values["pairs.max_least"] = f"{100 * min(entry['max'] for entry in found):+.1f}"
    values["pairs.max_most"] = f"{100 * max(entry['max'] for entry in found):+.1f}"
    compared = heatsim.trace("static_70_39_21", "heatvit")
    ranked = of["static_70_39_21"]
    cycles = ranked["cycles"]["mean"] - compared["cycles"]["mean"]
    values["ranking.cycles"] = f"{cycles:,.0f}"
    values["ranking.percent"] = percent(100 * cycles / compared["cycles"]["mean"])
    return found


def operating_points(heatsim, model, values):
    """Table of the schedules of all methods; their summaries by name."""
    dense = heatsim.schedule(model, "dense")
    rows, points = [], {}
    digits = 3 if model == "deit_t" else 2
    for method, schedules in OPERATING_POINTS:
        for name in schedules:
            name = name.format(model=model)
            if ONLY_OF.get(name, model) != model:
                continue
            summary = points[name] = heatsim.schedule(model, name)
            selection = group_cycles(summary, "token selector")
            top1 = summary["top1_percent"]
            rows.append(
                [
                    method,
                    f"`{name}`",
                    f"{summary['macs'] / 1e9:.2f}",
                    "" if top1 is None else f"{top1:.2f}",
                    f"{mean_ms(summary):.{digits}f}",
                    f"{dense['macs'] / summary['macs']:.2f}",
                    f"{mean_ms(dense) / mean_ms(summary):.2f}",
                    f"{selection:,}",
                    percent(100 * selection / summary["cycles"]["mean"]),
                    percent(100 * share(summary, "wait_weights")),
                    f"{summary['energy']['image_mj']['mean']:.1f}",
                ]
            )
            key = f"points.{model}.{name}"
            values[f"{key}.selection"] = percent(100 * selection / summary["cycles"]["mean"])
            values[f"{key}.cycles"] = f"{selection:,}"
            values[f"{key}.speedup"] = f"{mean_ms(dense) / mean_ms(summary):.2f}"
            values[f"{key}.macs"] = f"{dense['macs'] / summary['macs']:.2f}"
            values[f"{key}.wait_weights"] = percent(100 * share(summary, "wait_weights"))
    columns = ["method", "schedule", "GMACs:", "top-1 %:", "ms:", "MACs ÷:", "speed-up:"]
    columns += ["selection, cycles:", "share:", "waits for weights:", "mJ:"]
    values[f"points.{model}"] = table(columns, rows)
    return points


def speed_ups(heatsim, values):
    """By how much pruning cuts the MACs, and what becomes of it."""
    rows, entries = [], []
    for model, schedules in SPEED_UPS:
        for name in schedules:
            row = [MODEL_NAMES[model], f"`{name}`"]
            entry = {"model": model, "schedule": name}
            for key, changes in (
                ("slow", SLOW_WEIGHTS),
                ("shipped", []),
                ("fabric", FABRIC),
            ):
                dense = heatsim.schedule(model, "dense", changes=changes)
                pruned = heatsim.schedule(model, name, changes=changes)
                if "macs" not in entry:
                    entry["macs"] = dense["macs"] / pruned["macs"]
                    row.append(f"{entry['macs']:.2f}")
                entry[key] = mean_ms(dense) / mean_ms(pruned)
                entry[key + "_wait"] = 100 * share(pruned, "wait_weights")
                row += [f"{entry[key]:.2f}", percent(entry[key + "_wait"])]
            entries.append(entry)
            rows.append(row)
    columns = ["network", "schedule", "MACs ÷:", "weights at 150 MHz:", "waits:", "as shipped:"]
    columns += ["waits:", "LayerNorm on fabric:", "waits:"]
    values["speedups"] = table(columns, rows)
    for key in ("macs", "slow", "shipped", "fabric"):
        for end, pick in (("least", min), ("most", max)):
            values[f"speedups.{key}_{end}"] = f"{pick(e[key] for e in entries):.2f}"
    for key in ("slow", "shipped", "fabric"):
        for end, pick in (("least", min), ("most", max)):
            values[f"speedups.{key}_wait_{end}"] = f"{pick(e[key + '_wait'] for e in entries):.0f}"
    return entries


def weight_floor(heatsim, values):
    """How long the weight port takes at 150 MHz to load the weights of a network once."""
    rows, floors = [], {}
    for model, name in MODEL_NAMES.items():
        dense = heatsim.schedule(model, "dense", changes=SLOW_WEIGHTS, operators=True)
        loaded = sum(int(row["weight_bytes"]) for row in dense["operators"])
        floor = loaded / (16 * dense["clock_mhz"] * 1e3)
        floors[model] = (floor, mean_ms(dense) / floor)
        rows.append(
            [
                name,
                f"{loaded / 1e6:.2f}",
                f"{floor:.2f}",
                f"{mean_ms(dense):.2f}",
                f"{mean_ms(dense) / floor:.2f}",
            ]
        )
        values[f"floor.{model}.ms"] = f"{floor:.2f}"
        values[f"floor.{model}.speedup"] = f"{mean_ms(dense) / floor:.2f}"
    columns = ["network", "weights, MB:", "loading them once, ms:", "dense network, ms:"]
    columns += ["largest possible speed-up:"]
    values["floor"] = table(columns, rows)
    return floors


def causes(heatsim, values):
    """Where the array's cycles go in a network that prunes strongly."""
    columns, runs = [], []
    for schedule in ("dense", "heatvit_40_16_06"):
        for heading, changes in (("weights at 150 MHz", SLOW_WEIGHTS), ("as shipped", [])):
            columns.append(f"{'pruned' if runs[1:] else 'dense'}, {heading}:")
            runs.append(heatsim.schedule("deit_s", schedule, changes=changes))
    rows = []
    for cause in runs[0]["array"]["cycles_by_cause"]:
        times = [run["array"]["cycles_by_cause"][cause] / run["clock_mhz"] / 1e3 for run in runs]
        rows.append([f"`{cause}`", *[f"{time:.2f}" for time in times]])
    rows.append(["all", *[f"{mean_ms(run):.2f}" for run in runs]])
    values["causes"] = table(["cause", *columns], rows)
    busy = [run["array"]["cycles_by_cause"]["busy"] for run in runs]
    values["causes.busy"] = f"{busy[0] / busy[2]:.2f}"
    values["causes.macs"] = f"{runs[0]['macs'] / runs[2]['macs']:.2f}"
    for cause in ("wait_weights", "wait_vector", "wait_host"):
        for key, run in (("dense", runs[1]), ("pruned", runs[3])):
            values[f"causes.{key}.{cause}"] = f"{share(run, cause) * mean_ms(run):.2f}"
    without = mean_ms(runs[3]) * (1 - share(runs[3], "wait_weights"))
    values["causes.without"] = f"{mean_ms(runs[1]) / without:.2f}"
    return runs


def eight_bits(heatsim, values):
    rows, quotients = [], []
    for model in ("deit_t", "deit_s", "deit_b"):
        narrow = mean_ms(heatsim.schedule(model, "dense"))
        wide = mean_ms(heatsim.schedule(model, "dense", accelerator=DESIGN_16_BIT))
        quotients.append(wide / narrow)
        rows.append([MODEL_NAMES[model], f"{wide:.2f}", f"{narrow:.2f}", f"{wide / narrow:.2f}"])
    columns = ["network", f"`{DESIGN_16_BIT}`, ms:", f"`{DESIGN}`, ms:", "speed-up:"]
    values["eight_bits"] = table(columns, rows)
    values["eight_bits.least"] = f"{min(quotients):.2f}"
    values["eight_bits.most"] = f"{max(quotients):.2f}"


def published_figures(values):
    values["published.pruning"] = published("HeatViT pruning-only speed-up range", "speedup")
    values["published.pruning_least"] = values["published.pruning"].split()[0]
    values["published.eight_bits"] = published("HeatViT 8 bit alone", "speedup")
    values["published.deit_s_ms"] = published("HeatViT", "latency_ms")  # of DeiT-S alone
    # abstract of HeatViT (HPCA 2023, arXiv 2211.08110): 28.4 to 65.3 % less computation
    values["published.macs_least"] = f"{1 / (1 - 0.284):.2f}"
    values["published.macs_most"] = f"{1 / (1 - 0.653):.2f}"


def check_sentences(values, runs, found, points, entries, floors, cause_runs):
    """What the template says in words about the figures."""

    def claim(sentence, holds):
        require(holds, f"{TEMPLATE}: does not hold any more: {sentence}")

    dense = mean_ms(runs[0][2])
    adaptive = [s for method, _, s in runs if method.startswith("adaptive")]
    claim("pruning speeds up every mean", all(mean_ms(s) < dense for s in adaptive))
    top1 = {name: summary["top1_percent"] for _, name, summary in runs}
    claim("four selectors", abs(top1["ins4_b2_4_7_10_70"] - top1["50_25_13"]) < 0.25)
    claim("some p99 is below 1", any(s["latency_ms"]["p99"] > dense for s in adaptive))

    static = [entry for entry in found if entry["kind"] == "static"]
    ranked = [entry for entry in found if entry["kind"] == "top_k"]
    claim("the static networks keep fewer patches", all(e["macs"] > 0.005 for e in static))
    claim("ranked has the same mean counts", all(abs(e["macs"]) < 0.005 for e in ranked))
    claim("mean latency hardly differs", all(abs(e["mean"]) < 0.025 for e in found))
    claim("energy is equal", all(abs(e["energy"]) < 0.025 for e in found))
    claim("p99 is higher", all(e["p99"] > 0.05 for e in found))
    claim("few ranked pairs over two errors", sum(e["errors"] > 2 for e in ranked) == 1)
    claim("adaptive is not worse", all(e["errors"] > -2 for e in found))
    ranking = float(values["ranking.percent"].split()[0]) / 100
    claim(
        "adaptive is faster than ranked by ranking alone",
        all(-0.01 - ranking < e["mean"] < 0.002 for e in ranked)
        and sum(e["mean"] + ranking > -0.003 for e in ranked) == len(ranked),
    )

    for model, summaries in points.items():
        costs = {
            name: group_cycles(s, "token selector") / s["cycles"]["mean"]
            for name, s in summaries.items()
        }
        claim("ToMe's selection costs most", max(costs, key=costs.get) == "tome_13")
        claim("EViT's scores cost less", costs["evit_70"] < costs["heatvit"])
        fixed, scored = summaries["static_70_49_34"], summaries["heatvit"]
        claim(
            "static pruning is about as fast as heatvit at more MACs",
            abs(mean_ms(fixed) / mean_ms(scored) - 1) < 0.03
            and fixed["macs"] > 1.05 * scored["macs"],
        )
        for name in ("head_pruning_67", "channel_pruning_75"):
            wait = share(summaries[name], "wait_weights")
            claim(f"{name} does not wait on {model}", wait < 0.015)
    for name in ("evit_70", "tome_13", "heatvit"):
        shares = [
            group_cycles(points[model][name], "token selector")
            / points[model][name]["cycles"]["mean"]
            for model in ("deit_s", "deit_t")
        ]
        claim("selection is less of DeiT-S", shares[0] < shares[1])
    waits = [share(s, "wait_weights") for s in points["deit_s"].values()]
    claim("waits most", max(waits) == share(points["deit_s"]["heatvit_40_16_06"], "wait_weights"))

    least, most = (float(text) for text in values["published.pruning"].split(" to "))
    claim("at 150 MHz none comes near", all(e["slow"] < least - 0.2 for e in entries))
    claim("bandwidth helps", all(e["shipped"] > e["slow"] + 0.1 for e in entries))
    fastest = max(e["shipped"] for e in entries)
    claim("the strongest reaches the lower end, none the upper", least < fastest < most - 0.3)
    for entry in entries:
        reaches = entry["shipped"] >= least
        expected = entry["schedule"] == "heatvit_40_16_06" or (
            entry["model"] == "deit_s" and entry["schedule"] == "heatvit_deit_t_published"
        )
        claim(f"who is in the published range: {entry}", reaches == expected)
    claim(
        "the strongest pruning is the fastest",
        all(
            max((e for e in entries if e["model"] == model), key=lambda e: e["shipped"])["schedule"]
            == "heatvit_40_16_06"
            for model, _ in SPEED_UPS
        ),
    )
    claim("fabric changes little", all(abs(e["fabric"] - e["shipped"]) < 0.1 for e in entries))
    for model in ("deit_s", "deit_b"):
        claim(f"{model} cannot reach the published range at 150 MHz", floors[model][1] < least)
    claim(
        "published DeiT-S is below its weights' time",
        float(values["published.deit_s_ms"]) < floors["deit_s"][0],
    )
    busy, macs = float(values["causes.busy"]), float(values["causes.macs"])
    claim("busy shrinks like the MACs", abs(busy / macs - 1) < 0.03)
    for cause in ("wait_vector", "wait_host"):
        times = [share(run, cause) * mean_ms(run) for run in (cause_runs[1], cause_runs[3])]
        claim(f"{cause} shrinks less", times[0] < times[1] * (busy - 0.2))
    waits = [share(run, "wait_weights") * mean_ms(run) for run in cause_runs]
    claim("weights are waited for as shipped, too", waits[3] > 10 * waits[1])


def wrap(block):
    """A paragraph or a list with the page's width; tables and headings stay as they are."""
    if block[0].startswith(("|", "#")):
        return block
    items = []
    for line in block:
        if line.startswith("- ") or not items:
            items.append(line)
        else:
            items[-1] += " " + line.strip()
    lines = []
    for item in items:
        indent = "  " if item.startswith("- ") else ""
        lines += textwrap.wrap(
            item,
            WIDTH,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def wrap_blocks(template, page_of):
    """The page, its paragraphs with placeholders wrapped anew."""
    lines, block, fenced = [], [], False
    for line in [*template.splitlines(), ""]:
        fence = line.startswith("```")
        if line and not fence and not fenced:
            block.append(line)
            continue
        if block:
            filled = [text for entry in block for text in page_of(entry).splitlines()]
            lines += wrap(filled) if any("{{" in entry for entry in block) else block
            block = []
        lines.append(line)
        fenced ^= fence
    return "\n".join(lines).rstrip("\n") + "\n"


def fill(template, values):
    def value(match):
        name = match.group(1)
        require(name in values, f"{TEMPLATE}: nothing is called {{{{{name}}}}}")
        return values[name]

    page = wrap_blocks(template, lambda text: re.sub(r"\{\{([^{}]*)\}\}", value, text))
    for number, line in enumerate(page.splitlines(), 1):
        long = len(line) > WIDTH and not line.startswith("|")
        require(not long, f"{PAGE}:{number}: {len(line)} columns, expected at most {WIDTH}: {line}")
    return page


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "heatsim",
        nargs="?",
        default=os.path.join(ROOT, "build", "release", "bin", "heatsim"),
        help="the executable, built already (default: build/release/bin/heatsim)",
    )
    parser.add_argument("-j", "--jobs", type=int, help="processes that share the images of a run")
    parser.add_argument(
        "--results",
        metavar="DIR",
        help="keep the results of runs here and take them from here: those of the same executable,"
        " arguments and files",
    )
    parser.add_argument(
        "--values", action="store_true", help="print the figures by name instead of writing the page"
    )
    options = parser.parse_args(arguments)
    executable = os.path.abspath(options.heatsim)
    results = os.path.abspath(options.results) if options.results else None
    os.chdir(ROOT)
    try:
        require(os.path.isfile(executable), f"{executable}: no such file: build heatsim first")
        if results:
            os.makedirs(results, exist_ok=True)
        heatsim = Heatsim(executable, options.jobs, results)
        values = {}
        runs = recorded_runs(heatsim)
        recorded(runs, values)
        found = pairs(heatsim, runs, values)
        models = ("deit_s", "deit_t")
        points = {model: operating_points(heatsim, model, values) for model in models}
        entries = speed_ups(heatsim, values)
        floors = weight_floor(heatsim, values)
        eight_bits(heatsim, values)
        cause_runs = causes(heatsim, values)
        published_figures(values)
        if options.values:
            for name, text in values.items():
                print(f"{name} = {text}")
            return 0
        check_sentences(values, runs, found, points, entries, floors, cause_runs)
        with open(TEMPLATE, encoding="utf-8") as file:
            page = fill(file.read(), values)
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(page)
    except (PageError, OSError, KeyError, ValueError) as error:
        print(f"update_methods_docs.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
