#!/usr/bin/python3 -B
"""Runs the test cases of one module of this folder and reports each of them to Bazel.

Usage: run_tests.py MODULE [TEST...] [--SIZE=N...], in a folder that holds the built tree (Bazel's
runfiles). Built as a program, it is named after its module and finds that folder by itself.
"""
import os
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree

# gRPC's handlers for fork are of no use to processes that are started anew.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
# An idle channel here notices within this that its server goes away, instead of after 5 s.
os.environ["GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS"] = "100"
sys.argv[0] = os.path.abspath(sys.argv[0])
_RUNFILES = sys.argv[0] + ".runfiles/topup"
if "TEST_SRCDIR" not in os.environ and os.path.isdir(_RUNFILES):
    os.chdir(_RUNFILES)
sys.path[:0] = [os.path.abspath("tests/e2e"), os.path.abspath("tests/e2e/stubs")]
# pylint: disable=wrong-import-position
import proof


class ReportingResult(unittest.TextTestResult):
    """Keeps for each case how long it took and what was wrong with it."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.cases = {}  # test id -> [seconds, kind or None, text]

    def startTest(self, test):
        self.cases[test.id()] = [time.monotonic(), None, ""]
        super().startTest(test)

    def stopTest(self, test):
        case = self.cases[test.id()]
        case[0] = time.monotonic() - case[0]
        super().stopTest(test)

    def _note(self, test, kind, text):
        self.cases.setdefault(test.id(), [0, None, ""])[1:] = [kind, text]

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, "error", self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, "failure", self.failures[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)


def write_xml(path, module, result):
    cases = result.cases.items()
    count = lambda kind: str(sum(1 for _, case in cases if case[1] == kind))
    suite = ElementTree.Element("testsuite", name=module, tests=str(len(cases)),
                                failures=count("failure"), errors=count("error"),
                                skipped=count("skipped"))
    for test_id, (seconds, kind, text) in cases:
        element = ElementTree.SubElement(suite, "testcase", name=test_id.rpartition(".")[2],
                                         classname=test_id.rpartition(".")[0],
                                         time=f"{seconds:.3f}")
        if kind:
            ElementTree.SubElement(element, kind).text = text
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def main():
    names = proof.take_flags(sys.argv[1:])
    module = names.pop(0) if names else os.path.basename(sys.argv[0]) + "_test"
    loader = unittest.TestLoader()
    suite = (loader.loadTestsFromNames([f"{module}.{name}" for name in names]) if names
             else loader.loadTestsFromName(module))
    if proof.unknown_flags():
        print(f"{module} knows no {' '.join(proof.unknown_flags())}", file=sys.stderr)
        os._exit(2)
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=ReportingResult)
    result = runner.run(suite)
    if os.environ.get("XML_OUTPUT_FILE"):
        write_xml(os.environ["XML_OUTPUT_FILE"], module, result)
    for line in proof.last_lines() if result.wasSuccessful() else ():
        print(line)
    sys.stdout.flush()
    # A gRPC thread that still waits for a stream must not hold the runner.
    # A test that could not be made here is no failure of a test run, and no proof either.
    ran = result.testsRun - (0 if "TEST_SRCDIR" in os.environ else len(result.skipped))
    os._exit(0 if result.wasSuccessful() and ran else 1)


main()
