#!/usr/bin/python3 -B
"""Every event that the product logs is in docs/log_events.md under its severity, and no other is."""
import os
import re
import unittest

# The severity is decided where they are written.
DECIDED_THERE = {"grpc.complained": "WARNING", "post.answered": "INFO", "strategy.logged": "INFO",
                 "topup.changed": "INFO", "topup.settled": "INFO"}
CALL = re.compile(r'(?:\.|->)\s*(Info|Warning|Error)\(\s*"([a-z_]+\.[a-z_]+)"')


def logged():
    """Severity by event, from the sources."""
    events = {}
    for folder, _, files in os.walk("server"):
        for name in files:
            if not name.endswith(".cc"):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                source = file.read()
            for severity, event in CALL.findall(source):
                events[event] = severity.upper()
            for event in DECIDED_THERE:
                if f'"{event}"' in source:
                    events[event] = DECIDED_THERE[event]
    return events


def documented():
    """Severity by event, from the tables."""
    events = {}
    severity = None
    with open("docs/log_events.md", encoding="utf-8") as lines:
        for line in lines:
            if heading := re.match(r"## (ERROR|WARNING|INFO)", line):
                severity = heading.group(1)
            elif severity and line.startswith("| `"):
                for event in re.findall(r"`([a-z_]+\.[a-z_]+)`", line.split("|")[1]):
                    events[event] = severity
    return events


class LogEventsTest(unittest.TestCase):

    def test_the_page_lists_what_is_logged_and_nothing_else(self):
        self.assertEqual(documented(), logged())

    def test_the_sources_were_found(self):
        self.assertGreater(len(logged()), 30)


if __name__ == "__main__":
    unittest.main()
