"""A backup that is put back while the provider has gone on: nothing is sold twice, what the backup
has lost is reported, and all that it holds settles.

Flags: --cycles=N, one restore after the other of one store; --plant=mark, which copies the mark
along with the backup: then nobody can tell that it is one, and the test has to fail.
"""
import collections
import os
import shutil
import sqlite3

from proof import figures, flag, size
from topupd_process import LIMIT, E2eTest, Sandbox, status_of, wait_until
from topup.admin.v1 import admin_service_pb2 as admin
from topup.v1 import topup_service_pb2 as v1

CYCLES = size("cycles", 1)
PLANT = flag("plant", "")
# The grace, and how long the provider may stay without a top-up, as seconds.
SHORT = ("--provider_timeout=2s", "--resend_grace=1s", "--never_accepted_after=4s")
SETTLED, QUEUED, LOST = 4, 4, 5  # top-ups of one cycle, of each kind
CANCELLED = "cancelled"  # of those that are queued in the backup
OPEN = "0600000101"  # PENDING until the test ends it


class RestoreTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.sandbox = self.start_sandbox()
        self.server = self.start_topupd(*SHORT, sandbox=self.sandbox)
        self.caller = self.call(self.server)
        self.store = self.path("topup.db")
        self.backup = self.path("backup.db")
        self.lost = {}  # provider ref -> top-up, of all cycles

    def test_a_restored_backup_sells_nothing_twice_and_loses_nothing_unseen(self):
        held = 0
        for cycle in range(CYCLES):
            queued, open_ref = self.fill_before_the_backup(cycle)
            self.make_backup()
            self.go_on_after_the_backup(cycle, queued)
            posts = len(self.sandbox.posts())
            self.stop_and_restore(cycle)
            self.check_what_is_held(queued, open_ref, posts)
            self.check_orphans()
            self.check_new_sends(cycle)
            held += len(queued) + 1
        accepted = collections.Counter(entry["ref"] for entry in self.sandbox.accepted())
        self.assertEqual(set(accepted.values()), {1})
        figures(f"restores: {CYCLES} restores, {held} open in the backups, {len(self.lost)} lost "
                f"with them and reported, 0 sent again, 0 accepted twice")

    def send_all(self, prefix, count, number="066100000"):
        return [self.caller.send(f"{prefix}-{i}", f"{number}{i}", allow_repeat=True)
                for i in range(count)]

    def fill_before_the_backup(self, cycle):
        """Settled ones, one that is open at the provider, and some that wait for it: it is down."""
        for topup in self.send_all(f"settled-{cycle}", SETTLED):
            self.caller.settle(topup.ref)
        open_ref = self.caller.send(f"open-{cycle}", OPEN, allow_repeat=True).ref
        self.caller.watch_until(open_ref, "PENDING")
        self.sandbox.kill()
        queued = self.send_all(f"queued-{cycle}", QUEUED)
        queued.append(self.caller.send(f"{CANCELLED}-{cycle}", "0661000009", allow_repeat=True))
        for topup in queued:
            self.assertEqual(status_of(topup), "QUEUED")
        return queued, open_ref

    def make_backup(self):
        """Beside the service, as `sqlite3 topup.db ".backup ..."` does it."""
        source = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
        target = sqlite3.connect(self.backup)
        source.backup(target)
        target.close()
        source.close()
        shutil.copy(self.store + ".mark", self.backup + ".mark")

    def go_on_after_the_backup(self, cycle, queued):
        """What was queued is sold, one is cancelled, and others come that the backup has not."""
        cancelled = queued[-1]
        self.caller.topups.CancelTopup(v1.CancelTopupRequest(ref=cancelled.ref), timeout=LIMIT)
        self.sandbox = self.keep(Sandbox(self.folder, port=self.sandbox.port))
        for topup in queued[:-1]:
            self.assertEqual(status_of(self.caller.settle(topup.ref)), "FULFILLED")
        for topup in self.send_all(f"lost-{cycle}", LOST, "066200000"):
            self.caller.watch_until(topup.ref, "PENDING", "HANDLING", "FULFILLED")
            self.lost[topup.provider_ref] = topup

    def stop_and_restore(self, cycle):
        """As docs/operating.md says; every other time after a crash and onto a new disk."""
        if cycle % 2 == 0:
            self.assertEqual(self.server.terminate(), 0)
        else:
            self.server.kill()
            os.remove(self.store + ".mark")
        for end in ("-wal", "-shm"):
            if os.path.exists(self.store + end):
                os.remove(self.store + end)
        os.replace(self.store, self.path(f"topup.db.before_{cycle}"))
        shutil.copy(self.backup, self.store)
        if PLANT == "mark":
            shutil.copy(self.backup + ".mark", self.store + ".mark")
        os.remove(self.backup)
        self.server = self.start_topupd(*SHORT, sandbox=self.sandbox)
        self.caller = self.call(self.server)

    def check_what_is_held(self, queued, open_ref, posts):
        """All of it settles as the provider has it, without another POST."""
        for topup in queued[:-1]:
            self.assertEqual(status_of(self.caller.settle(topup.ref)), "FULFILLED")
        self.assertEqual(status_of(self.caller.get(open_ref)), "PENDING")
        self.sandbox.put("topups", {"ref": self.caller.get(open_ref).provider_ref,
                                    "status": "FULFILLED"})
        self.assertEqual(status_of(self.caller.settle(open_ref)), "FULFILLED")
        cancelled = self.caller.settle(queued[-1].ref)
        self.assertEqual(cancelled.rejection_reason, "NEVER_ACCEPTED")
        self.assertEqual(self.sandbox.posts()[posts:], [])
        self.assertEqual(len(self.server.events("store.restored")), 1)
        self.assertIn("topup_store_older_copy 1", self.server.get("/metrics")[1])

    def check_orphans(self):
        """Each is an incident within the first pass, once, however often there was a restore."""
        wait_until("the first pass", lambda: self.server.events("sweep.ended"))
        incidents = self.incidents()
        self.assertEqual({incident.kind for incident in incidents}, {"UNKNOWN_PROVIDER_TOPUP"})
        named = collections.Counter(
            next(ref for ref in self.lost if ref in incident.detail) for incident in incidents)
        self.assertEqual(named, {ref: 1 for ref in self.lost})
        for incident in incidents:
            self.assertRegex(incident.detail, "500 DZD of PREPAID_MOBILIS for 06[*]{6}0[0-9], made 2")

    def incidents(self):
        request = admin.ListIncidentsRequest(page_size=100)
        incidents = []
        while True:
            page = self.caller.admin.ListIncidents(request, timeout=LIMIT)
            incidents += page.incidents
            if not page.next_page_token:
                return incidents
            request.page_token = page.next_page_token

    def check_new_sends(self, cycle):
        for topup in self.send_all(f"new-{cycle}", 2):
            self.assertEqual(status_of(self.caller.settle(topup.ref)), "FULFILLED")
