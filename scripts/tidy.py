#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run clang-tidy on every source, with clang's own warnings as errors.

Clang parses each file with the flags of the preset `tidy`, so that its warnings are findings, too; no code
is generated. What is clean is remembered in the cache folder by the contents of the source and of all its
headers, of .clang-tidy, the compile command and the version of clang-tidy, and not looked at again:
clang-tidy takes longer than the compiler, and no compiler cache knows it.
"""
import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join("build", "tidy")
DATABASE = os.path.join(BUILD, "sources")


def fail(message):
    print(f"tidy.py: {message}", file=sys.stderr)
    sys.exit(1)


@functools.lru_cache(maxsize=None)
def digest(path):
    """Hash of a file below the root or anywhere; nothing where there is no such file."""
    try:
        with open(os.path.join(ROOT, path), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return None


def relative(path):
    """Path from the root where the file is below it: another clone may have looked at it."""
    inside = os.path.relpath(path, ROOT)
    return path if inside.startswith("..") else inside


def write_database():
    """The entries of compile_commands.json, one for each source: several programs share some of them, and
    clang-tidy would look at such a source once for each."""
    with open(os.path.join(ROOT, BUILD, "compile_commands.json"), encoding="utf-8") as file:
        entries = {entry["file"]: entry for entry in reversed(json.load(file))}
    os.makedirs(os.path.join(ROOT, DATABASE), exist_ok=True)
    with open(os.path.join(ROOT, DATABASE, "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump(list(reversed(entries.values())), file)
    return list(reversed(entries.values()))


class Source:
    """One entry of the database."""

    def __init__(self, entry, tool):
        self.path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        self.folder = entry["directory"]
        self.command = shlex.split(entry["command"])
        normalized = [argument.replace(ROOT, ".") for argument in self.command]
        text = "\0".join([tool, digest(".clang-tidy"), *normalized])
        self.key = hashlib.sha256(text.encode()).hexdigest()

    def known_clean(self, cache):
        try:
            with open(os.path.join(cache, self.key), encoding="utf-8") as file:
                files = json.load(file)
        except (OSError, ValueError):
            return False
        return all(digest(path) == found for path, found in files.items())

    def check(self, cache):
        """What clang-tidy says; empty where the source is clean, which is remembered."""
        run = subprocess.run(
            ["clang-tidy", "--quiet", "-p", DATABASE, self.path],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            return run.stdout + run.stderr
        files = {path: digest(path) for path in self.includes()}
        name = os.path.join(cache, self.key)
        with open(f"{name}.{os.getpid()}", "w", encoding="utf-8") as file:
            json.dump(files, file)
        os.replace(f"{name}.{os.getpid()}", name)
        return ""

    def includes(self):
        """The source and all files it includes, as the compiler finds them."""
        command = [*self.command]
        command[command.index("-o") + 1] = os.devnull
        command = [argument for argument in command if argument not in ("-c", "-MD")]
        for option in ("-MT", "-MF"):
            if option in command:
                place = command.index(option)
                del command[place : place + 2]
        rule = subprocess.run(
            [*command, "-M", "-MF", "-"], cwd=self.folder, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        names = re.split(r"(?<!\\)\s+", rule.split(":", 1)[1].replace("\\\n", " "))
        paths = [name.replace("\\ ", " ") for name in names if name]
        return sorted({relative(os.path.normpath(os.path.join(self.folder, p))) for p in paths})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="files at a time")
    parser.add_argument("files", nargs="*", help="only these sources")
    options = parser.parse_args()
    cache = os.path.join(
        os.environ.get("HEATSIM_CACHE")
        or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "heatsim"),
        "clang_tidy",
    )
    os.makedirs(cache, exist_ok=True)
    try:
        tool = subprocess.run(
            ["clang-tidy", "--version"], stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    except OSError:
        fail("no clang-tidy; scripts/setup.sh --ci installs it")
    jobs = ["-j", str(options.jobs)]
    for command in (["--preset", "tidy"], ["--build", BUILD, "--target", "heatsim_generated", *jobs]):
        if subprocess.run(["cmake", *command], cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
            fail(f"cmake {' '.join(command)} failed")
    sources = [Source(entry, tool) for entry in write_database()]
    ours = tuple(os.path.join(ROOT, folder) + os.sep for folder in ("src", "tests", "bench", "tools"))
    sources = [source for source in sources if source.path.startswith(ours)]
    wanted = {os.path.abspath(path) for path in options.files}
    if wanted:
        sources = [source for source in sources if source.path in wanted]
        for path in sorted(wanted - {source.path for source in sources}):
            fail(f"{path}: no source of the preset tidy")
    left = [source for source in sources if not source.known_clean(cache)]
    print(f"clang-tidy: {len(sources)} sources, {len(left)} to look at", flush=True)
    found = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        tasks = {pool.submit(source.check, cache): source for source in left}
        for done, task in enumerate(concurrent.futures.as_completed(tasks), start=1):
            name = relative(tasks[task].path)
            print(f"[{done}/{len(left)}] {name}", flush=True)
            if task.result():
                found += 1
                print(task.result(), flush=True)
    if found:
        fail(f"findings in {found} sources")


if __name__ == "__main__":
    main()
