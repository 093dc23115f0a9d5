"""kill -9 in the middle of many sends: nothing that was answered is lost, nothing is sent twice.

The callers do what every caller should: after an error they repeat the send under the same ref.
The judge is the ledger of the provider's stand-in, a process that is never killed here.
"""
import collections
import threading

import grpc

from topupd_process import E2eTest, status_of
from topup.v1 import topup_service_pb2 as v1

SENDS = 200
THREADS = 16
# kill -9 once so many sends are answered.
KILL_AFTER = (20, 60, 110, 150)
SHORT = ("--resend_grace=2s", "--provider_timeout=2s", "--submit_concurrency=16")
# Answers that come late keep POSTs in flight, so that a kill hits some of them; some get lost.
LATE_ANSWERS = """
    rules { endpoints: SEND kind: DELAY moment: AFTER_ACCEPTANCE delay_ms: 150 per_mille: 500 }
    behaviour { pending_ms: 2000 handling_ms: 2000 }"""
LOST_ANSWERS = """
    rules { endpoints: SEND kind: CLOSE moment: AFTER_ACCEPTANCE per_mille: 50 }
    rules { endpoints: SEND kind: CLOSE moment: BEFORE_ACCEPTANCE attempts: FIRST per_mille: 50 }
    """ + LATE_ANSWERS


class Crowd:
    """Threads that send SENDS top-ups, each under one ref until it is answered."""

    def __init__(self, caller):
        self._caller = caller  # () -> the caller of the server that runs now
        self._lock = threading.Condition()
        self._refs = collections.deque(f"order-{number:03}" for number in range(SENDS))
        self.answered = {}  # ref -> topup_id of the answer
        self.repeats = 0
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self._threads:
            thread.join()

    def wait_for_answers(self, count):
        with self._lock:
            assert self._lock.wait_for(lambda: len(self.answered) >= count, timeout=60)

    def _work(self):
        while True:
            with self._lock:
                if not self._refs:
                    return
                ref = self._refs.popleft()
            topup = self._send(ref)
            with self._lock:
                self.answered[ref] = topup.topup_id
                self._lock.notify_all()

    def _send(self, ref):
        # A minute's worth of repeats at the pace below: then the test fails, and ends.
        for _ in range(1200):
            try:
                return self._caller().send(ref, f"06610{ref[-3:]}00")
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                with self._lock:
                    self.repeats += 1
                    self._lock.wait(timeout=0.05)
        raise AssertionError(f"{ref} is never answered")


class CrashTest(E2eTest):

    def test_two_hundred_sends_survive_kills_and_are_each_accepted_once(self):
        sandbox = self.start_sandbox(faults=LATE_ANSWERS)
        topups = self.send_through_kills(sandbox)
        self.check_books(sandbox, topups)
        # No answer was lost but by the kills: the first POST of each was the only one.
        posts = collections.Counter(post["ref"] for post in sandbox.posts())
        self.assertEqual(set(posts.values()), {1})

    def test_lost_answers_on_top_of_the_kills_make_nothing_twice(self):
        sandbox = self.start_sandbox(faults=LOST_ANSWERS)
        topups = self.send_through_kills(sandbox)
        self.check_books(sandbox, topups)

    def send_through_kills(self, sandbox):
        """Every top-up by ref, settled."""
        current = [self.call(self.start_topupd(*SHORT, sandbox=sandbox))]
        with Crowd(lambda: current[0]) as crowd:
            for count in KILL_AFTER:
                crowd.wait_for_answers(count)
                self.processes[-1].kill()
                current[0] = self.call(self.start_topupd(*SHORT, sandbox=sandbox))
        self.assertEqual(len(crowd.answered), SENDS)
        self.assertGreater(crowd.repeats, 0)
        topups = self.settle_all(current[0])
        for ref, topup_id in crowd.answered.items():
            self.assertEqual(topups[ref].topup_id, topup_id, ref)
        return topups

    def settle_all(self, caller):
        """Reads all changes from the first one on until every top-up is settled."""
        topups = {}
        stream = caller.topups.WatchTopups(v1.WatchTopupsRequest(from_oldest=True), timeout=100)
        for event in stream:
            if event.HasField("topup"):
                self.assertGreater(event.topup.revision, getattr(
                    topups.get(event.topup.ref), "revision", 0))
                topups[event.topup.ref] = event.topup
            settled = sum(1 for topup in topups.values() if topup.HasField("settle_time"))
            if settled == SENDS:
                stream.cancel()
                return topups
        return self.fail(f"{settled} of {SENDS} settled")

    def check_books(self, sandbox, topups):
        """The provider's ledger and our records tell the same story."""
        self.assertEqual({status_of(topup) for topup in topups.values()}, {"FULFILLED"})
        accepted = collections.Counter(entry["ref"] for entry in sandbox.accepted())
        self.assertEqual(accepted, {topup.provider_ref: 1 for topup in topups.values()})
        # A POST after the acceptance would be a second top-up at a provider that keeps no refs.
        taken = set()
        for entry in sandbox.ledger():
            if entry["kind"] == "accepted":
                taken.add(entry["ref"])
            elif entry.get("endpoint") == "send":
                self.assertNotIn(entry["ref"], taken)
        # The kills did hit POSTs under way, and what became of them was asked.
        self.assertTrue(any(entry.get("endpoint") == "check_ref" for entry in sandbox.ledger()))
