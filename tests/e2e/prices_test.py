"""What the owner of the prices sees, changes, takes back, tries and explains, with the command that
they have, while the service sells."""
import hashlib
import json
import os
import signal
import socket
import subprocess

from topupd_process import CLI, LIMIT, E2eTest
from topup.admin.v1 import admin_service_pb2 as admin

NUMBERS = ("0661000001", "0661000002", "0661000003")  # FULFILLED
REFUNDED = "0600000001"
# 500 DZD cost 480 DZD; so they sell with 5, 10 and 20 percent.
BY_5, BY_10, BY_20 = 50400, 52800, 57600


def pricing(percent, more=""):
    return ('chain { name: "default" strategy { library: "libpercentage_markup.so" '
            f"config: '{{\"percent\": \"{percent}\"}}' }} }}\n{more}")


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class PricesTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.sandbox = self.start_sandbox()
        self.file = self.write("pricing", pricing("5"))
        self.start()

    def start(self):
        self.server = self.start_topupd(f"--pricing_config={self.file}", sandbox=self.sandbox)

    def topup(self, *arguments, status=0):
        """What `topup ARGUMENTS` prints, with its standard error where it fails."""
        run = subprocess.run(
            [os.path.abspath(CLI), f"--server={self.server.address}", *arguments],
            capture_output=True, text=True, timeout=LIMIT, cwd=self.folder, check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def messages(self, *arguments, status=0):
        """The messages that `topup ARGUMENTS --output=json` prints."""
        text = self.topup(*arguments, "--output=json", status=status)
        return [json.loads(line) for line in text.splitlines()]

    def price(self):
        quoted, = self.messages("quote", NUMBERS[0], "PREPAID_MOBILIS", "500")
        return int(quoted["quote"]["price"]["price"]["centimes"])

    def in_force(self):
        return self.messages("admin", "strategies")[0]["configDigest"]

    def activate(self, name, text):
        return self.topup("admin", "activate", self.write(name, text))

    def sell(self, ref, number):
        caller = self.call(self.server)
        caller.send(ref, number)
        return caller.settle(ref).topup_id

    def test_strategies_are_listed_under_the_digest_of_what_is_in_force(self):
        listed, = self.messages("admin", "strategies")
        self.assertEqual(listed["configDigest"], digest(pricing("5")))
        strategy, = listed["strategies"]
        self.assertEqual(strategy["strategy"]["strategyId"], "dz.topup.percentage_markup")
        self.assertEqual(len(strategy["strategy"]["libraryDigest"]), 64)
        self.assertTrue(strategy["loaded"])
        json.loads(strategy["configSchema"])
        text = self.topup("admin", "strategies")
        self.assertTrue(text.startswith(f"in force: {digest(pricing('5'))}\n"), text)
        self.assertRegex(text, r"dz\.topup\.percentage_markup .* loaded")

    def test_a_configuration_is_tried_then_put_in_force_then_taken_back(self):
        old, new = digest(pricing("5")), digest(pricing("10"))
        path = self.write("new", pricing("10"))
        self.assertEqual(self.topup("admin", "activate", path, "--validate_only"),
                         f"would be taken: {new}\n")
        self.assertEqual((self.price(), self.in_force()), (BY_5, old))
        self.assertEqual(self.topup("admin", "activate", path),
                         f"was in force: {old}\nin force now: {new}\n")
        self.assertEqual((self.price(), self.in_force()), (BY_10, new))
        self.assertEqual(self.topup("admin", "activate", path),
                         f"nothing changed: {new} is in force already\n")
        self.assertEqual(self.topup("admin", "rollback"),
                         f"was in force: {new}\nin force now: {old}\n")
        self.assertEqual((self.price(), self.in_force()), (BY_5, old))
        self.assertIn("NOTHING_TO_ROLL_BACK", self.topup("admin", "rollback", status=1))
        self.assertEqual(self.price(), BY_5)

    def test_without_a_file_the_server_reads_its_own_again(self):
        self.write("pricing", pricing("10"))
        self.assertEqual(self.price(), BY_5)
        self.topup("admin", "activate")
        self.assertEqual((self.price(), self.in_force()), (BY_10, digest(pricing("10"))))

    def test_whoever_expects_another_configuration_changes_nothing(self):
        owner = self.call(self.server).admin
        elsewhere = digest("another owner's")
        self.assert_fails("ABORTED", "CONFIG_CHANGED", owner.ActivatePricing,
                          admin.ActivatePricingRequest(config=pricing("10"),
                                                       expected_config_digest=elsewhere))
        self.activate("new", pricing("10"))
        self.assert_fails("ABORTED", "CONFIG_CHANGED", owner.RollbackPricing,
                          admin.RollbackPricingRequest(expected_config_digest=elsewhere))
        self.assertEqual(self.price(), BY_10)

    def test_an_owner_who_says_what_they_saw_changes_nothing_else(self):
        self.activate("bad", pricing("20"))
        seen = digest(pricing("20"))[:8]
        self.topup("admin", "rollback", f"--expect={seen}")
        # The second owner saw the same bad price, and comes too late.
        for words in (["rollback"], ["activate", self.path("bad")], ["activate"]):
            text = self.topup("admin", *words, f"--expect={seen}", status=1)
            self.assertIn(f"CONFIG_CHANGED: The configuration in force is {digest(pricing('5'))}, "
                          f"not {seen}.", text)
        self.assertEqual((self.price(), self.in_force()), (BY_5, digest(pricing("5"))))
        self.topup("admin", "activate", self.path("bad"), f"--expect={self.in_force()}")
        self.assertEqual(self.price(), BY_20)
        self.topup("admin", "rollback", "--expect=it", status=2)
        self.assertEqual(self.price(), BY_20)

    def test_the_command_takes_as_large_a_file_as_the_service(self):
        text = pricing("10")
        largest = text + "#" * ((240 << 10) - len(text))
        self.assertIn(f"in force now: {digest(largest)}", self.activate("largest", largest))
        self.assertIn("give at most 245760, or have the configured file read", self.topup(
            "admin", "activate", self.write("larger", largest + "#"), status=2))
        self.assert_fails("INVALID_ARGUMENT", "INVALID_ARGUMENT",
                          self.call(self.server).admin.ActivatePricing,
                          admin.ActivatePricingRequest(config=largest + "#"))

    def test_a_refused_configuration_lists_all_its_problems_and_changes_nothing(self):
        chain = 'chain { name: "a" strategy { library: "libpercentage_markup.so" } }\n'
        wrong = self.write("wrong", f'{chain}{chain}default_chain: "b"\n')
        for more in ([], ["--validate_only"]):
            text = self.topup("admin", "activate", wrong, *more, status=1)
            self.assertIn("CONFIG_INVALID", text)
            self.assertRegex(text, r"(?m)^  chain\[1\]\.name: ")
            self.assertRegex(text, r"(?m)^  default_chain: ")
        self.assertIn("CONFIG_INVALID", self.topup(
            "admin", "activate", self.write("torn", 'chain { name: "a'), status=1))
        missing = pricing("5").replace("libpercentage_markup", "libnowhere")
        text = self.topup("admin", "activate", self.write("missing", missing), status=1)
        self.assertIn("STRATEGY_LOAD_FAILED", text)
        self.assertIn("libnowhere.so", text)
        self.assertNotIn("/", text)  # our directories are nobody's business
        routes = "".join(f'route {{ name: "r{i}" chain: "default" operator: "djezzy" }}\n'
                         for i in range(256))
        text = self.topup("admin", "activate", self.write("pairs", pricing("5", routes)), status=1)
        self.assertIn("CONFIG_INVALID", text)
        self.assertIn("\n  route: has 32620 more pairs like these\n", text)
        routes = "".join(f'route {{ name: "r{i}" chain: "gone{i}" caller: "c{i}" }}\n'
                         for i in range(250))
        text = self.topup("admin", "activate", self.write("gone", pricing("5", routes)), status=1)
        self.assertRegex(text, r"(?m)^  and [0-9]+ more")
        self.topup("admin", "activate", self.path("no-such-file"), status=2)
        self.assertEqual((self.price(), self.in_force()), (BY_5, digest(pricing("5"))))

    def test_an_activation_survives_kill_9_until_the_file_changes(self):
        self.activate("new", pricing("10"))
        self.server.kill()
        self.start()
        self.assertEqual((self.price(), self.in_force()), (BY_10, digest(pricing("10"))))
        self.server.kill()
        self.write("pricing", pricing("20"))
        self.start()
        self.assertEqual((self.price(), self.in_force()), (BY_20, digest(pricing("20"))))

    def test_a_rollback_survives_kill_9_too(self):
        self.activate("new", pricing("10"))
        self.activate("newer", pricing("20"))
        self.topup("admin", "rollback")
        self.server.kill()
        self.start()
        self.assertEqual((self.price(), self.in_force()), (BY_10, digest(pricing("10"))))

    def test_a_simulation_prices_what_was_sold_and_changes_nothing(self):
        ids = {self.sell(f"r{i}", number) for i, number in enumerate(NUMBERS)}
        self.sell("back", REFUNDED)
        new = self.write("new", pricing("10"))
        *moves, last = self.messages("admin", "simulate", new)
        totals = last["totals"]
        sums = {name: int(totals[name]["centimes"])
                for name in ("oldRevenue", "newRevenue", "oldProfit", "newProfit")}
        self.assertEqual(sums, {"oldRevenue": 3 * BY_5, "newRevenue": 3 * BY_10,
                                "oldProfit": 3 * 2400, "newProfit": 3 * 4800})
        self.assertEqual((totals["topups"], totals["failures"]), ("3", "0"))
        self.assertEqual(sum(int(bucket["topups"]) for bucket in totals["histogram"]), 3)
        self.assertEqual({move["move"]["topupId"] for move in moves}, ids)
        self.assertEqual({(move["move"]["oldPrice"]["centimes"], move["move"]["newPrice"]["centimes"])
                          for move in moves}, {(str(BY_5), str(BY_10))})
        text = self.topup("admin", "simulate", new)
        self.assertRegex(text, r"revenue +1512\.00 DZD +1584\.00 DZD +\+72\.00 DZD\n")
        self.assertIn("#" * 40, text)
        *moves, last = self.messages("admin", "simulate", new, "--movers=1")
        self.assertEqual((len(moves), last["totals"]["topups"]), (1, "3"))
        nothing, = self.messages("admin", "simulate", new, "--start=2999-01-01")
        self.assertEqual(nothing["totals"]["topups"], "0")
        self.assertEqual((self.price(), self.in_force()), (BY_5, digest(pricing("5"))))

    def test_a_simulation_names_what_it_cannot_price(self):
        sold = self.sell("r", NUMBERS[0])
        strict = self.write("strict", pricing("10", 'guardrails { max_profit_percent: "6" }\n'))
        *moves, last = self.messages("admin", "simulate", strict)
        self.assertEqual((last["totals"]["topups"], last["totals"]["failures"]), ("1", "1"))
        self.assertEqual(int(last["totals"]["newRevenue"]["centimes"]), 0)
        self.assertEqual([move["move"]["topupId"] for move in moves], [sold])
        self.assertTrue(moves[0]["move"]["failureReason"])
        self.assertNotIn("newPrice", moves[0]["move"])
        text = self.topup("admin", "simulate", strict)
        self.assertIn("not priced", text)
        self.assertIn("1 could not be priced", text)

    def test_ctrl_c_ends_a_simulation_that_is_not_answered(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(LIMIT)
            with subprocess.Popen(
                    [os.path.abspath(CLI), f"--server=127.0.0.1:{silent.getsockname()[1]}", "admin",
                     "simulate"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
                connection, _ = silent.accept()
                run.send_signal(signal.SIGINT)
                out, error = run.communicate(timeout=LIMIT)
                connection.close()
        self.assertEqual((run.returncode, out, error), (3, "", "topup: Interrupted.\n"))

    def test_a_price_is_explained_by_what_it_was_made_from(self):
        sold = self.sell("r", NUMBERS[0])
        text = self.topup("admin", "explain", sold)
        self.assertTrue(text.endswith("\nsame\n"), text)
        self.assertIn("504.00 DZD", text)
        self.assertNotIn("differs", text)
        explained, = self.messages("admin", "explain", sold)
        self.assertTrue(explained["same"])
        inputs = explained["recorded"]["inputs"]
        self.assertEqual((inputs["configDigest"], inputs["route"], inputs["chain"],
                          inputs["costPpm"]),
                         (digest(pricing("5")), "(default)", "default", "960000"))
        # What is in force by now has no part in it.
        self.activate("new", pricing("10"))
        explained, = self.messages("admin", "explain", sold)
        self.assertTrue(explained["same"], explained)
        self.assertIn("TOPUP_NOT_FOUND", self.topup("admin", "explain", "no-such", status=1))
