"""TLS: who can be talked to, and certificates as proof of who calls."""
import subprocess

import grpc

from topupd_process import LIMIT, E2eTest, status_of
from topup.v1 import topup_service_pb2 as v1


class TlsTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.make_ca("ca")
        self.make_certificate("server", "ca", "DNS:localhost,IP:127.0.0.1")
        self.directory = self.write("callers", 'caller { name: "shop" role: "send" role: "read" '
                                  'certificate_san: "shop.internal" }')

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, timeout=LIMIT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_ca(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                     "-out", f"{name}.crt")

    def make_certificate(self, name, ca, san):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.write(f"{name}.ext", f"subjectAltName={san}\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.crt", "-CAkey",
                     f"{ca}.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext",
                     "-out", f"{name}.crt")

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def start(self, *more):
        return self.start_topupd(f"--tls_cert={self.path('server.crt')}",
                                 f"--tls_key={self.path('server.key')}",
                                 f"--callers={self.directory}", *more,
                                 sandbox=self.start_sandbox())

    def credentials(self, ca="ca", client=None):
        return grpc.ssl_channel_credentials(
            self.read(f"{ca}.crt"), *([self.read(f"{client}.key"), self.read(f"{client}.crt")]
                                      if client else []))

    def assert_unreachable(self, server, credentials):
        """No call gets through: the handshake fails."""
        caller = self.call(server, token=None, credentials=credentials)
        with self.assertRaises(grpc.RpcError) as caught:
            caller.topups.ListPlans(v1.ListPlansRequest(), timeout=LIMIT)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def test_who_trusts_the_servers_authority_gets_through_and_nobody_else(self):
        server = self.start()
        self.assert_fails("UNAUTHENTICATED", "UNAUTHENTICATED", self.call(
            server, credentials=self.credentials()).topups.ListPlans, v1.ListPlansRequest())
        self.make_ca("stranger")
        self.assert_unreachable(server, self.credentials("stranger"))
        self.assert_unreachable(server, None)

    def test_a_client_certificate_says_who_calls(self):
        server = self.start(f"--tls_client_ca={self.path('ca.crt')}", "--listen=0.0.0.0:0")
        server.address = server.address.replace("0.0.0.0", "127.0.0.1")
        self.make_certificate("shop", "ca", "DNS:shop.internal")
        shop = self.call(server, credentials=self.credentials(client="shop"))
        self.assertEqual(shop.send("r1", "0661000001").caller, "shop")
        self.assertEqual(status_of(shop.settle("r1")), "FULFILLED")

        self.make_certificate("unknown", "ca", "DNS:unknown.internal,DNS:shop.internal.example")
        self.assert_fails("UNAUTHENTICATED", "UNAUTHENTICATED", self.call(
            server, credentials=self.credentials(client="unknown")).topups.ListPlans,
                          v1.ListPlansRequest())

        self.make_ca("stranger")
        self.make_certificate("forged", "stranger", "DNS:shop.internal")
        self.assert_unreachable(server, self.credentials(client="forged"))
        self.assert_unreachable(server, self.credentials())
