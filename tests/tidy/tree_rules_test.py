#!/usr/bin/python3 -B
"""Each rule is told one breach, and something like it that is none."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("TEST_SRCDIR", "."),
                                os.environ.get("TEST_WORKSPACE", ""), "tests/tidy"))
from tree_rules import Checker  # pylint: disable=wrong-import-position

# A path, a text of it that breaks a rule, part of what is said then, and a text that breaks none.
BREACHES = [
    ("server/core/util.cc", "", "says nothing", None),
    ("server/core/money.cc", "\n" * 451, "451 lines, where 300", "\n" * 450),
    ("tests/e2e/long_test.py", "\n" * 601, "601 lines, where 400", "\n" * 600),
    ("server/core/a.cc", "#include <sqlite3.h>\n", "may not include sqlite3.h",
     "#include <vector>\n"),
    ("server/core/a.cc", '#include "topup/v1/topup_service.pb.h"\n', "may not include topup/v1",
     '#include "server/base/clock.h"\n'),
    ("server/core/a.cc", '#include "server/engine/engine.h"\n', "core may not include engine",
     '#include "server/core/money.h"\n'),
    ("server/sandbox/a.cc", '#include "server/core/money.h"\n', "sandbox may not include core",
     '#include "server/base/clock.h"\n'),
    ("client/a.cc", '#include "server/base/clock.h"\n', "the client may not include",
     '#include "client/world.h"\n'),
    ("pricing_plugins/cap/cap.cc", '#include "server/base/clock.h"\n', "a strategy may not include",
     '#include "pricing_plugins/sdk/strategy.h"\n'),
    ("server/core/a.cc", "std::string_view text;\n", "use absl::string_view",
     "// not std::string_view\n"),
    ("server/core/a.cc", "absl::Now();\n", "use base::Clock", "clock.Now();\n"),
    ("server/core/a.cc", "absl::BitGen random;\n", "use base::RandomSource", "Bits random;\n"),
    ("tests/sim/a.cc", "absl::SleepFor(second);\n", "a TaskLoop timer", "loop.Wait(second);\n"),
    ("server/core/a.cc", "double price;\n", "use integers", "Money price;\n"),
    ("server/pricing/a.cc", "dlopen(path);\n", "use PluginLibrary", "Open(path);\n"),
    ("docs/a.md", "TODO: tell it\n", "'TODO'", "told\n"),
    ("docs/a.md", "see /work/place\n", "a path of somebody's machine", "see the place\n"),
    ("docs/a.md", "from pypi.org\n", "a package registry's host", "from a registry\n"),
    ("server/core/a.h", "#ifndef A_H\n#define A_H\n", "wants the include guard",
     "#ifndef TOPUP_SERVER_CORE_A_H_\n#define TOPUP_SERVER_CORE_A_H_\n"),
    ("server/core/BUILD.bazel", "cc_library()\n", "what the room is for", "# Rules.\n"),
    ("docs/a.md", "[a](gone.md)\n", "gone.md, which is not there", "[a](there.md)\n"),
    ("docs/a.md", "[a](gone.md#part)\n", "gone.md#part, which is not there",
     "[a](there.md#its-part-of-it)\n"),
    ("docs/a.md", "[a](there.md#part)\n", "a heading that is not there",
     "[a](https://example.org/#part)\n"),
    ("docs/a.md", "# One\n\n[a](#two)\n", "a heading that is not there", "# One\n\n[a](#one)\n"),
]


class TreeRulesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.write("docs/there.md", "# There\n\n## Its `part` of it\n")

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def breaches(self, path, text):
        self.write(path, text)
        checker = Checker(self.root, warn=False)
        checker.check(path)
        return checker.breaches

    def test_each_breach_is_told_once_and_what_keeps_the_rule_is_not(self):
        for path, broken, words, kept in BREACHES:
            with self.subTest(path=path, words=words):
                found = self.breaches(path, broken)
                self.assertEqual(len([line for line in found if words in line]), 1, found)
                if kept is not None:
                    self.assertEqual(self.breaches(path, kept), [])

    def test_a_proof_has_to_be_told_of(self):
        self.write("tools/prove", '    Proof("told", "x"),\n    Proof("kept_quiet", "x"),\n')
        self.write("docs/proof.md", "| `told` | x |\n")
        checker = Checker(self.root, warn=False)
        checker.check_proofs()
        self.assertEqual(checker.breaches,
                         ["docs/proof.md: does not tell what the proof kept_quiet has shown"])


if __name__ == "__main__":
    unittest.main()
