"""Strategies that are wrong, in a service that goes on: what shows when a library is loaded is refused and
leaves the old prices in force; what shows only when it prices sells nothing and says why. Each fault
is a row, and one server meets all rows of a table.
"""
import os
import re
import signal

import grpc

from topupd_process import LIMIT, E2eTest, details_of, wait_until
from topup.admin.v1 import admin_service_pb2 as admin
from topup.v1 import topup_service_pb2 as v1

BROKEN = "tests/pricing_plugins/broken"
ODD = "tests/server/pricing/strategies"
DJEZZY, MOBILIS = "0770000001", "0661000001"
GOOD = ('chain { name: "good" strategy { library: "libpercentage_markup.so" '
        "config: '{\"percent\": \"5\"}' } }\ndefault_chain: \"good\"\n")
PRICE = 52107  # 500 DZD at 0.9925 and 5 %
LOAD_FAILED, CONFIG_INVALID = "STRATEGY_LOAD_FAILED", "CONFIG_INVALID"

# Library, configuration, step, expected, found.
FOUND_WHEN_LOADED = [
    # No answer to the question what it is.
    (f"{BROKEN}/libmissing_descriptor.so", "", "functions", "every pointer of the entry", "a null pointer"),
    (f"{BROKEN}/libsilent_descriptor.so", "", "descriptor", "id of 1 to 64 bytes of UTF-8", "something else"),
    (f"{BROKEN}/libempty_version.so", "", "descriptor", "version of 1 to 32 bytes of UTF-8", "an empty one"),
    (f"{BROKEN}/libodd_bytes_in_name.so", "", "descriptor", "display_name of 1 to 128 bytes",
     "something else"),
    (f"{BROKEN}/libwrong_descriptor_size.so", "", "sizes", "a descriptor of 48 bytes", "struct_size 7"),
    (f"{BROKEN}/libbad_id.so", "", "descriptor", "an id of a-z 0-9", "Not/An-Id"),
    # A schema that says nothing, or more than is enforced.
    (f"{BROKEN}/libhas_no_schema.so", "", "descriptor", "a config_schema of keywords", "JSON"),
    (f"{ODD}/libodd_schema.so", "", "descriptor", "a config_schema of keywords", "format"),
    # A schema that lies: it takes what create refuses.
    (f"{BROKEN}/libhas_a_lying_schema.so", '{"fee": 5}', "create", "a configuration that the strategy takes",
     "code 1: the configuration has to be {}"),
    # Errors and exceptions before it is ready.
    (f"{BROKEN}/libinit_fails.so", "", "init", "OK", "code 4: it will not start"),
    (f"{BROKEN}/libcreate_fails.so", "", "create", "a configuration", "code 1: it will not be made"),
    (f"{BROKEN}/liblies_without_end.so", '{"fee": 5}', "create", "a configuration", "(no usable message)"),
    (f"{BROKEN}/libwrong_strategy_size.so", "", "sizes", "a strategy of 40 bytes", "struct_size 4096"),
    (f"{BROKEN}/libkit_throws.so", '{"where": "create", "what": "exception"}', "create", "a configuration",
     "code 5: no price?today"),
    (f"{BROKEN}/libkit_throws.so", '{"where": "create", "what": "memory"}', "create", "a configuration",
     "code 5: out of memory"),
    (f"{BROKEN}/libkit_throws.so", '{"where": "create", "what": "number"}', "create", "a configuration",
     "code 5: an unknown exception"),
    # And such as no kit has caught.
    (f"{BROKEN}/libthrows_in_init.so", "", "init", "OK", "an exception"),
    (f"{BROKEN}/libthrows_in_create.so", "", "create", "a configuration", "an exception"),
]

# Library, configuration, the field, what is said of it: the schema's, the strategy is not asked.
FOUND_BY_SCHEMA = [
    # A schema that lies the other way: create takes what the schema refuses.
    (f"{BROKEN}/libtakes_anything.so", '{"fee": 5}', "fee is not a key here"),
    (f"{BROKEN}/libtakes_anything.so", "{", "not JSON"),
    (f"{BROKEN}/libhas_a_lying_schema.so", "{}", "fee is missing"),
    (f"{BROKEN}/libkit_throws.so", '{"where": "here", "what": "number"}', 'where is "here"'),
]

