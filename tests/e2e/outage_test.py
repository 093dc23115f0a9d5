"""The provider is away: at the start, and for what stands for an hour. Nothing is lost, nothing
is sent twice, and everything settles once it is back.
"""
import collections
import time

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from topupd_process import E2eTest, Sandbox, status_of, wait_until
from topup.v1 import topup_service_pb2 as v1

# A day as seconds: how long a top-up may stay in doubt. The window of a send stays at minutes, so
# that a slow machine is not late for it.
SHORT = ("--never_accepted_after=12s", "--resend_grace=1s", "--max_attempts=2")
# What is open stays so until the test says otherwise. No list and no read by ref tells before the
# outage that the lost answer was an acceptance; of what was never taken one read tells.
FAULTS = """rules { endpoints: LIST kind: EMPTY_BODY }
rules { endpoints: CHECK_REF numbers: "0600000142" kind: EMPTY_BODY }
rules { endpoints: CHECK_REF skip: 1 each_ref: true kind: EMPTY_BODY }
behaviour { pending_ms: 864000000 }"""
# Numbers of the stand-in.
ACCEPTED_BUT_RESET = "0600000142"
NEVER_TAKEN = "0600000154"
REFUNDED = "0600000001"


class OutageTest(E2eTest):

    def test_without_the_provider_the_stored_catalogue_sells_and_sends_wait(self):
        sandbox = self.start_sandbox()
        first = self.start_topupd(sandbox=sandbox)
        plans = self.call(first).topups.ListPlans(v1.ListPlansRequest())
        self.assertEqual(first.terminate(), 0)
        sandbox.terminate()

        server = self.start_topupd(sandbox=sandbox)
        caller = self.call(server)
        again = caller.topups.ListPlans(v1.ListPlansRequest())
        self.assertEqual([plan.plan_code for plan in again.plans],
                         [plan.plan_code for plan in plans.plans])
        self.assertEqual(again.catalogue_time.ToMicroseconds(),
                         plans.catalogue_time.ToMicroseconds())
        caller.watch_health("provider", serving=False)
        caller.watch_health("topup.v1.TopupService", serving=True)
        self.assertEqual(server.get("/readyz")[0], 200)
        self.assertEqual(status_of(caller.send("r1", "0660000000")), "QUEUED")

        back = self.keep(Sandbox(self.folder, port=sandbox.port))
        caller.watch_health("provider", serving=True)
        self.assertEqual(status_of(caller.settle("r1")), "FULFILLED")
        self.check_books(back, [caller.get("r1")])

    def test_without_the_provider_and_without_a_catalogue_it_starts_and_says_so(self):
        sandbox = self.start_sandbox()
        sandbox.terminate()
        caller = self.call(self.start_topupd(sandbox=sandbox))
        request = v1.SendTopupRequest(ref="r1", phone_number="0660000000",
                                      plan_code="PREPAID_MOBILIS", amount_dzd=500)
        self.assert_fails("UNAVAILABLE", "CATALOGUE_UNAVAILABLE", caller.topups.SendTopup, request)

    def test_an_hour_without_the_provider_loses_nothing_and_makes_nothing_twice(self):
        sandbox = self.start_sandbox(faults=FAULTS)
        server = self.start_topupd(*SHORT, sandbox=sandbox)
        caller = self.call(server)
        self.send_before_the_outage(caller, sandbox)
        sandbox.kill()
        self.send_during_the_outage(caller)

        back = self.keep(Sandbox(self.folder, port=sandbox.port))
        for ref in (*(f"open-{n}" for n in range(4)), "answer-lost"):
            self.end_at_the_provider(back, caller.get(ref), "FULFILLED")
        self.end_at_the_provider(back, caller.get("open-refunded"), "REFUNDED")
        settled = self.settle_all(caller, 13)
        fates = {ref: status_of(topup) for ref, topup in settled.items()}
        self.assertEqual(fates, {
            **{f"open-{n}": "FULFILLED" for n in range(4)}, "open-refunded": "REFUNDED",
            "answer-lost": "FULFILLED", "never-taken": "REJECTED",
            **{f"short-{n}": "REJECTED" for n in range(2)},
            **{f"queued-{n}": "FULFILLED" for n in range(4)}})
        self.assertEqual(settled["never-taken"].rejection_reason, "NEVER_ACCEPTED")
        self.assertEqual(settled["short-0"].rejection_reason, "EXPIRED")
        self.assertEqual(settled["short-1"].rejection_reason, "EXPIRED")
        self.check_books(back, settled.values())
        self.assertEqual(len(back.posts(settled["never-taken"].provider_ref)), 2)
        self.assertEqual(server.events("incident.found"), [])

    def send_before_the_outage(self, caller, sandbox):
        """What is open at the provider, what it has without our knowing, and what it never got."""
        for number in range(4):
            caller.send(f"open-{number}", f"066000000{number}")
        caller.send("open-refunded", REFUNDED)
        for number in range(4):
            caller.watch_until(f"open-{number}", "PENDING")
        caller.watch_until("open-refunded", "PENDING")
        never = caller.send("never-taken", NEVER_TAKEN)
        wait_until("the first not-found", lambda: any(
            entry.get("path", "").endswith(never.provider_ref) for entry in sandbox.ledger()))
        lost = caller.send("answer-lost", ACCEPTED_BUT_RESET)
        wait_until("the POST", lambda: sandbox.posts(lost.provider_ref))

    def end_at_the_provider(self, sandbox, topup, status):
        sandbox.put("topups", {"ref": topup.provider_ref, "status": status})

    def send_for_a_moment(self, caller, ref, phone):
        """A machine that is too slow for one moment gets a longer one."""
        for seconds in (1.5, 6, 24):
            soon = Timestamp()
            soon.FromMilliseconds(int((time.time() + seconds) * 1000))
            try:
                return caller.send(ref, phone, send_before=soon)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
        return self.fail(f"{ref} was over before it arrived")

    def send_during_the_outage(self, caller):
        """What has to be unsent after a moment, and what may wait."""
        for number in range(2):
            self.send_for_a_moment(caller, f"short-{number}", f"066100000{number}")
        for number in range(4):
            caller.send(f"queued-{number}", f"066200000{number}")
        caller.watch_health("provider", serving=False)
        for number in range(2):
            self.assertEqual(caller.settle(f"short-{number}").rejection_reason, "EXPIRED")
        for ref, status in (("open-0", "PENDING"), ("answer-lost", "SUBMITTING"),
                            ("never-taken", "SUBMITTING"), ("queued-3", "QUEUED")):
            self.assertEqual(status_of(caller.get(ref)), status)

    def settle_all(self, caller, count):
        settled = {}
        stream = caller.topups.WatchTopups(v1.WatchTopupsRequest(from_oldest=True), timeout=100)
        for event in stream:
            if event.topup.HasField("settle_time"):
                self.assertNotIn(event.topup.ref, settled)
                settled[event.topup.ref] = event.topup
            if len(settled) == count:
                stream.cancel()
                return settled
        return self.fail(f"only {sorted(settled)} settled")

    def check_books(self, sandbox, topups):
        """Accepted once each: what is FULFILLED or REFUNDED, and nothing else."""
        accepted = collections.Counter(entry["ref"] for entry in sandbox.accepted())
        self.assertEqual(accepted, {topup.provider_ref: 1 for topup in topups
                                    if status_of(topup) in ("FULFILLED", "REFUNDED")})
