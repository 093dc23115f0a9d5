"""A start that is under way and comes to nothing: the provider is silent, then says no, or somebody
wants the process to end. Callers may have asked for prices by then.
"""
import os
import signal
import socket

import grpc
from topupd_process import LIMIT, TOPUPD, E2eTest, Process, wait_until
from topup.v1 import topup_service_pb2 as v1

NEVER_ANSWERS = "tests/server/pricing/strategies/libnever_answers.so"
REFUSAL = b'{"success": false, "error": {"code": "INVALID_ACCESS_TOKEN", "message": "no"}}'


class SilentProvider:
    """Takes connections and answers nothing, until it refuses the key."""

    def __init__(self):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(LIMIT)
        self.url = "http://127.0.0.1:%d" % self._listening.getsockname()[1]
        self._asking = None

    def wait_for_request(self):
        self._asking, _ = self._listening.accept()
        self._asking.settimeout(LIMIT)
        request = b""
        while b"\r\n\r\n" not in request:
            request += self._asking.recv(4096)

    def refuse_key(self):
        self._asking.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n%s" % (len(REFUSAL), REFUSAL))

    def close(self):
        for end in filter(None, (self._asking, self._listening)):
            end.close()


def listening_ports(pid):
    """Where a process listens that has not said so yet."""
    sockets = set()
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        try:
            sockets.add(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
        except FileNotFoundError:
            continue  # closed meanwhile
    rows = []
    for table in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as lines:
            rows += [line.split() for line in lines.readlines()[1:]]
    return [int(row[1].rpartition(":")[2], 16) for row in rows
            if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]


class StartupStopTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.plain_log_lines = True
        self.provider = SilentProvider()
        self.addCleanup(self.provider.close)

    def start_until_the_provider_is_asked(self, *flags):
        # Longer than this test waits, over the two requests of a start.
        slow = ("--provider_timeout=50s", "--shutdown_grace=55s")
        process = self.keep(Process(TOPUPD, self.flags(*slow, *flags, sandbox=self.provider),
                                    self.folder))
        self.provider.wait_for_request()
        return process

    def ask_for_prices(self, process):
        """Lists the plans that an earlier start has kept."""
        for port in listening_ports(process.pid()):
            try:
                caller = self.call(f"127.0.0.1:{port}")
                return caller.topups.ListPlans(v1.ListPlansRequest(), timeout=LIMIT).plans
            except grpc.RpcError:
                continue  # the operators' port
        raise AssertionError("nobody answers: " + process.log())

    def start_with_a_shadow_that_never_answers(self):
        self.start_topupd(sandbox=self.start_sandbox()).terminate()
        library = os.path.abspath(NEVER_ANSWERS)
        shadow = self.write("shadow", f'chain {{ name: "a" strategy {{ library: "{library}" }} }}')
        process = self.start_until_the_provider_is_asked(f"--pricing_shadow={shadow}")
        self.assertGreater(len(self.ask_for_prices(process)), 1)
        wait_until("the shadow is asked", lambda: '"asked"' in process.log())
        return process

    def test_a_shadow_that_never_answers_does_not_hold_up_a_start_that_fails(self):
        process = self.start_with_a_shadow_that_never_answers()
        self.provider.refuse_key()
        self.assertEqual(process.wait(), 1)
        self.assertIn("topupd: the provider does not take the key: HTTP 401", process.log())
        self.assertIn('"pricing_shadow.abandoned"', process.log())

    def test_sigterm_gives_a_start_up_that_waits_for_the_provider(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start_until_the_provider_is_asked()
            process.signal(number)
            self.assertEqual(process.wait(), 0)
            self.assertIsNone(process.next_line())  # never said that it listens
            self.assertEqual(len(process.events("server.stopped")), 1)
            self.assertEqual(process.events("server.started"), [])
        # Nothing is in the way of the next start.
        self.assertEqual(self.start_topupd(sandbox=self.start_sandbox()).terminate(), 0)

    def test_sigterm_gives_a_start_up_where_a_shadow_never_answers(self):
        process = self.start_with_a_shadow_that_never_answers()
        self.assertEqual(process.terminate(), 0)
        self.assertIn('"pricing_shadow.abandoned"', process.log())

    def test_a_second_sigterm_ends_a_start_at_once(self):
        process = self.start_with_a_shadow_that_never_answers()
        process.signal(signal.SIGTERM)
        # The first has been taken: equal signals that wait become one.
        wait_until("the drain", lambda: not listening_ports(process.pid()))
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 130)