# Library, configuration, strategy, what is said.
FOUND_WHEN_PRICING = [
    (f"{BROKEN}/libprice_fails.so", "", "test.broken", "code 2: it will not price this"),
    (f"{BROKEN}/libunknown_code.so", "", "test.broken", "code 77: it will not price this"),
    (f"{BROKEN}/libfails_without_a_word.so", "", "test.broken", "code 5: "),
    (f"{BROKEN}/libfails_in_other_bytes.so", "", "test.broken", "code 5: (no usable message)"),
    (f"{BROKEN}/libnegative_price.so", "", "test.broken", "price of -1 centimes is not within"),
    (f"{BROKEN}/libhuge_price.so", "", "test.broken", "price of 9223372036854775807 centimes is not within"),
    (f"{BROKEN}/libno_steps.so", "", "test.broken", "it answered with 0 steps"),
    (f"{BROKEN}/libmany_steps.so", "", "test.broken", "it answered with 9 steps"),
    (f"{BROKEN}/libstep_out_of_range.so", "", "test.broken", "the price after step 1 is out of range"),
    (f"{BROKEN}/libodd_last_step.so", "", "test.broken", "its last step has another price"),
    (f"{BROKEN}/libendless_text.so", "", "test.broken", "the description of step 1 is no text"),
    (f"{BROKEN}/libempty_text.so", "", "test.broken", "the description of step 1 is no text"),
    (f"{BROKEN}/libhas_control_characters.so", "", "test.misbehaving",
     "the description of step 1 is no text"),
    (f"{ODD}/libother_currency.so", "", "test.odd", "its price is in currency 978"),
    (f"{BROKEN}/libmoody.so", "", "test.broken", "asked twice, it gave two answers"),
    (f"{BROKEN}/libkit_throws.so", '{"where": "price", "what": "exception"}', "test.kit_throws",
     "code 5: no price?today"),
    (f"{BROKEN}/libkit_throws.so", '{"where": "price", "what": "memory"}', "test.kit_throws",
     "code 5: out of memory"),
    (f"{BROKEN}/libkit_throws.so", '{"where": "price", "what": "number"}', "test.kit_throws",
     "code 5: an unknown exception"),
    (f"{BROKEN}/libthrows.so", "", "test.throwing", "it let an exception out"),
]


def with_route(library, config):
    """The good chain, and Djezzy by another one."""
    return (f'{GOOD}chain {{ name: "bad" strategy {{ library: "{os.path.abspath(library)}" '
            f"config: '{config}' }} }}\n"
            'route { name: "djezzy" chain: "bad" operator: "djezzy" }\n')


def name_of(library):
    return os.path.basename(library)


