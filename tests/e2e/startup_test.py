"""A start that fails: one clear line for each problem, exit status 2 where a setting or a file
has to be changed and 1 where the world has to, and nothing half started.
"""
import hashlib
import os
import socket

from topupd_process import TOPUPD, E2eTest, Process, Topupd
from topup.v1 import topup_service_pb2 as v1

BROKEN = "tests/pricing_plugins/broken"
MARKUP = "pricing_plugins/percentage_markup/libpercentage_markup.so"
BAD_KEY = "key-that-nobody-knows-4711"


class StartupTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.plain_log_lines = True
        self.secrets.append(BAD_KEY)

    def assert_refused(self, status, flags, *lines, environment=None):
        """The start ends with `status` and says each of `lines`, in order, and nothing else.

        A line is a tuple of texts that all have to be in it.
        """
        process = self.keep(Process(TOPUPD, flags, self.folder, environment))
        self.assertEqual(process.wait(), status, process.log())
        self.assertIsNone(process.next_line())  # never said that it listens
        said = [line for line in process.log().splitlines() if line.startswith("topupd: ")]
        self.assertEqual(len(said), len(lines), process.log())
        for line, texts in zip(said, lines):
            for text in texts:
                self.assertIn(text, line)

    def start_and_stop(self):
        """What failed before has left nothing in the way."""
        self.assertEqual(self.start_topupd().terminate(), 0)

    def test_wrong_flags_are_all_named_with_their_values(self):
        self.assert_refused(2, self.flags("--lissten=x"), ("--lissten", "did you mean --listen?"))
        self.assert_refused(2, self.flags("--poll_interval=soon", "--queue_limit=0"),
                            ("--poll_interval", '"soon"', "such as 5s"),
                            ("--queue_limit is 0", "from 1 to 100000000"))
        self.assertFalse(os.path.exists(self.path("topup.db")))

    def test_a_config_file_may_not_hold_a_key_or_a_value_that_is_not_known(self):
        unknown = self.write("unknown.textproto", 'queue_limit: 5\npol_interval: "5s"\n')
        self.assert_refused(2, self.flags(f"--config={unknown}"),
                            (unknown, ":2:", '"pol_interval"'))
        wrong = self.write("wrong.textproto", 'provider_timeout: "20"\nmax_attempts: 0\n')
        self.assert_refused(2, self.flags(f"--config={wrong}"), ("--provider_timeout", '"20"'),
                            ("--max_attempts is 0", "from 1 to 100"))
        self.assert_refused(2, self.flags(f"--config={self.path('none')}"), (self.path("none"),))

    def test_without_a_provider_it_says_what_to_give(self):
        flags = [flag for flag in self.flags() if flag != "--sandbox"]
        self.assert_refused(2, flags, ("--provider_url", "--sandbox"))
        self.assert_refused(2, flags + ["--provider_url=http://10.1.2.3:80"],
                            ("--provider_url", "plain http to another machine"))

    def test_plain_text_is_for_loopback_only(self):
        self.assert_refused(2, self.flags("--listen=0.0.0.0:0"),
                            ("--listen=0.0.0.0:0", "--tls_cert"), ("0.0.0.0:0", "--callers"))

    def test_files_that_cannot_be_read_are_named(self):
        missing = self.path("missing")
        sandbox = self.start_sandbox()
        for flag in ("provider_key_file", "pricing_config", "pricing_shadow", "plugin_allow_list",
                     "callers"):
            self.assert_refused(2, self.flags(f"--{flag}={missing}", sandbox=sandbox),
                                (f"--{flag}", missing))
        self.assert_refused(2, self.flags(f"--tls_cert={missing}", f"--tls_key={missing}"),
                            ("--tls_cert", missing))
        # All of them at once, and nothing was made before they were read.
        self.assert_refused(2, self.flags(f"--provider_key_file={missing}", f"--callers={missing}",
                                          sandbox=sandbox),
                            ("--provider_key_file", missing), ("--callers", missing))
        self.assertFalse(os.path.exists(self.path("topup.db")))
        self.start_and_stop()

    def test_a_pricing_configuration_may_not_hold_what_is_not_known(self):
        path = self.write("pricing", 'chain { name: "a" strategy { libary: "x.so" } }')
        process = self.keep(Process(TOPUPD, self.flags(f"--pricing_config={path}"), self.folder))
        self.assertEqual(process.wait(), 2)
        self.assertIn(f"{path}: line 1, ", process.log())
        self.assertIn('"libary"', process.log())

    def test_a_strategy_library_is_refused_with_its_file_the_step_and_both_values(self):
        for name, step, expected, found in (
                ("other_abi_version", "ABI version", "1.", "2.3."),
                ("missing_entry", "entry symbol", "topup_pricing_entry", "no such symbol"),
                ("not_a_library", "format", "a shared library", "another kind of file"),
                ("wrong_entry_size", "sizes", "an entry of 48 bytes", "struct_size 56")):
            with self.subTest(library=name):
                library = os.path.abspath(f"{BROKEN}/lib{name}.so")
                pricing = self.write("pricing", f'chain {{ name: "default" strategy {{ library: '
                                     f'"{library}" }} }}')
                self.assert_refused(2, self.flags(f"--pricing_config={pricing}"), (
                    f"lib{name}.so", f'"{step}"', f"expected {expected}", f"found {found}"))
        self.assertFalse(os.path.exists(self.path("topup.db")))
        pricing = self.write("pricing",
                             'chain { name: "default" strategy { library: "libnowhere.so" } }')
        self.assert_refused(2, self.flags(f"--pricing_config={pricing}"), ("libnowhere.so",))

    def test_a_library_that_the_allow_list_does_not_name_stops_the_start(self):
        flags = self.flags("--plugin_allow_list=allowed")  # as seen from where it is started
        allowed = self.write("allowed", "# None.\n")
        self.assert_refused(2, flags, ("libpercentage_markup.so", '"allow list"',
                                       "expected a digest that allowed lists", "found digest "))
        self.write("allowed", "libpercentage_markup.so\n\nx\n")
        self.assert_refused(2, flags, (f"--plugin_allow_list={allowed}: line 1 ",),
                            (f"--plugin_allow_list={allowed}: line 3 ",))
        os.chmod(allowed, 0o666)
        self.assert_refused(2, flags, (f"--plugin_allow_list={allowed}", "mode 0666"))
        self.assertFalse(os.path.exists(self.path("topup.db")))
        os.chmod(allowed, 0o644)
        with open(MARKUP, "rb") as library:
            digest = hashlib.sha256(library.read()).hexdigest()
        self.write("allowed", f"{digest}  libpercentage_markup.so\n")
        self.assertEqual(self.keep(Topupd(self.folder, flags)).terminate(), 0)
        # What was in force before may not be loaded either, once it is not allowed any more.
        self.write("allowed", "# None.\n")
        self.assert_refused(2, flags, ("libpercentage_markup.so", '"allow list"'))

    def test_a_shadow_that_cannot_be_loaded_stops_the_start(self):
        shadow = self.write("shadow",
                            'chain { name: "default" strategy { library: "libnowhere.so" } }')
        self.assert_refused(2, self.flags(f"--pricing_shadow={shadow}"),
                            (f"{shadow}: ", "libnowhere.so"))
        self.write("shadow", 'chain { name: "a" strategy { library: "libcap.so" } } '
                             'route { name: "b" chain: "c" caller: "d" }')
        self.assert_refused(2, self.flags(f"--pricing_shadow={shadow}"),
                            (f"{shadow}: ", "1 problem"), (f"{shadow}: route[0].chain", '"c"'))
        self.assertFalse(os.path.exists(self.path("topup.db")))

    def test_a_store_that_another_process_holds_is_left_to_it(self):
        first = self.start_topupd()
        self.assert_refused(1, self.flags(), (self.path("topup.db"),))
        self.call(first).topups.ListPlans(v1.ListPlansRequest())
        self.assertEqual(first.terminate(), 0)
        self.start_and_stop()

    def test_a_port_that_is_taken_is_named_and_the_store_is_let_go(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            self.assert_refused(1, self.flags(f"--listen={address}"), (address,))
            self.assert_refused(1, self.flags(f"--ops_listen={address}"), (address,))
            self.start_and_stop()

    def test_who_else_can_read_a_key_is_told_and_what_everybody_can_change_stops_the_start(self):
        callers = self.write("callers", f'caller {{ name: "a" token_sha256: "{"0" * 64}" }}')
        flags = self.flags(f"--callers={callers}", sandbox=self.start_sandbox())
        os.chmod(self.path("key"), 0o644)
        os.chmod(callers, 0o664)
        server = self.keep(Topupd(self.folder, flags))
        key, list_of_callers = [event["reason"] for event in server.events("settings.doubted")]
        self.assertIn("--provider_key_file", key)
        self.assertIn("chmod g-w,o-rwx", key)
        self.assertIn("--callers", list_of_callers)
        self.assertEqual(server.terminate(), 0)
        os.chmod(self.path("key"), 0o646)
        os.chmod(callers, 0o666)
        self.assert_refused(2, flags, ("--provider_key_file", "mode 0646", "chmod g-w,o-rwx"),
                            ("--callers", "mode 0666", "chmod go-w"))

    def test_a_key_that_the_provider_does_not_take_stops_the_start(self):
        sandbox = self.start_sandbox()
        flags = self.flags(sandbox=sandbox)
        self.write("key", BAD_KEY)
        self.assert_refused(1, flags, ("key", "401", "INVALID_ACCESS_TOKEN"))
        self.assert_refused(1, [flag for flag in flags if "key_file" not in flag], ("key", "401"),
                            environment={"TOPUP_PROVIDER_KEY": BAD_KEY})
        self.assert_refused(2, [flag for flag in flags if "key_file" not in flag],
                            ("--provider_key_file", "TOPUP_PROVIDER_KEY"))
        self.assertEqual(sandbox.posts(), [])

    def test_a_key_that_cannot_send_stops_the_start(self):
        sandbox = self.start_sandbox(faults="behaviour { key_state: READ_ONLY }")
        self.assert_refused(1, self.flags(sandbox=sandbox), ("key", "READ-ONLY"))
