#!/usr/bin/python3 -B
"""Every event that the product logs is in docs/log_events.md under its severity, and no other is."""
import os
import re
import unittest

# Not written by a call that names both: what the page has them under.
OTHERS = {"connections.not_accepted": "ERROR", "connections.refused": "ERROR",
          "grpc.complained": "WARNING", "incident.found": "ERROR", "post.answered": "INFO",
          "strategy.logged": "INFO", "topup.changed": "INFO", "topup.settled": "INFO"}
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
            for event in OTHERS:
                if f'"{event}"' in source:
                    events[event] = OTHERS[event]
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
