"""What the provider refuses, and what is promised about a send that is recorded already.

How soon a watcher is told of it, tests/server/engine/topup_engine_test.cc says in virtual time.
"""
import grpc

from topupd_process import E2eTest, details_of, status_of, wait_until
from topup.admin.v1 import admin_service_pb2 as admin
from topup.v1 import topup_service_pb2 as v1


class RefusalTest(E2eTest):

    def refused(self, server, ref, phone):
        """Watches every change while `ref` is sent; the refusal."""
        caller = self.call(server)
        watch = caller.topups.WatchTopups(v1.WatchTopupsRequest(), timeout=60)
        next(watch)  # a heartbeat: from here on nothing is missed
        caller.send(ref, phone)
        for event in watch:
            if event.topup.ref == ref and status_of(event.topup) == "REJECTED":
                watch.cancel()
                return event.topup
        return self.fail("the stream ended without a refusal")

    def test_each_plain_refusal_reaches_the_watcher(self):
        sandbox = self.start_sandbox()
        server = self.start_topupd(sandbox=sandbox)
        for phone, reason in (("0600000130", "PROVIDER_VALIDATION"),
                              ("0600000133", "PROVIDER_VALIDATION"),
                              ("0600000134", "PROVIDER_REFUSED")):
            with self.subTest(phone=phone):
                topup = self.refused(server, f"to-{phone}", phone)
                self.assertEqual(topup.rejection_reason, reason)
                self.assertNotEqual(topup.rejection_detail, "")
                self.assertEqual(topup.refund_advice, v1.REFUND_ADVICE_REFUND)
                self.assertEqual(len(sandbox.posts(topup.provider_ref)), 1)
        self.assertEqual(sandbox.accepted(), [])

    def test_an_empty_balance_refuses_at_once_and_sends_go_on_once_it_is_filled(self):
        sandbox = self.start_sandbox()
        server = self.start_topupd(sandbox=sandbox)
        # The balance that was read at the start says there is enough.
        sandbox.put("balance", {"balance_centimes": 100})
        topup = self.refused(server, "r1", "0600000000")
        self.assertEqual(topup.rejection_reason, "PROVIDER_INSUFFICIENT_BALANCE")
        caller = self.call(server)
        request = v1.SendTopupRequest(ref="r2", phone_number="0600000001",
                                      plan_code="PREPAID_MOBILIS", amount_dzd=500)
        self.assert_fails("FAILED_PRECONDITION", "PROVIDER_BALANCE_LOW", caller.topups.SendTopup,
                          request)
        sandbox.put("balance", {"balance_centimes": 10_000_000})
        # The balance is read every 15 s while there is none.
        wait_until("the account to sell again", lambda: not self.is_refused(caller, request))
        self.assertEqual(status_of(caller.settle("r2")), "REFUNDED")

    @staticmethod
    def is_refused(caller, request):
        try:
            caller.topups.SendTopup(request)
            return False
        except grpc.RpcError as error:
            if details_of(error)[1].reason != "PROVIDER_BALANCE_LOW":
                raise
            return True

    def test_a_recorded_send_gets_its_topup_although_the_plan_is_switched_off_since(self):
        sandbox = self.start_sandbox()
        caller = self.call(self.start_topupd(sandbox=sandbox))
        request = v1.SendTopupRequest(ref="r1", phone_number="0600000000",
                                      plan_code="PREPAID_MOBILIS", amount_dzd=500,
                                      wait_for=v1.WAIT_FOR_SUBMITTED)
        first = caller.topups.SendTopup(request)
        sandbox.put("plans", {"code": "PREPAID_MOBILIS", "isEnabled": False})
        changes = caller.admin.RefreshPlans(admin.RefreshPlansRequest()).changes
        self.assertTrue(any("PREPAID_MOBILIS" in change for change in changes), changes)
        again = caller.topups.SendTopup(request)
        self.assertTrue(again.replayed)
        self.assertEqual(again.topup.topup_id, first.topup.topup_id)
        other = v1.SendTopupRequest(ref="r2", phone_number="0600000000",
                                    plan_code="PREPAID_MOBILIS", amount_dzd=500)
        self.assert_fails("FAILED_PRECONDITION", "PLAN_DISABLED", caller.topups.SendTopup, other)
        self.assertEqual(status_of(caller.settle("r1")), "FULFILLED")
        self.assertEqual(len(sandbox.accepted()), 1)
