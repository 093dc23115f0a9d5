"""A disk whose N-th sync fails, under a running topupd: it says OK of nothing that is not there.

What the failing sync should have kept is taken away, as it may be from the page cache.

Flags: --points=N, values of N that are tried, spread over the life of a process.
"""
import os
import threading

import grpc

from proof import figures, size
from topupd_process import TOPUPD, E2eTest, Process, details_of

POINTS = size("points", 3)
THREADS = 6
SHIM = "tests/e2e/libfailing_sync.so"
# Syncs of one process: opening takes about five, each commit one.
FIRST, STEP = 2, 9


class Senders:
    """Threads that send until they are refused for good; each answer and each error is kept."""

    def __init__(self, caller, prefix):
        self._caller = caller
        self._prefix = prefix
        self._lock = threading.Lock()
        self.answered = {}  # ref -> topup_id
        self.errors = []    # (code, reason)
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True)
                         for number in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def join(self):
        for thread in self._threads:
            thread.join()

    def _work(self, thread):
        for number in range(100000):
            ref = f"{self._prefix}-{thread}-{number}"
            try:
                topup = self._caller.send(ref, f"06610{thread}{number % 10000:04}",
                                          allow_repeat=True)
            except grpc.RpcError as error:
                code, info = details_of(error)
                with self._lock:
                    self.errors.append((code, info.reason))
                return
            with self._lock:
                self.answered[ref] = topup.topup_id


class FailingDiskTest(E2eTest):

    def test_after_a_failed_sync_it_answers_nothing_more_and_ends(self):
        self.plain_log_lines = True
        sandbox = self.start_sandbox()
        answered, not_opened, stopped = {}, 0, 0
        for point in range(POINTS):
            nth = FIRST + STEP * point
            senders = self.send_until_it_fails(sandbox, nth)
            if senders is None:
                not_opened += 1
                continue
            stopped += 1
            answered.update(senders.answered)
            self.assertEqual(len(senders.errors), THREADS)
            for code, reason in senders.errors:
                # What gRPC says by itself of a connection that is gone has no reason.
                self.assertIn((code, reason), (("UNAVAILABLE", "STORAGE_UNAVAILABLE"),
                                               ("UNAVAILABLE", "")))
        self.check_answered(sandbox, answered)
        figures(f"failing disk: {POINTS} syncs failed, {not_opened} at the opening, {stopped} under "
                f"load, {len(answered)} sends answered, 0 false acknowledgements")

    def send_until_it_fails(self, sandbox, nth):
        """None where it did not come up: then it said so, and ended."""
        environment = {"LD_PRELOAD": os.path.abspath(SHIM), "FAILING_SYNC_AT": str(nth),
                       "FAILING_SYNC_FILE": "topup.db"}
        server = self.keep(Process(TOPUPD, self.flags(sandbox=sandbox), self.folder, environment))
        line = server.next_line()
        if line is None:
            self.assertEqual(server.wait(), 1, server.log())
            return None
        senders = Senders(self.call(line[len("listening on "):]), f"n{nth}")
        self.assertEqual(server.wait(), 1, server.log())
        senders.join()
        self.assertEqual(len(server.events("store.failed")), 1)
        return senders

    @staticmethod
    def has(caller, ref, topup_id):
        try:
            return caller.get(ref).topup_id == topup_id
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:
                raise
            return False

    def check_answered(self, sandbox, answered):
        """On the same file without the fault: all of it is there, sold once, and settles."""
        server = self.start_topupd(sandbox=sandbox)
        caller = self.call(server)
        self.assertTrue(answered)
        false = [ref for ref, topup_id in answered.items() if not self.has(caller, ref, topup_id)]
        self.assertEqual(false, [], "acknowledged, and not there")
        for ref in list(answered)[-3:]:
            caller.settle(ref)
        refs = [entry["ref"] for entry in sandbox.accepted()]
        self.assertEqual(len(refs), len(set(refs)))
