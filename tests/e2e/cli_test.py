"""The command `topup` against a real server: what it prints, and with which status it ends."""
import json
import os
import subprocess

from topupd_process import CLI, LIMIT, E2eTest


class CliTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.server = self.start_topupd(sandbox=self.start_sandbox())

    def topup(self, *arguments, server=None):
        """(exit status, standard output, standard error)."""
        done = subprocess.run(
            [os.path.abspath(CLI), f"--server={server or self.server.address}", *arguments],
            capture_output=True, text=True, timeout=LIMIT, cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        return done.returncode, done.stdout, done.stderr

    def test_a_send_is_watched_to_its_end_and_its_status_is_the_exit_status(self):
        status, out, error = self.topup("send", "0661000001", "PREPAID_MOBILIS", "500",
                                        "--ref=r1", "--watch")
        self.assertEqual(status, 0, error)
        self.assertIn("FULFILLED", out)
        status, out, error = self.topup("send", "0600000001", "PREPAID_MOBILIS", "500",
                                        "--ref=r2", "--watch")
        self.assertEqual(status, 1, error)
        self.assertIn("REFUNDED", out)

    def test_a_ref_is_printed_before_the_send_and_repeats_it(self):
        status, out, error = self.topup("send", "0661000001", "PREPAID_MOBILIS", "500")
        self.assertIn(status, (0, 3), error)
        ref = next(line.split()[1] for line in (out + error).splitlines()
                   if line.startswith("ref"))
        status, _, error = self.topup("send", "0661000001", "PREPAID_MOBILIS", "500",
                                      f"--ref={ref}")
        self.assertIn(status, (0, 3), error)
        status, out, _ = self.topup("--output=json", "list")
        self.assertEqual([topup["ref"] for topup in json.loads(out)["topups"]], [ref])

    def test_other_ends_have_their_own_exit_status(self):
        self.assertEqual(self.topup("get", "--ref=nobody")[0], 1)
        self.assertEqual(self.topup("send", "0661000001")[0], 2)
        self.assertEqual(self.topup("no-such-command")[0], 2)
        address = self.server.address
        self.server.kill()
        self.assertEqual(self.topup("--tries=1", "plans", server=address)[0], 4)
        # Nobody can know whether it was recorded.
        self.assertIn(self.topup("--tries=1", "send", "0661000009", "PREPAID_MOBILIS", "500",
                                 server=address)[0], (3, 4))
