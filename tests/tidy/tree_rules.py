#!/usr/bin/env python3
"""The tree's own rules: what belongs where, how large, and what may not be said.

Usage: tree_rules.py ROOT [--warn]. Prints one line for each breach and exits with 1 where
there is one. --warn also lists what is over its size but not yet half as large again.
"""
import os
import re
import subprocess
import sys

# Lines. A file that wants to be longer is usually two rooms.
SIZE_LIMITS = [(r"^tests/.*\.(cc|h|py)$", 400), (r"\.h$", 150), (r"\.(cc|c)$", 300)]
HARD_FACTOR = 1.5

# A header from outside, and the only places that may include it.
FOREIGN_HEADERS = [
    (r"<?httplib\.h", r"^server/(upstream/http|sandbox|ops)/|^tests/"),
    (r"<?sqlite3\.h", r"^server/store/sqlite/|^tests/server/store/sqlite/"),
    (r"<?libpq-fe\.h", r"^server/store/postgres/"),
    (r"<?lua\.hpp", r"^pricing_plugins/lua_rules/"),
    (r"<?dlfcn\.h", r"^server/pricing/plugin_library\.cc$|^tests/(pricing_plugins/|e2e/failing_sync\.c$)"),
    (r"\.pb\.h|google/protobuf/", r"^server/(api|config|sandbox)/|^client/|^tests/"),
    (r"<?grpcpp/|<?grpc/", r"^server/(api|main)/|^client/|^tests/"),
    (r"prometheus/", r"^server/base/metrics\.cc$"),
    (r"nlohmann/", r"^server/(upstream/oneclickdz|store/sqlite|sandbox|pricing/schema)/|^client/|^tests/"
     r"|^pricing_plugins/checker/"),
    (r"re2/", r"^server/pricing/schema/"),
    (r"absl/flags/", r"^server/config/|^client/cli/|^tests/.*_main\.cc$"),
]

# A call that may stand only in the places given, and what to use instead.
BANNED_CALLS = [
    (r"std::string_view", r"^$", "absl::string_view"),
    (r"absl::optional", r"^$", "std::optional"),
    (r"absl::Now\(|system_clock|steady_clock|clock_gettime|\btime\(nullptr\)",
     r"^server/base/clock\.cc$|^server/base/task_loop\.cc$|^server/sandbox/|^client/|^tests/(server/(upstream|sandbox|base|api)|support|e2e|integration|client|bench)/",
     "base::Clock"),
    (r"getrandom\(|random_device|absl::BitGen", r"^server/base/random\.cc$|^client/",
     "base::RandomSource"),
    (r"sleep_for\(|sleep_until\(|absl::SleepFor\(|\busleep\(|\bnanosleep\(",
     r"^client/|^server/sandbox/|^tests/(e2e|client)/", "a TaskLoop timer, or an event"),
    (r"\bdlopen\(", r"^server/pricing/plugin_library\.cc$|^tests/pricing_plugins/", "PluginLibrary"),
    (r"\b(double|float)\b",
     r"^server/(sandbox|base|config|upstream/oneclickdz)/|^client/|^tests/|^pricing_plugins/checker/",
     "integers: core::Money, parts per million"),
]

# Arrows point down: which rooms a room may include.
ROOMS = {
    "base": [],
    "core": ["base"],
    "store": ["core", "base"],
    "upstream": ["core", "base"],
    "pricing": ["core", "base"],
    "watch": ["store", "core", "base"],
    "engine": ["store", "upstream", "pricing", "watch", "core", "base"],
    "api": ["engine", "watch", "core", "base"],
    "ops": ["base"],
    "config": ["engine", "store", "upstream", "pricing", "api", "core", "base"],
    "sandbox": ["base"],
    "main": None,
}

DRAWER_NAMES = {"util", "utils", "common", "helpers", "helper", "manager", "misc", "impl"}
FORBIDDEN_TEXT = [
    (r"\b(TODO|FIXME|XXX)\b", "an intention is a decision record or nothing"),
    (r"/work/|/tmp/ob_", "a path of somebody's machine"),
    (r"registry\.npmjs|proxy\.golang\.org|pypi\.org|repo1?\.maven|deb\.debian\.org|crates\.io",
     "a package registry's host"),
]
TEXT_FILES = (".cc", ".h", ".c", ".py", ".sh", ".md", ".proto", ".bzl", ".bazel", ".txt", ".js",
              ".php", ".textproto", ".lds", "")


def strip_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", "", text, flags=re.S)


