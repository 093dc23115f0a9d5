"""A session by reflection alone: who has the address and nothing else can list, read and call
every method. Once with descriptors that come from the server, once with grpcurl as people do.
"""
import json
import os
import re
import shutil
import subprocess
import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from topupd_process import LIMIT, E2eTest, details_of
from grpc.reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

SALE = {"phoneNumber": "0661000001", "planCode": "PREPAID_MOBILIS", "amountDzd": "500"}
# Every method with a request that is answered, in an order in which each finds what it needs.
# {id}: the top-up that the first send made.
TOPUP_CALLS = (
    ("ListPlans", {"phoneNumber": "0661000001"}, '"PREPAID_MOBILIS"'),
    ("QuoteTopup", SALE, '"quoteId"'),
    ("SendTopup", {"ref": "r1", "waitFor": "WAIT_FOR_SETTLED", **SALE}, "TOPUP_STATUS_FULFILLED"),
    ("GetTopup", {"ref": "r1"}, "TOPUP_STATUS_FULFILLED"),
    ("ListTopups", {"statuses": ["TOPUP_STATUS_FULFILLED"]}, '"r1"'),
    ("WatchTopup", {"ref": "r1"}, "TOPUP_STATUS_FULFILLED"),
    ("WatchTopups", {"fromOldest": True}, '"resumeToken"'),
    ("ListOffers", {"phoneNumber": "0661000001"}, '"offers"'),
    ("CancelTopup", {"topupId": "{id}"}, "NOT_CANCELLABLE"),
)
ADMIN_CALLS = ("ListStrategies", "ActivatePricing", "RollbackPricing", "SimulatePricing",
               "ExplainPrice", "ListUnsettled", "ResolveTopup", "ListIncidents", "CloseIncident",
               "GetProvider", "RefreshPlans")
TOPUP_SERVICE = "topup.v1.TopupService"
ADMIN_SERVICE = "topup.admin.v1.AdminService"


class ReflectedServer:
    """What a server says about itself, and its methods as calls with JSON."""

    def __init__(self, channel):
        self._channel = channel
        self._stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        self.pool = descriptor_pool.DescriptorPool()
        self._factory = message_factory.MessageFactory(self.pool)

    def _ask(self, **question):
        request = reflection_pb2.ServerReflectionRequest(**question)
        return next(self._stub.ServerReflectionInfo(iter([request]), timeout=LIMIT))

    def services(self):
        answer = self._ask(list_services="")
        return {service.name for service in answer.list_services_response.service}

    def learn(self, service):
        """Reads the files that a service is made of, imports first."""
        known = {}
        answer = self._ask(file_containing_symbol=service)
        while True:
            for text in answer.file_descriptor_response.file_descriptor_proto:
                file = descriptor_pb2.FileDescriptorProto.FromString(text)
                known[file.name] = file
            missing = {name for file in known.values() for name in file.dependency} - set(known)
            if not missing:
                break
            answer = self._ask(file_by_filename=missing.pop())
        self._add(known, next(iter(known)))
        for name in known:
            self._add(known, name)
        return self.pool.FindServiceByName(service)

    def _add(self, known, name):
        try:
            self.pool.FindFileByName(name)
        except KeyError:
            for dependency in known[name].dependency:
                self._add(known, dependency)
            self.pool.Add(known[name])

    def call(self, service, method, request):
        """The answer, or the first of a stream's, as JSON text; or the code and reason."""
        found = self.pool.FindServiceByName(service).methods_by_name[method]
        message = json_format.ParseDict(request, self._factory.GetPrototype(found.input_type)(),
                                        descriptor_pool=self.pool)
        answer_type = self._factory.GetPrototype(found.output_type)
        kind = self._channel.unary_stream if found.server_streaming else self._channel.unary_unary
        call = kind(f"/{service}/{method}", lambda message: message.SerializeToString(),
                    answer_type.FromString)
        try:
            answer = call(message, timeout=LIMIT)
            if found.server_streaming:
                stream, answer = answer, next(answer)
                stream.cancel()
            return json_format.MessageToJson(answer, descriptor_pool=self.pool)
        except grpc.RpcError as error:
            return " ".join((details_of(error)[0], details_of(error)[1].reason))


def find_grpcurl():
    own = os.path.join(os.environ.get("TOPUP_TOOLS", ""), "bin", "grpcurl")
    return own if os.path.isfile(own) else shutil.which("grpcurl")


class ReflectionTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.server = self.start_topupd(sandbox=self.start_sandbox())

    def request(self, fields, topup_id):
        return json.loads(json.dumps(fields).replace("{id}", topup_id))

    def test_the_server_describes_all_that_a_client_needs_to_call_it(self):
        reflected = ReflectedServer(self.call(self.server).channel)
        self.assertLessEqual({TOPUP_SERVICE, ADMIN_SERVICE, "grpc.health.v1.Health"},
                             reflected.services())
        methods = reflected.learn(TOPUP_SERVICE).methods_by_name
        self.assertEqual(set(methods), {name for name, _, _ in TOPUP_CALLS})
        self.assertEqual(set(reflected.learn(ADMIN_SERVICE).methods_by_name), set(ADMIN_CALLS))
        topup_id = ""
        for method, fields, expected in TOPUP_CALLS:
            with self.subTest(method=method):
                answer = reflected.call(TOPUP_SERVICE, method, self.request(fields, topup_id))
                self.assertIn(expected, answer)
                if method == "SendTopup":
                    topup_id = json.loads(answer)["topup"]["topupId"]
        for method in ADMIN_CALLS:
            with self.subTest(method=method):
                self.assertNotRegex(reflected.call(ADMIN_SERVICE, method, {}),
                                    "^(INTERNAL|UNKNOWN|UNAUTHENTICATED|PERMISSION_DENIED)")

    def test_reflection_can_be_switched_off(self):
        server = self.start_topupd("--reflection=off", f"--store=sqlite:{self.path('other.db')}")
        with self.assertRaises(grpc.RpcError) as caught:
            ReflectedServer(self.call(server).channel).services()
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_who_is_connected_is_shown_only_where_everybody_is_one_caller(self):
        channelz = "grpc.channelz.v1.Channelz"
        self.assertIn(channelz, ReflectedServer(self.call(self.server).channel).services())
        callers = self.write("callers", f'caller {{ name: "shop" token_sha256: "{"0" * 64}" }}')
        server = self.start_topupd(f"--callers={callers}",
                                   f"--store=sqlite:{self.path('other.db')}")
        self.assertNotIn(channelz, ReflectedServer(self.call(server).channel).services())

    @unittest.skipUnless(find_grpcurl(), "there is no grpcurl: tools/setup --optional gets it")
    def test_grpcurl_lists_describes_and_calls_every_method(self):
        listed = self.grpcurl("list").split()
        self.assertLessEqual({TOPUP_SERVICE, ADMIN_SERVICE}, set(listed))
        topup_id = ""
        for method, fields, expected in TOPUP_CALLS:
            with self.subTest(method=method):
                self.assertIn(f"rpc {method} ",
                              self.grpcurl("describe", f"{TOPUP_SERVICE}.{method}"))
                answer = self.grpcurl_call(f"{TOPUP_SERVICE}/{method}",
                                           self.request(fields, topup_id), expected)
                if method == "SendTopup":
                    topup_id = re.search(r'"topup_?[iI]d": *"(\w+)"', answer).group(1)
        for method in ADMIN_CALLS:
            with self.subTest(method=method):
                self.assertIn(f"rpc {method} ",
                              self.grpcurl("describe", f"{ADMIN_SERVICE}.{method}"))
                answer = self.grpcurl_call(f"{ADMIN_SERVICE}/{method}", {}, None)
                self.assertNotRegex(answer, "Code: (Internal|Unknown|Unauthenticated)")

    def grpcurl(self, *arguments):
        return subprocess.run([find_grpcurl(), "-plaintext", self.server.address, *arguments],
                              check=True, timeout=LIMIT, capture_output=True, text=True).stdout

    def grpcurl_call(self, method, request, expected):
        """Calls; reads until `expected` is there, or to the end where it is None."""
        # Field names come as in the .proto file or as in JSON, as the tool's version likes it.
        plain = lambda text: text.replace("_", "").lower()
        command = [find_grpcurl(), "-plaintext", "-max-time", str(LIMIT), "-d",
                   json.dumps(request), self.server.address, method]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as process:
            text = ""
            for line in process.stdout:
                text += line
                if method.endswith("/WatchTopups") and plain(expected) in plain(text):
                    process.kill()  # it has no end
        self.assertIn(plain(expected or ""), plain(text))
        return text
