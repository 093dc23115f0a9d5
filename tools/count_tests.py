#!/usr/bin/env python3
"""Counts the test cases of a `bazel test` run from its log and the tests' XML reports.

Usage: count_tests.py LOG STATUS. Prints "N passed, N failed" and exits with the run's verdict.
A target without a report, or that did not build, counts as one case.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree


def cases(target):
    """(cases, failures) of a target's report; (1, 0) where it has none that can be read."""
    path = "out/testlogs/" + target.lstrip("/").replace(":", "/") + "/test.xml"
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return 1, 0
    total = failed = 0
    for suite in root.iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return max(total, 1), failed


def main():
    log, status = open(sys.argv[1], encoding="utf-8", errors="replace").read(), int(sys.argv[2])
    passed = failed = 0
    for target, verdict in re.findall(
            r"^(//\S+)\s+(?:\(cached\) )?(PASSED|FLAKY|FAILED TO BUILD|FAILED|TIMEOUT|NO STATUS)", log, re.M):
        total, bad = cases(target)
        if verdict in ("PASSED", "FLAKY"):
            passed += total
        elif verdict == "FAILED":
            bad = max(bad, 1)
            failed += bad
            passed += max(total - bad, 0)
        else:
            failed += 1
    if status != 0 and failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or status else 0)


main()