def anchors_of(path):
    """What a link may name of a page: its headings, as they are made into anchors."""
    with open(path, encoding="utf-8") as source:
        text = re.sub(r"^```.*?^```", "", source.read(), flags=re.S | re.M)
    headings = re.findall(r"^#+ +(.*?)\s*$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Checker:
    def __init__(self, root, warn):
        self.root, self.warn, self.breaches = root, warn, []

    def breach(self, path, text, line=0):
        self.breaches.append(f"{path}:{line}: {text}" if line else f"{path}: {text}")

    def check_name(self, path):
        for part in path.split("/"):
            if part.split(".")[0].lower() in DRAWER_NAMES:
                self.breach(path, f"'{part}' says nothing: name the thing")

    def check_size(self, path, lines):
        for pattern, limit in SIZE_LIMITS:
            if re.search(pattern, path):
                if lines > limit * HARD_FACTOR:
                    self.breach(path, f"{lines} lines, where {limit} are meant: two rooms")
                elif lines > limit and self.warn:
                    print(f"warning: {path}: {lines} lines, where {limit} are meant")
                return

    def check_includes(self, path, text):
        for number, line in enumerate(text.split("\n"), 1):
            match = re.match(r'#include [<"]([^>"]+)[>"]', line)
            if not match:
                continue
            header = match.group(1)
            for pattern, places in FOREIGN_HEADERS:
                if re.match(pattern, header) or ("pb" in pattern and re.search(pattern, header)):
                    if not re.search(places, path):
                        self.breach(path, f"may not include {header}", number)
            self.check_arrow(path, header, number)

    def check_arrow(self, path, header, number):
        ours = re.match(r"server/(\w+)/", path)
        theirs = re.match(r"server/(\w+)/", header)
        if path.startswith("client/") and header.startswith("server/"):
            self.breach(path, f"the client may not include {header}", number)
        # The checker opens a library as the service does, and so with the service's own parts.
        checker_may = path.startswith("pricing_plugins/checker/") and theirs and \
            theirs.group(1) in ("base", "pricing")
        if path.startswith("pricing_plugins/") and theirs and not checker_may:
            self.breach(path, f"a strategy may not include {header}", number)
        if not ours or not theirs or ours.group(1) == theirs.group(1):
            return
        allowed = ROOMS.get(ours.group(1), [])
        if allowed is not None and theirs.group(1) not in allowed:
            self.breach(path, f"{ours.group(1)} may not include {theirs.group(1)}", number)

    def check_calls(self, path, text):
        code = strip_comments(text)
        for pattern, places, instead in BANNED_CALLS:
            match = re.search(pattern, code)
            if match and not re.search(places, path):
                self.breach(path, f"uses {match.group(0)}: use {instead}")

    def check_text(self, path, text):
        if path.startswith("tests/tidy/tree_rules"):  # they have to say it
            return
        for pattern, why in FORBIDDEN_TEXT:
            match = re.search(pattern, text)
            if match:
                self.breach(path, f"'{match.group(0)}': {why}", text[:match.start()].count("\n") + 1)

    def check_guard(self, path, text):
        guard = "TOPUP_" + re.sub(r"[^A-Za-z0-9]", "_", path).upper() + "_"
        if not re.search(rf"#ifndef {guard}\n#define {guard}\n", text) and "pricing_plugins" not in path:
            self.breach(path, f"wants the include guard {guard}")

    def check_links(self, path, text):
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target:
                continue
            name, _, anchor = target.partition("#")
            file = os.path.join(self.root, os.path.dirname(path), name) if name else \
                os.path.join(self.root, path)
            if not os.path.exists(file):
                self.breach(path, f"links to {target}, which is not there")
            elif anchor and file.endswith(".md") and anchor not in anchors_of(file):
                self.breach(path, f"links to {target}, a heading that is not there")

    def check_proofs(self):
        """What tools/prove runs is told of in docs/proof.md, with what was seen."""
        with open(os.path.join(self.root, "tools/prove"), encoding="utf-8") as source:
            names = re.findall(r'^    Proof\("(\w+)"', source.read(), re.M)
        with open(os.path.join(self.root, "docs/proof.md"), encoding="utf-8") as source:
            text = source.read()
        for name in names:
            if f"| `{name}` |" not in text:
                self.breach("docs/proof.md", f"does not tell what the proof {name} has shown")

    def check(self, path):
        self.check_name(path)
        if os.path.splitext(path)[1] not in TEXT_FILES:
            return
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as source:
            text = source.read()
        self.check_text(path, text)
        self.check_size(path, text.count("\n"))
        if path.endswith((".cc", ".h", ".c")):
            self.check_includes(path, text)
            self.check_calls(path, text)
        if path.endswith(".h"):
            self.check_guard(path, text)
        if path.endswith("BUILD.bazel") and not text.startswith("# "):
            self.breach(path, "the first line says what the room is for")
        if path.endswith(".md"):
            self.check_links(path, text)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    files = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                           check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")
    checker = Checker(root, "--warn" in sys.argv)
    for path in sorted(set(files)):
        if path and os.path.isfile(os.path.join(root, path)):
            checker.check(path)
    checker.check_proofs()
    for line in checker.breaches:
        print(line)
    sys.exit(1 if checker.breaches else 0)


if __name__ == "__main__":
    main()
