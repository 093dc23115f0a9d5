"""What the person on call is shown, decides and closes, with the command that they have."""
import json
import os
import subprocess

from topupd_process import CLI, E2eTest, status_of, wait_until
from topup.admin.v1 import admin_service_pb2 as admin
from topup.v1 import topup_service_pb2 as v1

UNKNOWN_ERROR = "0600000003"  # for ever
OTHER_CHARGE = "0600000112"   # FULFILLED, with another charge than was agreed
NEVER_FULFILLED = "0600000101"


class CasesTest(E2eTest):

    def topup(self, server, *arguments, status=0):
        """What `topup ARGUMENTS` prints as JSON; its text on the error side where it is refused."""
        run = subprocess.run(
            [os.path.abspath(CLI), *arguments, f"--server={server.address}", "--output=json"],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return json.loads(run.stdout) if status == 0 else run.stderr

    def test_a_person_settles_what_the_provider_does_not_know(self):
        server = self.start_topupd("--unknown_review_after=3s", sandbox=self.start_sandbox())
        caller = self.call(server)
        caller.send("u1", UNKNOWN_ERROR)
        topup = caller.watch_until("u1", "UNKNOWN_ERROR")

        listed = self.topup(server, "admin", "unsettled")
        self.assertEqual([entry["reason"] for entry in listed["topups"]], ["UNKNOWN_ERROR"])
        self.assertEqual(len(listed["topups"][0]["attempts"]), 1)
        self.assertEqual(listed["total"], "1")
        self.assertEqual(int(listed["valueAtRisk"]["centimes"]), topup.price.price.centimes)

        resolve = ["admin", "resolve", topup.topup_id, "--as=fulfilled", "--reason=they have it"]
        refused = admin.ResolveTopupRequest(
            topup_id=topup.topup_id, status=v1.TOPUP_STATUS_FULFILLED, reason="they have it",
            expected_revision=1)
        self.assert_fails("ABORTED", "REVISION_CHANGED", caller.admin.ResolveTopup, refused)
        wait_until("the provider's time to be over",
                   lambda: caller.get("u1").refund_advice == v1.REFUND_ADVICE_REVIEW)
        resolved = self.topup(server, *resolve)
        self.assertEqual(resolved["resolution"]["decidedBy"], "local")
        settled = caller.get("u1")
        self.assertEqual(status_of(settled), "FULFILLED")
        self.assertEqual(settled.refund_advice, v1.REFUND_ADVICE_NONE)
        self.assertEqual(self.topup(server, *resolve)["resolution"], resolved["resolution"])
        self.assertEqual(self.topup(server, "admin", "unsettled").get("total", "0"), "0")
        refused = ["admin", "resolve", topup.topup_id, "--as=refunded", "--reason=changed my mind",
                   "--override"]
        self.assertIn("NOT_RESOLVABLE", self.topup(server, *refused, status=1))

    def test_nobody_settles_what_the_provider_may_still_answer_without_override(self):
        server = self.start_topupd(sandbox=self.start_sandbox())
        caller = self.call(server)
        caller.send("p1", NEVER_FULFILLED)
        topup = caller.watch_until("p1", "PENDING")
        resolve = ["admin", "resolve", topup.topup_id, "--as=rejected", "--reason=they say never"]
        self.assertIn("NOT_RESOLVABLE", self.topup(server, *resolve, status=1))
        self.topup(server, *resolve, "--override")
        settled = caller.get("p1")
        self.assertEqual(status_of(settled), "REJECTED")
        self.assertEqual(settled.rejection_reason, "RESOLVED_BY_PERSON")
        self.assertEqual(settled.refund_advice, v1.REFUND_ADVICE_REFUND)

    def test_an_incident_is_listed_until_it_is_closed_with_a_reason(self):
        server = self.start_topupd(sandbox=self.start_sandbox())
        caller = self.call(server)
        caller.send("c1", OTHER_CHARGE)
        topup = caller.settle("c1")
        incidents = wait_until("the incident", lambda: self.topup(
            server, "admin", "incidents").get("incidents"))
        self.assertEqual([(incident["kind"], incident["topupId"]) for incident in incidents],
                         [("CHARGE_MISMATCH", topup.topup_id)])
        close = ["admin", "close-incident", incidents[0]["incidentId"], "--reason=paid back"]
        closed = self.topup(server, *close)["incident"]["resolution"]
        self.assertEqual((closed["decidedBy"], closed["reason"]), ("local", "paid back"))
        self.assertEqual(self.topup(server, *close)["incident"]["resolution"], closed)
        self.assertFalse(self.topup(server, "admin", "incidents").get("incidents"))
        kept = self.topup(server, "admin", "incidents", "--all")["incidents"]
        self.assertEqual([incident["resolution"] for incident in kept], [closed])
        missing = ["admin", "close-incident", "no-such", "--reason=x"]
        self.assertIn("INCIDENT_NOT_FOUND", self.topup(server, *missing, status=1))
