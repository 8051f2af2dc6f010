#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make a token trace of traces/ from a recording of a trained, pruned network.

A recording is a directory with `accuracy.csv` (one row per configuration) and
`csv/trace_<config>.csv.gz` (one row per test image: index,label,pred,correct,n1..nS,kept1..keptS and,
of adaptive token counts, pred_static). The trace is checked against both before it is written, and the
same recording gives the same bytes.

With --nonlinearities and --arithmetic it is the same network with other functions, in fp32 or int8, as
`csv/qtrace_<config>__<functions>__<arithmetic>.csv.gz` has it; accuracy and mean counts are checked against
`quantization.csv`.

With --ranked it is the trace of the same weights with fixed counts: every image keeps the patches of
the highest scores, as many as the adaptive images keep on average. Its predictions are pred_static.
"""
import argparse
import csv
import gzip
import io
import os
import shlex
import sys
import zlib

FORMAT = "heatsim token trace 1"
DATASET = "Fashion-MNIST test set (10000 images, 28 x 28)"
CONVENTION = (
    "n_s = tokens in every block behind selector s = class token + kept patches + one package token"
    " (no package token while no patch of the image is pruned)"
)
SOURCE = (
    "Fashion-MNIST networks of DeiT-T geometry (patch 2: 196 patches) trained from scratch;"
    " recorded configuration {config} ({kind} token counts, {nonlin} functions, seed {seed})"
)
RANKED = (
    ", same weights, not trained again: every image keeps the patches of the highest scores,"
    " as many as the adaptive images on average"
)


class RecordingError(Exception):
    """The recording contradicts itself or the trace format."""


def require(holds, message):
    if not holds:
        raise RecordingError(message)


def read_configuration(recordings, config, ranked):
    """The row of accuracy.csv that describes `config`."""
    path = os.path.join(recordings, "accuracy.csv")
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("config") == config]
    require(len(rows) == 1, f"{path}: {len(rows)} rows for configuration '{config}', expected 1")
    needed = ["top1", "kind", "nonlin", "seed"]
    if rows[0].get("kind") != "dense":
        needed += ["positions", "targets"]
    if ranked:
        require(
            rows[0].get("kind") == "adaptive",
            f"{path}: configuration '{config}' is not adaptive, so nothing is ranked instead",
        )
        needed += ["static_k", "top1_static_topk_noretrain"]
    for key in needed:
        require(rows[0].get(key), f"{path}: configuration '{config}' has no {key}")
    return rows[0]


def read_quantization(recordings, config, options):
    """The row of quantization.csv that describes `config` with other functions or arithmetic."""
    path = os.path.join(recordings, "quantization.csv")
    wanted = {
        "model": config,
        "nonlinearities": options.nonlinearities,
        "arithmetic": {"fp32": "fp32", "int8": "int8 p99.99"}[options.arithmetic],
        "threshold": "0.5",
    }
    with open(path, newline="", encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if all(row.get(key) == value for key, value in wanted.items())
        ]
    found = ", ".join(wanted.values())
    require(rows, f"{path}: no row for {found}")
    require(all(row == rows[0] for row in rows), f"{path}: rows for {found} contradict each other")
    return rows[0]


def check_mean_counts(images, row, config):
    for stage, key in enumerate(["n1_mean", "n2_mean", "n3_mean"], start=1):
        if row.get(key):
            mean = sum(image[stage] for image in images) / len(images)
            require(
                abs(mean - float(row[key])) < 0.005 + 1e-9,
                f"'{config}': {mean:.3f} tokens behind selector {stage}, quantization.csv says {row[key]}",
            )


def numbers(row, keys, where):
    """The whole numbers of `keys` in a CSV row."""
    found = [row.get(key) or "" for key in keys]
    for key, text in zip(keys, found):
        require(text.isdecimal(), f"{where}: {key} is '{text}', expected a whole number")
    return [int(text) for text in found]


def read_images(path, stages, tokens, ranked):
    """Rows [image, n1..nS, label, predicted, correct], checked against the trace's convention, and
    the mean of each stage's kept patches. With `ranked` the predictions are those of fixed counts."""
    images = []
    sums = [0] * stages
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        for image, row in enumerate(csv.DictReader(file)):
            where = f"{path}: image {image}"
            counts = numbers(row, [f"n{stage}" for stage in range(1, stages + 1)], where)
            kept = numbers(row, [f"kept{stage}" for stage in range(1, stages + 1)], where)
            index, label, predicted, correct = numbers(
                row, ["index", "label", "pred", "correct"], where
            )
            require(index == image, f"{where}: found index {index}")
            require(correct == int(label == predicted), f"{where}: correct is {correct}")
            require(f"n{stages + 1}" not in row, f"{where}: more than {stages} stages")
            sums = [total + patches for total, patches in zip(sums, kept)]
            for count, patches in zip(counts, kept):
                package = 0 if patches == tokens - 1 else 1
                require(
                    count == 1 + patches + package,
                    f"{where}: {count} tokens, but {patches} kept patches",
                )
            require(counts == sorted(counts, reverse=True), f"{where}: counts rise: {counts}")
            if ranked:
                predicted = numbers(row, ["pred_static"], where)[0]
            images.append([image, *counts, label, predicted, int(label == predicted)])
    require(images, f"{path}: no images")
    return images, [total / len(images) for total in sums]