class StrategyFaultsTest(E2eTest):

    def setUp(self):
        super().setUp()
        self.server = self.start_topupd(f"--pricing_config={self.write('pricing', GOOD)}",
                                        sandbox=self.start_sandbox())
        self.caller = self.call(self.server)

    def quote(self, number=DJEZZY, plan="PREPAID_DJEZZY"):
        return self.caller.topups.QuoteTopup(
            v1.QuoteTopupRequest(phone_number=number, plan_code=plan, amount_dzd=500),
            timeout=LIMIT).quote

    def in_force(self):
        return self.caller.admin.ListStrategies(admin.ListStrategiesRequest(),
                                                timeout=LIMIT).config_digest

    def activate(self, library, config, validate_only=False):
        return self.caller.admin.ActivatePricing(admin.ActivatePricingRequest(
            config=with_route(library, config), validate_only=validate_only), timeout=LIMIT)

    def refusal_of(self, call, *arguments, **named):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **named)
        code, info = details_of(caught.exception)
        return code, info, caught.exception.details()

    def metric(self, name):
        status, text = self.server.get("/metrics")
        self.assertEqual(status, 200)
        return int(float(re.search(rf"(?m)^{name} (\S+)$", text).group(1)))

    def assert_serves(self):
        """Alive, ready, and selling by the good chain."""
        self.assertTrue(self.server.running())
        self.assertEqual(self.server.get("/readyz")[0], 200)
        self.assertEqual(self.quote(MOBILIS, "PREPAID_MOBILIS").price.price.centimes, 50400)

    def test_what_shows_when_it_is_loaded_is_refused_and_leaves_the_old_prices_in_force(self):
        before = self.in_force()
        counted = self.metric("topup_pricing_strategies_refused_total")
        for library, config, step, expected, found in FOUND_WHEN_LOADED:
            for validate_only in (True, False):
                with self.subTest(library=name_of(library), config=config, only=validate_only):
                    code, info, text = self.refusal_of(self.activate, library, config, validate_only)
                    self.assertEqual((code, info.reason), ("FAILED_PRECONDITION", LOAD_FAILED), text)
                    self.assertEqual((info.metadata["file"], info.metadata["step"]),
                                     (name_of(library), step), text)
                    self.assertIn(expected, info.metadata["expected"])
                    self.assertIn(found, info.metadata["found"])
                    for said in (name_of(library), f'"{step}"', expected, found):
                        self.assertIn(said, text)
                    counted += 1
                    self.assertEqual(self.metric("topup_pricing_strategies_refused_total"), counted)
                    logged = self.server.events("strategy.refused")[-1]
                    self.assertIn(name_of(library), logged["library"])
                    self.assertEqual(logged["chain"], "bad")
                    self.assertIn(found, logged["error"])
                    self.assertEqual(self.in_force(), before)
                    self.assertEqual(self.quote().price.price.centimes, PRICE)
        self.assert_serves()

    def test_a_configuration_that_the_schema_refuses_never_reaches_the_strategy(self):
        before = self.in_force()
        for library, config, said in FOUND_BY_SCHEMA:
            with self.subTest(library=name_of(library), config=config):
                code, info, text = self.refusal_of(self.activate, library, config)
                self.assertEqual((code, info.reason), ("INVALID_ARGUMENT", CONFIG_INVALID), text)
                self.assertIn(said, self.server.events("strategy.refused")[-1]["error"])
                self.assertEqual(self.in_force(), before)
                self.assertEqual(self.quote().price.price.centimes, PRICE)
        self.assert_serves()

    def test_what_shows_when_it_prices_sells_nothing_and_stops_nothing_else(self):
        before = self.in_force()
        counted = self.metric("topup_pricing_prices_unavailable_total")
        for row, (library, config, strategy, said) in enumerate(FOUND_WHEN_PRICING):
            with self.subTest(library=name_of(library), config=config):
                self.activate(library, config)
                for call, arguments in ((self.quote, ()),
                                        (self.caller.send, (f"r{row}", DJEZZY, "PREPAID_DJEZZY"))):
                    code, info, text = self.refusal_of(call, *arguments)
                    self.assertEqual((code, info.reason), ("UNAVAILABLE", "PRICING_UNAVAILABLE"), text)
                    self.assertEqual(info.metadata["strategy_id"], strategy)
                    self.assertIn(said, info.metadata["detail"])
                    self.assertIn(said, text)
                    counted += 1
                    self.assertEqual(self.metric("topup_pricing_prices_unavailable_total"), counted)
                    logged = self.server.events("price.unavailable")[-1]
                    self.assertEqual((logged["strategy"], logged["route"], logged["chain"],
                                      logged["plan"]),
                                     (strategy, "djezzy", "bad", "PREPAID_DJEZZY"))
                    self.assertIn(said, logged["error"])
                # Nothing was recorded, so that nothing can be sold later.
                self.assertEqual(self.refusal_of(self.caller.get, f"r{row}")[0], "NOT_FOUND")
                self.assert_serves()
                self.caller.admin.RollbackPricing(admin.RollbackPricingRequest(), timeout=LIMIT)
                self.assertEqual(self.in_force(), before)
                self.assertEqual(self.quote().price.price.centimes, PRICE)
        self.assertEqual(self.caller.send("good", MOBILIS).price.price.centimes, 50400)
        self.assertEqual(self.server.terminate(), 0)

    # The same by the file and SIGHUP: nobody is there to be answered, so the log says it.
    def test_a_file_that_is_read_again_is_refused_as_well(self):
        before = self.in_force()
        self.write("pricing", with_route(f"{BROKEN}/libsilent_descriptor.so", ""))
        self.server.signal(signal.SIGHUP)
        logged = self.wait_for_event("pricing.not_reloaded")
        self.assertIn("libsilent_descriptor.so", logged["reason"])
        self.assertEqual(self.in_force(), before)
        self.assert_serves()

    def wait_for_event(self, name):
        return wait_until(name, lambda: self.server.events(name))[-1]
