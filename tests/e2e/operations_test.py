"""What the people who run topupd see: health, metrics, logs, reload, settings in force."""
import re
import signal

from holding_provider import HoldingProvider
from topupd_process import LIMIT, TOPUPD, WHOLE_NUMBER, E2eTest, Process, http_call, wait_until
from topup.v1 import topup_service_pb2 as v1

# One line of Prometheus's text format: name, labels, value.
METRIC = re.compile(r'([a-z_]+)(\{([a-z_]+="[^"\\]*",?)+\})? (-?[0-9.e+-]+|\+Inf|NaN)$')


def pricing(percent):
    return ('chain { name: "default" strategy { library: "libpercentage_markup.so" '
            f"config: '{{\"percent\": \"{percent}\"}}' }} }}")


class OperationsTest(E2eTest):

    def metrics(self, server):
        status, text = server.get("/metrics")
        self.assertEqual(status, 200)
        values = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                self.assertRegex(line, METRIC)
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values

    def metrics_where(self, server, *counted):
        """The metrics, or None while one of `counted` is still zero."""
        values = self.metrics(server)
        return values if all(values.get(name) for name in counted) else None

    def test_metrics_count_what_happened_and_name_no_number_and_no_ref(self):
        server = self.start_topupd(sandbox=self.start_sandbox())
        caller = self.call(server)
        before = self.metrics(server)
        caller.send("ref-of-a-caller", "0661000001")
        caller.send("ref-of-another", "0600000001")
        caller.settle("ref-of-a-caller")
        caller.settle("ref-of-another")
        # A watcher may hear of a commit before it is counted.
        refunded = 'topup_engine_status_changes_total{status="REFUNDED"}'
        fulfilled = 'topup_engine_status_changes_total{status="FULFILLED"}'
        after = wait_until("the counts", lambda: self.metrics_where(server, fulfilled, refunded))
        for name, count in ((fulfilled, 1), (refunded, 1),
                            ('topup_engine_posts_total{meaning="accepted"}', 2),
                            ('topup_api_calls_total{code="OK",method="SendTopup"}', 2),
                            ("topup_engine_incidents_total", 0)):
            self.assertEqual(after[name] - before.get(name, 0), count, name)
        text = "\n".join(after)
        self.assertNotIn("ref-of", text)
        self.assertIsNone(WHOLE_NUMBER.search(text))

    def test_live_and_ready_until_it_drains(self):
        provider = HoldingProvider(self.start_sandbox())
        server = self.start_topupd("--shutdown_grace=10m", "--provider_timeout=5m",
                                   sandbox=provider)
        self.assertEqual([server.get(path)[0] for path in ("/livez", "/readyz", "/other")],
                         [200, 200, 404])
        self.assertIn(http_call(server.ops_address, "POST", "/metrics", "x")[0], (404, 405))
        caller = self.call(server)
        caller.send("r1", "0661000001")
        provider.wait_for_send()
        server.signal(signal.SIGTERM)
        caller.watch_health("", serving=False)
        self.assertEqual([server.get(path)[0] for path in ("/livez", "/readyz")], [200, 503])
        provider.let_go()
        self.assertEqual(server.wait(), 0)

    def test_no_log_line_holds_a_whole_number_or_a_key_wherever_the_caller_puts_one(self):
        self.secrets += ["Bearer", "quoted-secret"]
        server = self.start_topupd(sandbox=self.start_sandbox())
        caller = self.call(server, "quoted-secret")
        sale = {"plan_code": "PREPAID_MOBILIS", "amount_dzd": 500}
        for request in (
                v1.SendTopupRequest(ref="order-0661000001", phone_number="+213661000001", **sale),
                v1.SendTopupRequest(ref="0661000002", phone_number="00213661000002", **sale),
                v1.SendTopupRequest(ref="r3", phone_number="0661000003", labels={
                    "customer": "0661000003"}, **sale)):
            caller.topups.SendTopup(request)
            caller.settle(request.ref)
        wrong = v1.SendTopupRequest(ref="r4", phone_number="06610000044", **sale)
        error = self.assert_fails("INVALID_ARGUMENT", "INVALID_PHONE_NUMBER",
                                  caller.topups.SendTopup, wrong)
        self.assertNotIn("0661000004", error.details())
        wrong = v1.SendTopupRequest(ref="r5", phone_number="0770000005", **sale)
        error = self.assert_fails("FAILED_PRECONDITION", "OPERATOR_MISMATCH",
                                  caller.topups.SendTopup, wrong)
        self.assertNotIn("0770000005", error.details())
        # A watcher may hear of a commit before it is logged.
        wait_until("the log lines", lambda: len(server.events("topup.settled")) >= 3)
        self.assertTrue(all(entry["phone"].startswith("06***")
                            for entry in server.events("topup.settled")))

    def test_sighup_takes_a_new_price_and_keeps_the_old_one_where_the_new_is_wrong(self):
        path = self.write("pricing", pricing("5"))
        server = self.start_topupd(f"--pricing_config={path}")
        caller = self.call(server)
        self.assertEqual(self.price(caller), 50400)
        self.write("pricing", pricing("10"))
        server.signal(signal.SIGHUP)
        wait_until("the reload", lambda: server.events("pricing.reloaded"))
        self.assertEqual(self.price(caller), 52800)
        self.write("pricing", pricing("ten"))
        server.signal(signal.SIGHUP)
        wait_until("the refusal", lambda: server.events("pricing.not_reloaded"))
        self.assertEqual(self.price(caller), 52800)

    def test_a_shadow_is_compared_and_sells_nothing(self):
        def comparisons(outcome):
            return f'topup_pricing_shadow_comparisons_total{{outcome="{outcome}"}}'

        prices = self.write("pricing", pricing("5"))
        shadow = self.write("shadow", pricing("7"))
        server = self.start_topupd(f"--pricing_config={prices}", f"--pricing_shadow={shadow}")
        caller = self.call(server)
        self.assertEqual(self.price(caller), 50400)
        values = wait_until("a comparison", lambda: self.metrics_where(
            server, comparisons("higher")))
        self.assertEqual(values["topup_pricing_shadow_in_use"], 1)
        up = 'topup_pricing_shadow_difference_centimes_total{direction="up"}'
        wait_until("51360 - 50400", lambda: self.metrics(server)[up] == 960)
        self.assertEqual(caller.send("r1", "0661000001").price.price.centimes, 50400)

        self.write("shadow", pricing("4"))
        server.signal(signal.SIGHUP)
        wait_until("the reload", lambda: server.events("pricing_shadow.reloaded"))
        self.assertEqual(self.price(caller), 50400)
        wait_until("a comparison with it", lambda: self.metrics_where(server, comparisons("lower")))
        self.write("shadow", pricing("four"))
        server.signal(signal.SIGHUP)
        wait_until("the refusal", lambda: server.events("pricing_shadow.not_reloaded"))
        self.assertEqual(self.price(caller), 50400)
        wait_until("a comparison with the old one",
                   lambda: self.metrics(server)[comparisons("lower")] == 2)

    def price(self, caller):
        return caller.topups.QuoteTopup(v1.QuoteTopupRequest(
            phone_number="0661000001", plan_code="PREPAID_MOBILIS",
            amount_dzd=500), timeout=LIMIT).quote.price.price.centimes

    def test_what_is_in_force_is_printed_without_the_key(self):
        process = self.keep(Process(TOPUPD, [*self.flags("--queue_limit=77"), "--print_config"],
                                    self.folder, {"TOPUP_PROVIDER_KEY": "quoted-secret"}))
        text = "\n".join(iter(process.next_line, None))
        self.assertEqual(process.wait(), 0)
        self.assertIn("queue_limit: 77", text)
        self.assertIn('poll_interval: "300ms"', text)
        self.assertNotIn("quoted-secret", text)
        # What is printed is a file for --config.
        path = self.write("config", text)
        again = self.keep(Process(TOPUPD, [f"--config={path}", "--print_config"], self.folder))
        self.assertEqual("\n".join(iter(again.next_line, None)), text)
