#!/usr/bin/python3 -B
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ.get("TEST_SRCDIR", "."),
                                os.environ.get("TEST_WORKSPACE", ""), "tools"))
from count_tests import count  # pylint: disable=wrong-import-position


def wanted(target):
    return {"id": {"targetConfigured": {"label": target}},
            "configured": {"targetKind": "cc_test rule", "testSize": "SMALL"}}


class CountTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)

    def report(self, name, tests, failures=0):
        path = os.path.join(self._folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<testsuites><testsuite tests="{tests}" failures="{failures}" errors="0"/>'
                       "</testsuites>")
        return path

    @staticmethod
    def result(target, path, status="PASSED", shard=1):
        return {"id": {"testResult": {"label": target, "shard": shard}},
                "testResult": {"status": status, "testActionOutput": [
                    {"name": "test.log", "uri": "file:///nowhere"},
                    {"name": "test.xml", "uri": "file://" + path}]}}

    def test_each_case_of_each_shard_counts(self):
        self.assertEqual(count([
            wanted("//:a"), wanted("//:b"),
            self.result("//:a", self.report("a/shard_1/test.xml", 3), shard=1),
            self.result("//:a", self.report("a/shard_2/test.xml", 4), shard=2),
            self.result("//:b", self.report("b/test.xml", 10))]), (17, 0, []))

    def test_a_report_that_no_result_names_is_of_an_earlier_run(self):
        self.report("a/test.xml", 50)
        self.assertEqual(count([
            wanted("//:a"),
            self.result("//:a", self.report("a/shard_1/test.xml", 3))]), (3, 0, []))

    def test_failures_are_told_from_what_passed(self):
        self.assertEqual(count([
            wanted("//:a"),
            self.result("//:a", self.report("a/test.xml", 5, failures=2), "FAILED")]), (3, 2, []))

    def test_a_target_that_failed_without_a_failing_case_counts_as_one_failure(self):
        self.assertEqual(count([
            wanted("//:a"), wanted("//:b"),
            self.result("//:a", self.report("a/test.xml", 5), "TIMEOUT"),
            self.result("//:b", "/nowhere/test.xml", "FAILED")]), (4, 2, []))

    def test_an_attempt_after_a_failure_replaces_it(self):
        self.assertEqual(count([
            wanted("//:a"),
            self.result("//:a", self.report("a/test.xml", 5, failures=1), "FAILED"),
            self.result("//:a", self.report("a/test.xml", 5), "FLAKY")]), (5, 0, []))

    def test_what_never_ran_failed(self):
        not_a_test = {"id": {"targetConfigured": {"label": "//:library"}},
                      "configured": {"targetKind": "cc_library rule"}}
        self.assertEqual(count([wanted("//:a"), not_a_test]), (0, 1, []))

    def test_a_target_without_a_report_is_one_case(self):
        self.assertEqual(count([
            wanted("//:a"), self.result("//:a", "/nowhere/test.xml")]), (1, 0, []))

    def test_what_was_skipped_is_told_and_counts_as_nothing(self):
        gtest = os.path.join(self._folder.name, "gtest.xml")
        script = os.path.join(self._folder.name, "script.xml")
        with open(gtest, "w", encoding="utf-8") as file:
            file.write('<testsuites><testsuite tests="2" failures="0" skipped="1">'
                       '<testcase name="Runs"/><testcase name="Cannot">'
                       '<skipped message="no allocator"/></testcase></testsuite></testsuites>')
        with open(script, "w", encoding="utf-8") as file:
            file.write('<testsuites><testsuite tests="1" failures="0" errors="0"><testcase name="x"/>'
                       '<system-out>\nSKIPPED: php: no php\n</system-out></testsuite></testsuites>')
        self.assertEqual(
            count([wanted("//:a"), self.result("//:a", gtest), self.result("//:b", script)]),
            (1, 0, ["//:a: Cannot: no allocator", "//:b: php: no php"]))


if __name__ == "__main__":
    unittest.main()
