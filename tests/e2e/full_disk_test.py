"""A disk without room under load, and with room again: nothing half-recorded, nothing sent unseen.

The store is on a small file system in memory, which takes a mount namespace of its own; where that
is not allowed, the test says so and is skipped. Flags: --cycles=N, --sends=N answered and as many
refused in each, --megabytes=N: less than the write-ahead log may grow to where there is room (64 MiB),
so that it has to be written back earlier.
"""
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time

import grpc

from proof import figures, size
from topupd_process import LIMIT, E2eTest, details_of, wait_until

CYCLES = size("cycles", 2)
SENDS = size("sends", 25)
MEGABYTES = size("megabytes", 16)
THREADS = 4
PACE = 0.02  # seconds between two sends of a thread: the disk is small
INSIDE = "FULL_DISK_TEST_INSIDE"


def enter_own_mounts():
    """Starts this program anew where it may mount; False where that is not allowed."""
    if os.environ.get(INSIDE):
        return True
    for command in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        tried = subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                               capture_output=True, check=False)
        if tried.returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp(command[0], [*command, sys.executable, "-B", *sys.argv])
    return False


MAY_MOUNT = enter_own_mounts()


class Load:
    """Threads that send new top-ups without an end; tells what was answered, and when."""

    def __init__(self, caller):
        self._caller = caller
        self._changed = threading.Condition()
        self._stop = False
        self.answered = {}  # ref -> topup_id
        self.refused = set()  # refs
        self.others = []    # what no disk should cause
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True)
                         for number in range(THREADS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def wait_for(self, kind, count=1):
        """So many more answers (`answered`) or refusals (`refused`) than there are now."""
        with self._changed:
            wanted = len(getattr(self, kind)) + count
            assert self._changed.wait_for(
                lambda: self.others or len(getattr(self, kind)) >= wanted, timeout=LIMIT), kind
            assert not self.others, self.others

    def _work(self, thread):
        number = 0
        while True:
            number += 1
            ref = f"order-{thread}-{number}"
            topup, error = None, None
            try:
                topup = self._caller.send(ref, f"0661{thread}{number % 100000:05}",
                                          allow_repeat=True)
            except grpc.RpcError as failed:
                code, info = details_of(failed)
                error = (code, info.reason)
            with self._changed:
                if topup is not None:
                    self.answered[ref] = topup.topup_id
                elif error == ("RESOURCE_EXHAUSTED", "STORAGE_FULL"):
                    self.refused.add(ref)
                else:
                    self.others.append(error)
                self._changed.notify_all()
                if self._changed.wait_for(lambda: self._stop, timeout=PACE) or self.others:
                    return


class FullDiskTest(E2eTest):

    def setUp(self):
        super().setUp()
        if not MAY_MOUNT:
            self.skipTest("no mount namespace here: a small file system cannot be made")
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", self.disk],
                       check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.disk], check=True)

    def test_a_full_disk_refuses_and_heals(self):
        sandbox = self.start_sandbox()
        self.server = self.start_topupd(f"--store=sqlite:{self.disk}/topup.db", sandbox=sandbox)
        caller = self.call(self.server)
        slowest = 0
        with Load(caller) as load:
            for _ in range(CYCLES):
                load.wait_for("answered", SENDS)
                self.fill()
                load.wait_for("refused", SENDS)
                self.check_posts_are_recorded(sandbox)
                os.remove(self.filler())
                freed = time.monotonic()
                load.wait_for("answered")
                slowest = max(slowest, time.monotonic() - freed)
        self.assertTrue(self.server.running())
        self.check_what_was_said(caller, load)
        self.check_posts_are_recorded(sandbox)
        figures(f"full disk: {CYCLES} cycles on {MEGABYTES} MiB, {len(load.answered)} sends "
                f"answered, {len(load.refused)} refused, {len(sandbox.posts())} POSTs, healed "
                f"within {slowest:.1f} s, 0 lost, 0 recorded though refused, 0 POSTs unrecorded")

    def filler(self):
        return os.path.join(self.disk, "filler")

    def fill(self):
        """To the last byte; what a write-back frees meanwhile is taken too."""
        with open(self.filler(), "wb", buffering=0) as file:
            for block in (1 << 20, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(block))

    def provider_refs(self):
        store = sqlite3.connect(f"file:{self.disk}/topup.db?mode=ro", uri=True)
        with contextlib.closing(store):
            return {ref for ref, in store.execute("SELECT provider_ref FROM topups WHERE fence > 0")}

    def check_posts_are_recorded(self, sandbox):
        """What the provider has seen was on disk before: the ledger first, then the store."""
        posted = {entry["ref"] for entry in sandbox.posts()}
        self.assertLessEqual(posted, self.provider_refs())
        refs = [entry["ref"] for entry in sandbox.accepted()]
        self.assertEqual(len(refs), len(set(refs)))

    def check_what_was_said(self, caller, load):
        for ref, topup_id in load.answered.items():
            self.assertEqual(caller.get(ref).topup_id, topup_id, ref)
        for ref in load.refused:
            with self.assertRaises(grpc.RpcError) as caught:
                caller.get(ref)
            self.assertEqual(details_of(caught.exception)[1].reason, "TOPUP_NOT_FOUND")
        caller.settle(max(load.answered))
        wait_until("the queue to be empty", lambda: "topup_engine_busy_topups 0" in
                   self.server.get("/metrics")[1])
