"""SIGTERM: streams end with a token to go on from, sends are refused or finished, exit status 0."""
import os
import signal
import threading

import grpc

from holding_provider import HoldingProvider
from topupd_process import LIMIT, E2eTest, details_of, status_of, wait_until
from topup.admin.v1 import admin_service_pb2 as admin
from topup.v1 import topup_service_pb2 as v1

RESUME_TOKEN = "topup-resume-token"


class Watcher:
    """Reads a WatchTopups stream on a thread of its own, from connect to its end."""

    def __init__(self, caller, **request):
        self.seen = []  # (ref, revision) of every change, in order
        self.error = None
        self.ready = threading.Event()  # the first message is there
        self._stream = caller.topups.WatchTopups(v1.WatchTopupsRequest(**request), timeout=LIMIT)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            for event in self._stream:
                if event.HasField("topup"):
                    self.seen.append((event.topup.ref, event.topup.revision))
                self.ready.set()
        except grpc.RpcError as error:
            self.error = error
        self.ready.set()

    def end(self):
        """The error that the stream ended with."""
        self._thread.join(LIMIT)
        return self.error

    def cancel(self):
        self._stream.cancel()
        self._thread.join(LIMIT)


def resume_token_of(error):
    return dict(error.trailing_metadata()).get(RESUME_TOKEN)


class DrainTest(E2eTest):

    def test_a_shadow_that_never_answers_holds_up_neither_a_sale_nor_the_end(self):
        library = os.path.abspath("tests/server/pricing/strategies/libnever_answers.so")
        shadow = self.write("shadow", f'chain {{ name: "a" strategy {{ library: "{library}" }} }}')
        server = self.start_topupd(f"--pricing_shadow={shadow}", sandbox=self.start_sandbox())
        caller = self.call(server)
        for number in range(3):
            caller.send(f"r{number}", f"066100000{number}")
            self.assertEqual(status_of(caller.settle(f"r{number}")), "FULFILLED")
        self.assertEqual(server.terminate(), 0)
        self.assertEqual(len(server.events("pricing_shadow.abandoned")), 1)

    def test_a_candidate_that_never_answers_holds_up_neither_a_sale_nor_the_end(self):
        library = os.path.abspath("tests/server/pricing/strategies/libnever_answers.so")
        server = self.start_topupd("--shutdown_grace=1s", sandbox=self.start_sandbox())
        caller = self.call(server)
        caller.send("r0", "0661000000")
        self.assertEqual(status_of(caller.settle("r0")), "FULFILLED")
        simulation = caller.admin.SimulatePricing(admin.SimulatePricingRequest(
            config=f'chain {{ name: "a" strategy {{ library: "{library}" }} }}'), timeout=LIMIT)
        # It prices the first top-up, and never comes back.
        wait_until("the candidate is asked", lambda: '"asked"' in server.log())
        caller.send("r1", "0661000001")
        self.assertEqual(status_of(caller.settle("r1")), "FULFILLED")
        self.assertEqual(server.terminate(), 1)
        self.assertEqual(len(server.events("shutdown.abandoned")), 1)
        simulation.cancel()

    def test_a_stream_goes_on_at_the_next_server_and_misses_and_repeats_nothing(self):
        sandbox = self.start_sandbox(faults="behaviour { pending_ms: 30000 handling_ms: 30000 }")
        seen, token, refs = [], None, []
        for round_number in range(3):
            server = self.start_topupd(sandbox=sandbox)
            caller = self.call(server)
            start = {"resume_token": token} if token else {"from_oldest": True}
            watcher = Watcher(caller, **start)
            self.assertTrue(watcher.ready.wait(LIMIT))
            for number in range(10):
                refs.append(f"r{round_number}-{number}")
                caller.send(refs[-1], f"06610{round_number}00{number}0")
            server.signal(signal.SIGTERM)
            error = watcher.end()
            self.assertEqual(details_of(error)[0], "UNAVAILABLE")
            self.assertEqual(details_of(error)[1].reason, "DRAINING")
            token = resume_token_of(error)
            self.assertTrue(token)
            seen += watcher.seen
            self.assertEqual(server.wait(), 0)

        server = self.start_topupd(sandbox=sandbox)
        caller = self.call(server)
        watcher = Watcher(caller, resume_token=token)
        revisions = {ref: caller.settle(ref).revision for ref in refs}
        everything = sum(revisions.values())
        wait_until("all changes", lambda: len(seen) + len(watcher.seen) >= everything)
        watcher.cancel()
        seen += watcher.seen
        for ref, last in revisions.items():
            self.assertEqual([revision for name, revision in seen if name == ref],
                             list(range(1, last + 1)), ref)

    def test_while_it_drains_sends_are_refused_and_the_post_under_way_is_finished(self):
        provider = HoldingProvider(self.start_sandbox())
        server = self.start_topupd("--shutdown_grace=10m", "--provider_timeout=5m",
                                   sandbox=provider)
        caller = self.call(server)
        one = caller.topups.WatchTopup(
            v1.WatchTopupRequest(topup_id=caller.send("r1", "0661000001").topup_id), timeout=LIMIT)
        next(one)
        provider.wait_for_send()
        server.signal(signal.SIGTERM)
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in one:
                pass
        code, info = details_of(caught.exception)
        self.assertEqual((code, info.reason), ("UNAVAILABLE", "DRAINING"))
        caller.watch_health("topup.v1.TopupService", serving=False)
        self.assert_fails("UNAVAILABLE", "DRAINING", caller.topups.SendTopup, v1.SendTopupRequest(
            ref="r2", phone_number="0661000002", plan_code="PREPAID_MOBILIS", amount_dzd=500))
        self.assertEqual(status_of(caller.get("r1")), "SUBMITTING")
        self.assertTrue(server.running())
        provider.let_go()
        self.assertEqual(server.wait(), 0)
        self.assertEqual(len(server.events("post.answered")), 1)
        self.assertEqual(len(server.events("server.stopped")), 1)

    def test_a_second_sigterm_ends_it_at_once(self):
        server = self.start_topupd("--shutdown_grace=10m", "--provider_timeout=5m",
                                   sandbox=self.start_sandbox(
                                       faults="rules { endpoints: SEND kind: HANG }"))
        caller = self.call(server)
        watcher = Watcher(caller)
        self.assertTrue(watcher.ready.wait(LIMIT))
        caller.send("r1", "0661000001")
        wait_until("the POST to leave", lambda: status_of(caller.get("r1")) == "SUBMITTING")
        server.signal(signal.SIGTERM)
        self.assertEqual(details_of(watcher.end())[1].reason, "DRAINING")
        self.assertTrue(server.running())
        server.signal(signal.SIGTERM)
        self.assertEqual(server.wait(), 130)
