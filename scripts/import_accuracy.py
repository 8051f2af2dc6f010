#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make an accuracy table of configs/accuracy/ from a recording of trained, pruned networks.

A recording is a directory with `accuracy.csv`, one row per trained network. Of its rows the table takes
those with exact nonlinear functions:

* adaptive networks as choice `threshold`, at the keep ratios they were trained for;
* the same weights with fixed counts, not trained again (`top1_static_topk_noretrain`), as choice
  `top_k`, at the counts every image keeps (`static_k`);
* networks trained with fixed counts (`static`) as choice `top_k`, too, at the keep ratios they were
  trained for: they keep the patches of the highest scores, not the same positions in every image;
* the dense network, a point of every choice; the dense network trained further (`dense_ft`) is left
  out, as it is the same point again.

Reruns and other seeds of one network are one row with the mean of their accuracies and counts. The same
recording gives the same bytes.
"""
import argparse
import csv
import os
import shlex
import sys

FORMAT = "heatsim accuracy table 1"
COLUMNS = (
    "config",
    "kind",
    "nonlin",
    "positions",
    "targets",
    "top1",
    "top1_static_topk_noretrain",
    "static_k",
)
DATASET = "Fashion-MNIST test set (10000 images, 28 x 28)"
SOURCE = (
    "networks of DeiT-T geometry (patch 2: 196 patches) trained from scratch on Fashion-MNIST;"
    " exact nonlinear functions, fp32; one training run each, the mean where there are several"
)
MEANING = (
    "relative accuracy of pruning schedules on this small data set;"
    " not the ImageNet accuracy of any network or paper"
)
CONVENTION = (
    "keep ratios are cumulative, kept / original patches: threshold rows at what the network was trained"
    " for (the test images keep up to 0.04 more), top_k rows without retraining at what each image keeps"
)


class RecordingError(Exception):
    """The recording contradicts itself or the table format."""


def require(holds, message):
    if not holds:
        raise RecordingError(message)


def number(text, where):
    try:
        return float(text)
    except ValueError as error:
        raise RecordingError(f"{where}: '{text}' is not a number") from error


def read_networks(recordings):
    """Rows of accuracy.csv with exact functions; reruns and other seeds of one network together."""
    path = os.path.join(recordings, "accuracy.csv")
    networks = {}
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = set(COLUMNS) - set(reader.fieldnames or [])
        require(not missing, f"{path}: no column {', '.join(sorted(missing))}")
        for row in reader:
            if row["nonlin"] == "exact" and row["config"] != "dense_ft":
                key = (row["kind"], row["positions"], row["targets"])
                networks.setdefault(key, []).append(row)
    require(len(networks.get(("dense", "", ""), [])) == 1, f"{path}: no dense network")
    return path, networks


def means(rows, key, where):
    """Means over the rows of the numbers in a column."""
    columns = zip(*(row[key].split() for row in rows))
    return [sum(number(text, where) for text in column) / len(rows) for column in columns]


def ratio_text(ratios):
    return " ".join(f"{round(ratio, 4):g}" for ratio in ratios)


def read_points(recordings, patches):
    """Points (choice, blocks, keep ratios, top-1 %, training, networks) of the table."""
    path, networks = read_networks(recordings)
    points = []
    for (kind, positions, _), rows in networks.items():
        names = " ".join(row["config"] for row in rows)
        where = f"{path}: '{names}'"
        blocks = " ".join(positions.split())
        targets = means(rows, "targets", where)
        top1 = means(rows, "top1", where)[0]
        require(kind in ("dense", "adaptive", "static"), f"{where}: kind is '{kind}'")
        require(
            len(blocks.split()) == len(targets),
            f"{where}: {len(targets)} targets for selectors before blocks '{blocks}'",
        )
        choice = {"dense": "dense", "adaptive": "threshold", "static": "top_k"}[kind]
        points.append((choice, blocks, targets, top1, "trained", names))
        if kind == "adaptive":
            kept = [count / patches for count in means(rows, "static_k", where)]
            require(len(kept) == len(targets), f"{where}: {len(kept)} counts")
            ranked_top1 = means(rows, "top1_static_topk_noretrain", where)[0]
            points.append(("top_k", blocks, kept, ranked_top1, "ranked", names))
    return points


def table_text(header, points):
    order = {"dense": 0, "threshold": 1, "top_k": 2}

    def key(point):
        choice, blocks, ratios, _, training, _ = point
        places = [int(block) for block in blocks.split()]
        return (order[choice], training != "trained", places, [-ratio for ratio in ratios])

    lines = [f"# {name}: {value}" for name, value in header.items()]
    lines.append("choice,before_blocks,keep_ratios,top1_percent,training,networks")
    for choice, blocks, ratios, top1, training, networks in sorted(points, key=key):
        lines.append(
            f"{choice},{blocks},{ratio_text(ratios)},{round(top1, 3):g},{training},{networks}"
        )
    return "\n".join(lines) + "\n"


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", help="table to write, *.csv")
    parser.add_argument("--recordings", required=True, help="directory of the recording")
    parser.add_argument("--model", default="deit_t", help="name in models (default: %(default)s)")
    parser.add_argument("--blocks", type=int, default=12, help="blocks of it (default: %(default)s)")
    parser.add_argument(
        "--channels", type=int, default=192, help="channels of a token (default: %(default)s)"
    )
    parser.add_argument(
        "--patches", type=int, default=196, help="patch tokens of an image (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        points = read_points(options.recordings, options.patches)
        header = {
            "format": FORMAT,
            "model": options.model,
            "blocks": options.blocks,
            "channels": options.channels,
            "patch_tokens": options.patches,
            "package_token": "one",
            "dataset": DATASET,
            "sampling_error_points": 0.26,
            "meaning": MEANING,
            "convention": CONVENTION,
            "source": SOURCE,
            "command": shlex.join(["scripts/import_accuracy.py", *arguments]),
        }
        with open(options.output, "w", encoding="utf-8", newline="\n") as file:
            file.write(table_text(header, points))
    except (RecordingError, OSError) as error:
        print(f"import_accuracy.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
