"""Secrets and numbers that are put in everywhere, and looked for in everything that comes out.

The key, a caller's token and the store's signing key are looked for in every byte; customers'
numbers in everything but the answers to their own callers. Flags: --rounds=N; --plant=leak, which
puts a canary into one of the places: then the test has to fail.
"""
import base64
import hashlib
import json
import os
import signal
import sqlite3
import subprocess

import grpc
from google.protobuf.descriptor import FieldDescriptor

from echoing_provider import EchoingProvider
from proof import figures, flag, size
from topupd_process import (CLI, LIMIT, SETTLED, TOPUPD, E2eTest, Process, details_of, http_call,
                            status_of, wait_until)
from topup.admin.v1 import admin_service_pb2 as admin
from topup.v1 import topup_service_pb2 as v1

ROUNDS = size("rounds", 1)
PLANT = flag("plant", "")
KEY = "canary-key-7f3a9c51d2e84b06a1c9"
OTHER_KEY = "canary-key-of-nobody-55d1e0c7b2"
TOKEN = "canary-token-9d1b64e0f7a2453c88"
SUBSCRIBERS = ("661972583", "661972584", "661972585")
FORMS = ("0{}", "+213{}", "00213{}", "213{}")

ECHO = "{key} and {number}"
REFUSAL = ('{"success":false,"error":{"code":"%s","message":"' + ECHO + '"},"requestId":"{key}"}')
SHOWN = ('{"success":true,"data":{"_id":"{key}","ref":"%s","status":"%s","plan_code":"%s",'
         '"MSSIDN":"%s","topup_amount":500,"refund_message":"' + ECHO + '","suggested_offers":'
         '[{"name":"{key}","plan_code":"{key}","amount":5}]},"requestId":"{key}"}')
# What a POST may be answered: status and body.
SEND_ANSWERS = [
    (400, REFUSAL % "ERR_PHONE"), (400, REFUSAL % "{key}"), (400, REFUSAL % "{number}"),
    (403, REFUSAL % "DUPLICATED_REF"), (403, REFUSAL % "INSUFFICIENT_BALANCE"),
    (429, REFUSAL % "RATE_LIMIT"), (500, REFUSAL % "INTERNAL"), (502, "<html>" + ECHO),
    (200, '{"success":true,"data":{"topupId":"{key}","topupRef":"{key}"}}'),
    (200, '{"success":true,"data":{"topupId":"{number}","topupRef":"{number}"}}'),
    (200, '{"success":true,"data":{"topupId":"{key}","topupRef":"{ref}"}}'),
    (200, '{"success":"{key}","data":"{number}"'), (200, ECHO)]
# What pauses the account: our key, our address, our URL.
PAUSES = [(401, REFUSAL % "INVALID_ACCESS_TOKEN"), (403, REFUSAL % "IP_BLOCKED"),
          (404, ECHO), (302, ECHO)]
HEADERS = {"X-Request-Id": "{key}", "Location": "http://{key}/{number}"}


class CanariesTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.plain_log_lines = True
        self.places = {}   # name -> bytes that came out, searched for everything
        self.answers = {}  # the same, searched for secrets only
        self.calls = 0
        self.sent = 0

    def test_no_secret_and_no_number_comes_out_anywhere(self):
        sandbox = self.start_sandbox()
        self.provider = EchoingProvider(sandbox, KEY)
        self.addCleanup(self.provider.server_close)
        self.addCleanup(self.provider.shutdown)
        self.server = self.keep(self.start(self.server_flags()))
        self.shop = self.call(self.server, TOKEN)
        self.check_no_core_dumps()
        for number in range(ROUNDS):
            self.call_everything(number)
            self.meet_every_answer(number)
            self.meet_every_pause(number)
        self.use_the_command()
        self.start_wrongly()
        self.scrape("at the end")
        self.assertEqual(self.server.terminate(), 0)
        for index, process in enumerate(self.processes):
            if process is not sandbox:
                self.places[f"log of process {index}"] = process.log().encode()
        if PLANT:
            self.places["planted"] = f"a leak: 0{SUBSCRIBERS[0]}".encode()
        self.search()

    def server_flags(self, *more):
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        roles = " ".join(f'role: "{role}"' for role in ("send", "read", "see_cost", "admin"))
        callers = self.write("callers", f'caller {{ name: "shop" token_sha256: "{digest}" {roles} }}')
        return self.flags(f"--callers={callers}", "--provider_timeout=3s", "--resend_grace=1s",
                          "--refusal_check_after=100ms", "--never_accepted_after=30s",
                          f"--provider_key_file={self.write('canary.key', KEY)}", *more,
                          sandbox=self.provider)

    def start(self, flags):
        process = Process(TOPUPD, flags, self.folder)
        process.address = process.listening_address()
        process.ops = f"127.0.0.1:{process.events('server.started')[0]['ops_port']}"
        return process

    def check_no_core_dumps(self):
        with open(f"/proc/{self.server.pid()}/limits", encoding="utf-8") as limits:
            line = next(line for line in limits if line.startswith("Max core file size"))
        self.assertEqual(line.split()[4:6], ["0", "0"])

    # --- what goes in

    def call_method(self, stub, name, request, caller=None):
        """Calls; what is answered or refused is kept for the search."""
        self.calls += 1
        method = getattr(getattr(caller or self.shop, stub), name)
        try:
            answer = method(request, timeout=2 if name.startswith("Watch") else LIMIT)
            if hasattr(answer, "__next__"):
                answer = next(answer)
            self.keep_answer(name, answer.SerializeToString())
            return answer
        except grpc.RpcError as error:
            self.places[f"error {self.calls} of {name}"] = (
                f"{error.details()} {error.trailing_metadata()}".encode())
            return None

    def keep_answer(self, name, data):
        self.answers[f"answer {self.calls} of {name}"] = data

    def call_everything(self, number):
        """Every method: with nothing, with a number in every field of text, without a token."""
        stranger = self.call(self.server, "canary-token-of-nobody")
        for service, stub in ((v1.DESCRIPTOR.services_by_name["TopupService"], "topups"),
                              (admin.DESCRIPTOR.services_by_name["AdminService"], "admin")):
            for method in service.methods:
                module = v1 if stub == "topups" else admin
                message = getattr(module, method.input_type.name)
                for form in FORMS:
                    filled = fill(message(), form.format(SUBSCRIBERS[number % len(SUBSCRIBERS)]))
                    self.call_method(stub, method.name, filled)
                self.call_method(stub, method.name, message())
                self.call_method(stub, method.name, message(), stranger)
        for index, form in enumerate(FORMS):
            phone = form.format(SUBSCRIBERS[1])
            sale = {"phone_number": phone, "plan_code": "PREPAID_MOBILIS", "amount_dzd": 500}
            ref = f"good-{number}-{index}-{phone.lstrip('+')}"
            self.call_method("topups", "QuoteTopup", v1.QuoteTopupRequest(**sale))
            self.call_method("topups", "SendTopup", v1.SendTopupRequest(
                ref=ref, allow_repeat=True, labels={"customer": phone}, **sale))
            for refused in ({"amount_dzd": 600}, {"amount_dzd": 1}, {"plan_code": phone},
                            {"plan_code": "PREPAID_DJEZZY"}, {"phone_number": phone + "9"}):
                self.call_method("topups", "SendTopup", v1.SendTopupRequest(
                    ref=ref, **{**sale, **refused}))
            self.shop.settle(ref)
            self.call_method("topups", "CancelTopup", v1.CancelTopupRequest(ref=ref))
            self.call_method("topups", "ListOffers", v1.ListOffersRequest(phone_number=phone))
        self.scrape(f"in round {number}")

    def send(self, number):
        self.sent += 1
        phone = FORMS[self.sent % len(FORMS)].format(SUBSCRIBERS[self.sent % len(SUBSCRIBERS)])

        def taken():
            try:
                return self.shop.send(f"echo-{number}-{self.sent}", phone, allow_repeat=True)
            except grpc.RpcError as error:
                # The provider has just said that there is no money: it is asked about that.
                self.assertEqual(details_of(error)[1].reason, "PROVIDER_BALANCE_LOW")
                return None

        return wait_until("the balance to be read", taken)

    def meet_every_answer(self, number):
        """The provider says the key and the number back in everything that has room for them."""
        for status, body in SEND_ANSWERS:
            self.provider.script("/v3/mobile/send", status, body, HEADERS)
            topup = self.send(number)
            national = f"0{SUBSCRIBERS[self.sent % len(SUBSCRIBERS)]}"
            for shown in (SHOWN % (topup.provider_ref, "{key}", "PREPAID_MOBILIS", national),
                          SHOWN % ("{key}", "PENDING", national, national),
                          SHOWN % (topup.provider_ref, national, "{key}", "{key}"),
                          REFUSAL % "{key}"):
                self.provider.script("/v3/mobile/check-", 200, shown, HEADERS)
            self.provider.wait_for_script("/v3/mobile/send")
        orphan = topup.provider_ref[:-4] + "0000"
        listed = SHOWN % (orphan, "PENDING", national, "{key}")
        items = json.dumps({"success": True, "data": {"items": [json.loads(listed)["data"]]}})
        for _ in range(2):
            self.provider.script("/v3/mobile/list", 200, items, HEADERS)
            self.send(number)
            self.send(number)
            self.provider.wait_for_script("/v3/mobile/list")
        for path in ("/v3/mobile/plans", "/v3/validate", "/v3/account/balance", "/v3/ping"):
            self.provider.script(path, 200, SHOWN % ("{key}", "{key}", national, national), HEADERS)
        self.read_account_again()
        self.provider.wait_for_script("/v3/mobile/plans")

    def read_account_again(self):
        self.call_method("admin", "RefreshPlans", admin.RefreshPlansRequest())
        self.server.signal(signal.SIGHUP)

    def meet_every_pause(self, number):
        for status, body in PAUSES:
            self.provider.script("/v3/mobile/send", status, body, HEADERS)
            topup = self.send(number)
            self.provider.wait_for_script("/v3/mobile/send")
            wait_until("the pause to be said", lambda: self.shop.admin.GetProvider(
                admin.GetProviderRequest(), timeout=LIMIT).accounts[0].paused_reason)
            self.call_method("admin", "GetProvider", admin.GetProviderRequest())
            self.server.signal(signal.SIGHUP)
            wait_until("the top-up to go on", lambda: status_of(
                self.shop.get(topup.ref)) in {"PENDING", "HANDLING", *SETTLED})
        self.scrape(f"after the pauses of round {number}")

    def scrape(self, when):
        for path in ("/metrics", "/livez", "/readyz", f"/0{SUBSCRIBERS[0]}"):
            status, body = http_call(self.server.ops, "GET", path)
            self.places[f"{path} {when}"] = f"{status} {body}".encode()

    def run_program(self, name, program, *arguments, environment=None):
        done = subprocess.run([os.path.abspath(program), *arguments], capture_output=True,
                              cwd=self.folder, timeout=LIMIT, check=False,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
                                   **(environment or {})})
        self.answers[f"output of {name}"] = done.stdout
        self.places[f"error output of {name}"] = done.stderr
        return done.returncode

    def use_the_command(self):
        token = self.write("token", TOKEN)
        phone = f"0{SUBSCRIBERS[2]}"
        for arguments in (["list"], ["get", "good-0-0"], ["plans"], ["quote", phone], ["send", phone],
                          ["send", phone, "PREPAID_DJEZZY", "500"], ["watch", phone],
                          ["admin", "unsettled"], ["admin", "incidents"], ["admin", "provider"],
                          ["send", phone + "7", "PREPAID_MOBILIS", "500"]):
            self.run_program(f"topup {' '.join(arguments[:2])}", CLI,
                             f"--server={self.server.address}", f"--token_file={token}", *arguments)

    def start_wrongly(self):
        """A key in every wrong place; and what is in force, printed."""
        in_environment = {"TOPUP_PROVIDER_KEY": KEY}
        self.assertEqual(self.run_program("print_config", TOPUPD, *self.server_flags(),
                                          "--print_config",
                                          environment=in_environment), 0)
        self.places["what is in force"] = self.answers["output of print_config"]
        config = self.write("wrong.textproto", f'provider_key: "{KEY}"\nlisten: "{KEY}" {KEY}')
        for index, wrong in enumerate((
                [f"--config={config}"], [f"--provider_key_file={self.write('spaced', KEY + ' x')}"],
                [f"--provider_key_file={self.write('long', KEY * 40)}"],
                [f"--callers={self.write('wrong_callers', f'caller {{ token: 1{TOKEN} }}')}"],
                [f"--provider_key_file={self.write('nobodys', OTHER_KEY)}",
                 f"--store=sqlite:{self.path('other.db')}"])):
            status = self.run_program(f"wrong start {index}", TOPUPD, *self.server_flags(*wrong))
            self.assertIn(status, (1, 2), wrong)
        # A key that cannot be one, while it runs.
        self.write("canary.key", KEY + " " + KEY)
        self.server.signal(signal.SIGHUP)
        wait_until("the refusal", lambda: self.server.events("key.not_reloaded"))

    # --- what came out

    def hidden_texts(self):
        store = sqlite3.connect(f"file:{self.path('topup.db')}?mode=ro", uri=True)
        signing = store.execute("SELECT value FROM settings WHERE name = 'token_key'").fetchone()[0]
        store.close()
        plain = [KEY, OTHER_KEY, TOKEN, signing]
        # Also spelled as the provider's codes are.
        return spellings(plain + [text.upper().replace("-", "_") for text in plain])

    def search(self):
        secrets = self.hidden_texts()
        numbers = spellings(SUBSCRIBERS)
        hits = []
        for places, canaries in ((self.places, secrets + numbers), (self.answers, secrets)):
            for name, data in places.items():
                hits += [f"{name}: ...{data[max(0, at - 60):at + 60]}..." for canary in canaries
                         for at in [data.find(canary)] if at >= 0]
        total = sum(map(len, [*self.places.values(), *self.answers.values()]))
        places = len(self.places) + len(self.answers)
        self.assertEqual(hits, [], "\n".join(hits))
        self.assertGreater(len(self.places), 100)
        figures(f"canaries: {self.calls} calls, {self.provider.given()} echoing answers, {total:,} "
                f"bytes in {places} places searched, 0 hits")


def spellings(texts):
    """As they are, in hexadecimal, and in base64 wherever they may begin in a longer text."""
    return [spelled for text in map(str.encode, texts)
            for spelled in (text, text.hex().encode(), *map(in_base64, [text] * 3, range(3)))]


def in_base64(text, shift):
    """What base64 makes of `text` after `shift` other bytes: the part that no neighbour changes."""
    encoded = base64.b64encode(b"-" * shift + text)
    return encoded[4 if shift else 0:-4 if (shift + len(text)) % 3 else None]


def fill(message, text):
    """`text` in every field that takes one, and in the messages below."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            getattr(message, field.name)[text] = text
        elif field.type == FieldDescriptor.TYPE_STRING:
            if field.label == FieldDescriptor.LABEL_REPEATED:
                getattr(message, field.name).append(text)
            elif field.containing_oneof is None or message.WhichOneof(
                    field.containing_oneof.name) is None:
                setattr(message, field.name, text)
    return message
