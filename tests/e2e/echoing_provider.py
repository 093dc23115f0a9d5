"""A provider that says back what it was told: our key and our customers' numbers, wherever an
answer has room for them. Everything else it hands on to the stand-in.
"""
import collections
import http.client
import http.server
import json
import threading

from topupd_process import LIMIT, SANDBOX_KEY


class EchoingProvider(http.server.ThreadingHTTPServer):
    """Takes requests with `key` only. Answers are scripted by the path's beginning."""

    daemon_threads = True

    def __init__(self, sandbox, key):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sandbox = sandbox
        self.key = key
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._lock = threading.Condition()
        self._script = collections.defaultdict(collections.deque)
        self._given = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def script(self, path, status, body, headers=None):
        """The next request of `path` is answered so; {key}, {number} and {ref} are filled in."""
        with self._lock:
            self._script[path].append((status, body, headers or {}))

    def wait_for_script(self, *paths):
        """Returns when what is scripted for `paths` was asked for."""
        with self._lock:
            asked = self._lock.wait_for(lambda: not any(map(self._script.get, paths)),
                                        timeout=LIMIT)
            assert asked, {path: len(left) for path, left in self._script.items() if left}

    def forget_script(self):
        with self._lock:
            self._script.clear()

    def given(self):
        with self._lock:
            return self._given

    def next_answer(self, path):
        with self._lock:
            for beginning, answers in self._script.items():
                if path.startswith(beginning) and answers:
                    self._given += 1
                    answer = answers.popleft()
                    self._lock.notify_all()
                    return answer
        return None

    def handle_error(self, request, client_address):
        """A client that goes away is no news."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        told = {"key": self.headers.get("X-Access-Token", ""), "number": "", "ref": ""}
        if body:
            sent = json.loads(body)
            told.update(number=sent.get("MSSIDN", ""), ref=sent.get("ref", ""))
        scripted = self.server.next_answer(self.path)
        if scripted is not None:
            status, text, headers = scripted
            for name, value in told.items():
                text = text.replace("{" + name + "}", value)
                headers = {field: content.replace("{" + name + "}", value)
                           for field, content in headers.items()}
            self._reply(status, text.encode(), headers)
        elif told["key"] != self.server.key:
            self._reply(401, json.dumps({"success": False, "error": {
                "code": "INVALID_ACCESS_TOKEN", "message": f"not {told['key']}"}}).encode(), {})
        else:
            self._hand_on(body)

    do_GET = do_POST = _answer

    def _hand_on(self, body):
        connection = http.client.HTTPConnection(self.server.sandbox.address, timeout=LIMIT)
        headers = {"X-Access-Token": SANDBOX_KEY}
        if body:
            headers["Content-Type"] = self.headers["Content-Type"]
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        self._reply(answer.status, answer.read(), {})
        connection.close()

    def _reply(self, status, body, headers):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
