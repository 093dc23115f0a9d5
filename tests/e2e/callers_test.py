"""Who may call what, and that a caller never sees anything of another's."""
import hashlib

import grpc

from topupd_process import LIMIT, E2eTest, details_of, status_of
from google.protobuf import message_factory
from topup.admin.v1 import admin_service_pb2 as admin
from topup.v1 import topup_service_pb2 as v1

# name -> roles. The token is made of the name.
CALLERS = {"shop": ("send", "read"), "kiosk": ("send", "read"), "reader": ("read",),
           "sender": ("send",), "owner": ("read", "see_cost"), "operator": ("admin",)}
ROLE_OF = {"SendTopup": "send", "CancelTopup": "send"}  # the others of TopupService: read


def token_of(name):
    return f"token-of-{name}-8c1f"


def callers_text(callers):
    text = ""
    for name, roles in callers.items():
        digest = hashlib.sha256(token_of(name).encode()).hexdigest()
        text += f'caller {{ name: "{name}" token_sha256: "{digest}" '
        text += " ".join(f'role: "{role}"' for role in roles) + " }\n"
    return text


def all_methods():
    """(path, descriptor, role) of every method of both services."""
    for file in (v1.DESCRIPTOR, admin.DESCRIPTOR):
        for service in file.services_by_name.values():
            for method in service.methods:
                role = ROLE_OF.get(method.name, "read") if file is v1.DESCRIPTOR else "admin"
                yield f"/{service.full_name}/{method.name}", method, role


def call_with_nothing(channel, path, method, metadata=()):
    """Calls a method with an empty request: (code, reason); ("OK", "") where it answers."""
    messages = message_factory.MessageFactory()
    answer = messages.GetPrototype(method.output_type).FromString
    request = messages.GetPrototype(method.input_type)()
    kind = channel.unary_stream if method.server_streaming else channel.unary_unary
    call = kind(path, lambda message: message.SerializeToString(), answer)
    try:
        if method.server_streaming:
            stream = call(request, metadata=metadata, timeout=LIMIT)
            next(stream)
            stream.cancel()
        else:
            call(request, metadata=metadata, timeout=LIMIT)
    except grpc.RpcError as error:
        code, info = details_of(error)
        return code, info.reason
    return "OK", ""


class CallersTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.secrets += [token_of(name) for name in CALLERS]
        callers = self.write("callers", callers_text(CALLERS))
        self.server = self.start_topupd(f"--callers={callers}", "--repeat_window=1h",
                                        sandbox=self.start_sandbox())

    def as_(self, name):
        return self.call(self.server, token_of(name))

    def test_without_a_good_token_no_method_of_any_service_can_be_called(self):
        self.assertEqual(len(list(all_methods())), 20)
        channel = grpc.insecure_channel(self.server.address)
        good = token_of("shop")
        for metadata in ((), (("authorization", "Bearer wrong"),),
                         (("authorization", f"Basic {good}"),), (("authorization", good),),
                         (("authorization", "Bearer "),), (("x-token", f"Bearer {good}"),)):
            for path, method, _ in all_methods():
                with self.subTest(path=path, metadata=metadata):
                    self.assertEqual(call_with_nothing(channel, path, method, metadata),
                                     ("UNAUTHENTICATED", "UNAUTHENTICATED"))
        channel.close()

    def test_each_method_asks_for_its_role(self):
        channel = grpc.insecure_channel(self.server.address)
        for name, roles in CALLERS.items():
            metadata = (("authorization", f"Bearer {token_of(name)}"),)
            for path, method, role in all_methods():
                with self.subTest(path=path, caller=name):
                    code, _ = call_with_nothing(channel, path, method, metadata)
                    self.assertNotEqual(code, "UNAUTHENTICATED")
                    self.assertEqual(code == "PERMISSION_DENIED", role not in roles, code)
        channel.close()

    def test_costs_are_shown_to_those_only_who_may_see_them(self):
        request = v1.ListPlansRequest()
        shown = {name: self.as_(name).topups.ListPlans(request).plans
                 for name in ("reader", "owner")}
        self.assertTrue(any(plan.HasField("cost_ppm") for plan in shown["owner"]))
        self.assertFalse(any(plan.HasField("cost_ppm") for plan in shown["reader"]))
        for name, sees in (("reader", False), ("owner", True)):
            quote = self.as_(name).topups.QuoteTopup(v1.QuoteTopupRequest(
                phone_number="0661000001", plan_code="PREPAID_MOBILIS", amount_dzd=500)).quote
            self.assertEqual(quote.price.HasField("cost"), sees)
            self.assertEqual(quote.price.HasField("profit"), sees)
            self.assertTrue(quote.price.HasField("price"))

    def test_a_caller_reads_watches_and_cancels_nothing_of_another(self):
        shop, kiosk = self.as_("shop"), self.as_("kiosk")
        mine = shop.send("r1", "0661000001")
        for call, request_type in ((kiosk.topups.GetTopup, v1.GetTopupRequest),
                                   (kiosk.topups.WatchTopup, v1.WatchTopupRequest),
                                   (kiosk.topups.CancelTopup, v1.CancelTopupRequest)):
            for key in ({"topup_id": mine.topup_id}, {"ref": "r1"}):
                self.assert_fails("NOT_FOUND", "TOPUP_NOT_FOUND", call, request_type(**key))
        self.assertEqual(len(kiosk.topups.ListTopups(v1.ListTopupsRequest()).topups), 0)
        self.assertEqual(len(shop.topups.ListTopups(v1.ListTopupsRequest()).topups), 1)

        # Neither the ref nor the duplicate guard of one tells anything to the other.
        watch = kiosk.topups.WatchTopups(v1.WatchTopupsRequest(from_oldest=True), timeout=LIMIT)
        theirs = kiosk.send("r1", "0661000001")
        self.assertNotEqual(theirs.topup_id, mine.topup_id)
        shop.settle("r1")
        for event in watch:
            if event.HasField("topup"):
                self.assertEqual((event.topup.topup_id, event.topup.caller),
                                 (theirs.topup_id, "kiosk"))
                if status_of(event.topup) == "FULFILLED":
                    break
        watch.cancel()

    def test_tokens_and_quotes_of_one_caller_are_void_for_another(self):
        shop, kiosk = self.as_("shop"), self.as_("kiosk")
        for number in range(3):
            shop.send(f"r{number}", f"066100000{number}")
            kiosk.send(f"r{number}", f"066100000{number}")
        page = shop.topups.ListTopups(v1.ListTopupsRequest(page_size=1))
        self.assertTrue(page.next_page_token)
        self.assert_fails("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID", kiosk.topups.ListTopups,
                          v1.ListTopupsRequest(page_size=1, page_token=page.next_page_token))
        whole = shop.topups.ListTopups(v1.ListTopupsRequest())
        self.assertTrue(whole.resume_token)
        self.assert_fails("INVALID_ARGUMENT", "RESUME_TOKEN_INVALID", kiosk.topups.WatchTopups,
                          v1.WatchTopupsRequest(resume_token=whole.resume_token))
        sale = {"phone_number": "0661000009", "plan_code": "PREPAID_MOBILIS", "amount_dzd": 700}
        quote = shop.topups.QuoteTopup(v1.QuoteTopupRequest(**sale)).quote
        taken = v1.SendTopupRequest(ref="quoted", quote_id=quote.quote_id, **sale)
        self.assert_fails("INVALID_ARGUMENT", "QUOTE_INVALID", kiosk.topups.SendTopup, taken)
        self.assertEqual(shop.topups.SendTopup(taken).topup.price.price, quote.price.price)
