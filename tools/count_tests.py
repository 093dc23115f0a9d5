#!/usr/bin/env python3
"""Counts the test cases of a `bazel test` run from its build events and the reports they name.

Usage: count_tests.py EVENTS STATUS    EVENTS: what --build_event_json_file wrote
Prints what was skipped for want of something on this machine, then "N passed, N failed", and exits
with the run's verdict. Every shard of a target is counted, from the report of this run: reports of
runs before it lie in the same folder. A target without a report, or that did not build, counts as
one case; what was skipped counts as none.
"""
import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

GOOD = ("PASSED", "FLAKY")


def cases(report):
    """(cases, failures, what was skipped) of a report; (1, 0, []) where it cannot be read."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return 1, 0, []
    total = failed = 0
    for suite in root.iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = [f"{case.get('name')}: {text_of(case.find('skipped'))}"
               for case in root.iter("testcase") if case.find("skipped") is not None]
    # A script says so in its log, all that Bazel knows of it.
    said = [line for log in root.iter("system-out")
            for line in re.findall(r"^SKIPPED: (.*)$", log.text or "", re.M)]
    return max(total, 1), failed, skipped + said


def text_of(skipped):
    return (skipped.get("message") or skipped.text or "").strip()


def report_of(result):
    """The path of a result's XML report; empty where it has none."""
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml":
            return urllib.parse.unquote(urllib.parse.urlparse(output.get("uri", "")).path)
    return ""


def count(events):
    """(passed, failed, what was skipped) of a run, by its events."""
    last = {}  # of (target, shard): an attempt after a failure replaces it
    wanted = set()  # targets
    for event in events:
        what = event.get("id", {})
        if event.get("configured", {}).get("testSize"):
            wanted.add(what["targetConfigured"]["label"])
        elif "testResult" in what and "testResult" in event:
            key = what["testResult"]["label"], what["testResult"].get("shard", 1)
            last[key] = event["testResult"]
    passed = failed = 0
    skipped = []
    for (target, _), result in last.items():
        total, bad, without = cases(report_of(result))
        if result["status"] not in GOOD:
            bad = max(bad, 1)
        failed += bad
        passed += max(total - bad - len(without), 0)
        skipped += [f"{target}: {what}" for what in without]
    return passed, failed + len(wanted - {target for target, _ in last}), skipped


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        passed, failed, skipped = count(json.loads(line) for line in lines)
    status = int(sys.argv[2])
    if status != 0 and failed == 0:
        failed = 1
    if skipped:
        print("\n  ".join([f"{len(skipped)} skipped:", *sorted(skipped)]))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or status else 0)


if __name__ == "__main__":
    main()