def rank_images(images, mean_kept, configuration, config, tokens):
    """The same images, each with the mean number of kept patches."""
    kept = [int(mean + 0.5) for mean in mean_kept]
    stated = [int(text) for text in configuration["static_k"].split()]
    require(kept == stated, f"'{config}': images keep {kept} on average, accuracy.csv says {stated}")
    require(all(patches < tokens - 1 for patches in kept), f"'{config}': nothing is pruned")
    counts = [1 + patches + 1 for patches in kept]
    return [[image[0], *counts, *image[-3:]] for image in images]


def check_accuracy(images, top1, config):
    correct = sum(image[-1] for image in images)
    measured = 100.0 * correct / len(images)
    stated = float(top1)
    require(
        abs(measured - stated) < 0.005,
        f"'{config}': {measured:.2f} % of the images are correct, the recording says {stated:.2f} %",
    )


def trace_text(header, stages, images):
    text = io.StringIO()
    for key, value in header.items():
        text.write(f"# {key}: {value}".rstrip() + "\n")
    writer = csv.writer(text, lineterminator="\n")
    counts = [f"n{stage}" for stage in range(1, stages + 1)]
    writer.writerow(["image", *counts, "label", "predicted", "correct"])
    writer.writerows(images)
    return text.getvalue()


def write_gzip(path, text):
    """No file name and no time in the gzip header: same text, same bytes."""
    with open(path, "wb") as file:
        with gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as archive:
            archive.write(text.encode("utf-8"))


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", help="trace to write, *.csv.gz")
    parser.add_argument("--recordings", required=True, help="directory of the recording")
    parser.add_argument("--config", required=True, help="configuration, as in accuracy.csv")
    parser.add_argument("--schedule", required=True, help="name in configs/schedules")
    parser.add_argument("--model", default="deit_t", help="name in models (default: %(default)s)")
    parser.add_argument(
        "--tokens", type=int, default=197, help="tokens of an unpruned image (default: %(default)s)"
    )
    parser.add_argument(
        "--ranked",
        action="store_true",
        help="same weights, fixed counts: the mean of the kept patches, those of the highest scores",
    )
    parser.add_argument(
        "--nonlinearities", metavar="NAME", help="other functions, as in quantization.csv"
    )
    parser.add_argument(
        "--arithmetic", choices=["fp32", "int8"], help="of the network with --nonlinearities"
    )
    options = parser.parse_args(arguments)
    if bool(options.nonlinearities) != bool(options.arithmetic):
        parser.error("--nonlinearities and --arithmetic come together")
    if options.nonlinearities and options.ranked:
        parser.error("--ranked: only of the recorded functions")
    try:
        configuration = read_configuration(options.recordings, options.config, options.ranked)
        positions = configuration["positions"].split()
        stages = len(positions)
        name = f"trace_{options.config}"
        source = SOURCE.format(**configuration)
        if options.nonlinearities:
            functions = options.nonlinearities.replace(" ", "_").replace("=", "")
            name = f"q{name}__{functions}__{options.arithmetic}"
            source += f"; inferred with functions '{options.nonlinearities}' in {options.arithmetic}"
        path = os.path.join(options.recordings, "csv", f"{name}.csv.gz")
        images, mean_kept = read_images(path, stages, options.tokens, options.ranked)
        top1 = configuration["top1_static_topk_noretrain" if options.ranked else "top1"]
        if options.ranked:
            images = rank_images(
                images, mean_kept, configuration, options.config, options.tokens
            )
        if options.nonlinearities:
            row = read_quantization(options.recordings, options.config, options)
            top1 = row["top1"]
            check_mean_counts(images, row, options.config)
        check_accuracy(images, top1, options.config)
        header = {
            "format": FORMAT,
            "model": options.model,
            "dataset": DATASET,
            "schedule": options.schedule,
            "selectors_before_blocks": " ".join(positions),
            "keep_ratio_targets": " ".join(configuration["targets"].split()),
            "package_token": "one",
            "tokens": options.tokens,
            "top1_percent": top1,
            "convention": CONVENTION,
            "source": source + (RANKED if options.ranked else ""),
            "command": shlex.join(["scripts/import_trace.py", *arguments]),
        }
        write_gzip(options.output, trace_text(header, stages, images))
    except (RecordingError, OSError, EOFError, zlib.error) as error:
        print(f"import_trace.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
