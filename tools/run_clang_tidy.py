#!/usr/bin/env python3
"""Runs clang-tidy over the product's C++ in compile_commands.json, one file for each core.

Usage: run_clang_tidy.py [FOLDER...]      for example: run_clang_tidy.py server/engine/

Tests are left to the compiler's own warnings: with them the check would take three times as
long, and what it finds there has not been bugs.

What was clean is remembered in .cache/clang_tidy by the hash of the source, of every header of
ours that it includes, and of the configuration; it is not looked at again until one changes.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

OURS = ("server/", "client/", "pricing_plugins/")
CACHE = ".cache/clang_tidy"


def closure(path, seen):
    """Adds `path` and the headers of ours that it includes to `seen`."""
    if path in seen or not os.path.exists(path):
        return
    seen.add(path)
    with open(path, encoding="utf-8") as source:
        for header in re.findall(r'^#include "([^"]+)"', source.read(), re.M):
            closure(header, seen)


def key(path, arguments):
    files = set()
    closure(path, files)
    digest = hashlib.sha256()
    for name in sorted(files) + [".clang-tidy"]:
        with open(name, "rb") as source:
            digest.update(name.encode() + b"\0" + source.read())
    digest.update(" ".join(arguments).encode())
    return digest.hexdigest()


def run(entry):
    path = os.path.relpath(entry["file"])
    stamp = os.path.join(CACHE, key(path, entry["arguments"]))
    if os.path.exists(stamp):
        return path, 0, ""
    # The compiler's own flags that clang does not know are no finding.
    result = subprocess.run(
        ["clang-tidy", "-p", ".", "--quiet", "--extra-arg=-Wno-unknown-warning-option", path],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if result.returncode == 0:
        open(stamp, "w").close()
    return path, result.returncode, result.stdout


def main():
    os.makedirs(CACHE, exist_ok=True)
    folders = tuple(sys.argv[1:]) or OURS
    entries = [entry for entry in json.load(open("compile_commands.json"))
               if os.path.relpath(entry["file"]).startswith(folders)
               and entry["file"].endswith(".cc") and ".pb." not in entry["file"]]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, status, output in pool.map(run, entries):
            if status != 0:
                failed += 1
                print(output.strip())
    print(f"  {len(entries)} files, {failed} with findings")
    sys.exit(1 if failed else 0)


main()
