"""A provider that answers a send when the test says so: the stand-in, with a hand on its POSTs."""
import threading

from echoing_provider import EchoingProvider
from topupd_process import LIMIT, SANDBOX_KEY


class HoldingProvider(EchoingProvider):
    """Hands everything on to the stand-in; a send only once `let_go` was called."""

    def __init__(self, sandbox):
        self._arrived = threading.Event()
        self._let_go = threading.Event()
        super().__init__(sandbox, SANDBOX_KEY)

    def wait_for_send(self):
        """Returns when a send has arrived here, and waits."""
        assert self._arrived.wait(LIMIT), "no send arrived"

    def let_go(self):
        self._let_go.set()

    def next_answer(self, path):
        if path.startswith("/v3/mobile/send"):
            self._arrived.set()
            self._let_go.wait()
        return super().next_answer(path)
