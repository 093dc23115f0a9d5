"""The programs under test as processes, and their callers.

Everything here looks from outside: standard output, exit status, signals, gRPC, HTTP, and the
ledger that the provider's stand-in keeps. Waiting is for events; the time limits are only there
to end a test that has failed.
"""
import http.client
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import grpc

# The generated modules continue the package that Debian's gRPC begins.
grpc.__path__.append(os.path.abspath("tests/e2e/stubs/grpc"))
# pylint: disable=wrong-import-position
from google.rpc import error_details_pb2, status_pb2
from grpc.health.v1 import health_pb2
from topup.admin.v1 import admin_service_pb2_grpc
from topup.v1 import topup_service_pb2 as v1
from topup.v1 import topup_service_pb2_grpc

TOPUPD = "server/main/topupd"
SANDBOX = "server/sandbox/topup_sandbox"
CLI = "client/cli/topup"

LIMIT = 60  # seconds until a wait is given up
SANDBOX_KEY = "sandbox"
SETTLED = {"FULFILLED", "REFUNDED", "REJECTED", "CANCELLED"}

# A whole Algerian number, in any of the forms that callers write.
WHOLE_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:(?:\+|00)?213|0)[567][0-9]{8}(?![0-9A-Za-z])")


class Process:
    """A started program. Its standard error is its log."""

    def __init__(self, program, flags, folder, environment=None):
        self.log_path = tempfile.mkstemp(prefix="log_", dir=folder)[1]
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(
                [os.path.abspath(program), *flags], cwd=folder, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log, text=True,
                env={"PATH": os.environ["PATH"], **(environment or {})})
        self._lines = queue.Queue()
        threading.Thread(target=self._read_lines, daemon=True).start()

    def _read_lines(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def next_line(self):
        """The next line of standard output; None at its end."""
        return self._lines.get(timeout=LIMIT)

    def listening_address(self):
        line = self.next_line()
        if line is None or not line.startswith("listening on "):
            self.kill()
            raise AssertionError(f"first line: {line}; log:\n{self.log()}")
        return line[len("listening on "):]

    def log(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def events(self, name):
        # The last line may still be on its way.
        return [entry for entry in map(json.loads, self.log().split("\n")[:-1])
                if entry["event"] == name]

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self):
        """The exit status, once it has ended; negative where a signal ended it."""
        return self._process.wait(timeout=LIMIT)

    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.poll() is None

    def kill(self):
        """As a power cut would: kill -9."""
        if self.running():
            self._process.kill()
        return self.wait()

    def terminate(self):
        self.signal(signal.SIGTERM)
        return self.wait()


class Sandbox(Process):
    """topup_sandbox, with its ledger in a file that outlives it."""

    def __init__(self, folder, port=0, time_scale=20, faults=""):
        self.ledger_path = os.path.join(folder, "provider.ledger")
        super().__init__(SANDBOX, [f"--listen=127.0.0.1:{port}", f"--ledger={self.ledger_path}",
                                   f"--time_scale={time_scale}", f"--faults={faults}"], folder)
        self.address = self.listening_address()
        self.url = f"http://{self.address}"
        self.port = int(self.address.rpartition(":")[2])

    def put(self, what, body):
        """PUT /sandbox/<what>: text, or a dictionary for JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        status, answer = http_call(self.address, "PUT", f"/sandbox/{what}", text)
        assert status == 204, answer

    def ledger(self):
        """Every entry so far, oldest first. Also when the process is gone."""
        with open(self.ledger_path, encoding="utf-8") as ledger:
            return [json.loads(line) for line in ledger.read().split("\n")[:-1]]

    def posts(self, provider_ref=None):
        return [entry for entry in self.ledger() if entry.get("endpoint") == "send" and
                provider_ref in (None, entry.get("ref"))]

    def accepted(self):
        return [entry for entry in self.ledger() if entry["kind"] == "accepted"]


class Topupd(Process):
    """topupd, after its first line: it takes calls."""

    def __init__(self, folder, flags, environment=None):
        super().__init__(TOPUPD, flags, folder, environment)
        self.address = self.listening_address()
        started = self.events("server.started")[0]
        self.ops_address = f"127.0.0.1:{started['ops_port']}"

    def get(self, path):
        """(status, body) of a path of the operators' HTTP side."""
        return http_call(self.ops_address, "GET", path)


class Caller:
    """A channel and its stubs, as one caller uses them."""

    def __init__(self, address, token=None, credentials=None, options=()):
        self.channel = (grpc.secure_channel(address, credentials, options) if credentials
                        else grpc.insecure_channel(address, options))
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()
        channel = grpc.intercept_channel(self.channel, _WithMetadata(self.metadata))
        self.topups = topup_service_pb2_grpc.TopupServiceStub(channel)
        self.admin = admin_service_pb2_grpc.AdminServiceStub(channel)
        self.plain = channel

    def send(self, ref, phone, plan="PREPAID_MOBILIS", amount=500, **fields):
        request = v1.SendTopupRequest(ref=ref, phone_number=phone, plan_code=plan,
                                      amount_dzd=amount, **fields)
        return self.topups.SendTopup(request, timeout=LIMIT).topup

    def get(self, ref):
        return self.topups.GetTopup(v1.GetTopupRequest(ref=ref), timeout=LIMIT).topup

    def watch_until(self, ref, *statuses):
        """Watches one top-up until it shows one of `statuses`; returns it so."""
        stream = self.topups.WatchTopup(v1.WatchTopupRequest(ref=ref), timeout=LIMIT)
        last = None
        for answer in stream:
            last = answer.topup
            if status_of(last) in statuses:
                stream.cancel()
                return last
        raise AssertionError(f"{ref} ended as {status_of(last)}, not in {statuses}")

    def settle(self, ref):
        return self.watch_until(ref, *SETTLED)

    def watch_health(self, name, serving):
        """Returns when the health service says so of `name`."""
        watch = self.plain.unary_stream(
            "/grpc.health.v1.Health/Watch",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString)
        stream = watch(health_pb2.HealthCheckRequest(service=name), timeout=LIMIT)
        wanted = health_pb2.HealthCheckResponse.SERVING if serving else \
            health_pb2.HealthCheckResponse.NOT_SERVING
        for answer in stream:
            if answer.status == wanted:
                stream.cancel()
                return

    def close(self):
        self.channel.close()


class _WithMetadata(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def __init__(self, metadata):
        self._metadata = metadata

    def _go_on(self, continuation, details, request):
        metadata = list(details.metadata or ()) + list(self._metadata)
        return continuation(details._replace(metadata=metadata), request)

    intercept_unary_unary = _go_on
    intercept_unary_stream = _go_on


def status_of(topup):
    return v1.TopupStatus.Name(topup.status).replace("TOPUP_STATUS_", "")


def details_of(error):
    """(code name, ErrorInfo) of a failed call; an empty ErrorInfo where it carries none."""
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                detail.Unpack(info)
    return error.code().name, info


def http_call(address, method, path, body=None):
    connection = http.client.HTTPConnection(address, timeout=LIMIT)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_until(what, condition):
    """Returns the first true value of `condition`, for what sends no event of its own."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        threading.Event().wait(0.02)
    raise AssertionError(f"waited in vain: {what}")


class E2eTest(unittest.TestCase):
    """A folder of its own, processes that do not outlive it, and logs that keep secrets."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="e2e_", dir=os.environ.get("TEST_TMPDIR"))
        self.processes = []
        self.callers = []
        self.secrets = []  # must not be in any log
        self.plain_log_lines = False  # a start that fails says so in plain words
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(self._check_logs)
        self.addCleanup(self._end_processes)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)  # some are keys
            file.write(text)
        return self.path(name)

    def start_sandbox(self, **options):
        return self.keep(Sandbox(self.folder, **options))

    def flags(self, *more, sandbox=None):
        """What every server here is started with; later flags win."""
        provider = [f"--provider_url={sandbox.url}",
                    f"--provider_key_file={self.write('key', SANDBOX_KEY)}"] \
            if sandbox else ["--sandbox"]
        flags = ["--listen=127.0.0.1:0", "--ops_listen=127.0.0.1:0",
                 f"--store=sqlite:{self.path('topup.db')}", "--poll_interval=300ms",
                 "--provider_requests_per_minute=60000", *provider, *more]
        return list({flag.partition("=")[0]: flag for flag in flags}.values())

    def start_topupd(self, *more, sandbox=None, environment=None):
        return self.keep(Topupd(self.folder, self.flags(*more, sandbox=sandbox), environment))

    def keep(self, process):
        self.processes.append(process)
        return process

    def call(self, server, token=None, **named):
        caller = Caller(getattr(server, "address", server), token, **named)
        self.callers.append(caller)
        return caller

    def assert_fails(self, code, reason, call, *arguments):
        """The call ends with `code` and, unless it is None, ErrorInfo's `reason`."""
        with self.assertRaises(grpc.RpcError) as caught:
            answer = call(*arguments, timeout=LIMIT)
            for _ in answer if hasattr(answer, "__next__") else ():
                pass
        found, info = details_of(caught.exception)
        self.assertEqual((found, info.reason), (code, reason), caught.exception.details())
        return caught.exception

    def _end_processes(self):
        for process in self.processes:
            process.kill()
        for caller in self.callers:
            caller.close()

    def _check_logs(self):
        for process in self.processes:
            for line in process.log().splitlines():
                self._check_line(line)

    def _check_line(self, line):
        if not (self.plain_log_lines and line.startswith("topupd: ")):
            entry = json.loads(line)
            self.assertLessEqual({"time", "severity", "event"}, set(entry), line)
        self.assertIsNone(WHOLE_NUMBER.search(line), line)
        for secret in self.secrets:
            self.assertNotIn(secret, line)
