#!/usr/bin/env python3
"""What top-ups must cost, worked out a second time: exactly, in fractions of dinars, by code that shares
nothing with the strategies. Prints prices.tsv; --check compares it with the file instead.

Usage: make_prices.py [--check FILE]

BY_HAND was worked out with pencil and paper and is copied as it stands; that the rules here come to
the same is checked. Everything else is calculated. Columns: who worked it out, the chain, cost in
parts per million of the face value, face value in DZD, the moment (UTC), operator, kind, what the caller
has bought today and this month in centimes ("-" where that is not known), and the cost, price and
profit in centimes, or the reason of the refusal in the place of price and profit.
"""
import datetime
import json
import math
import sys
from fractions import Fraction

CENTIME = Fraction(1, 100)
MOST = Fraction(10**9)  # a milliard dinars
NOON = "2026-03-31T11:00:00Z"  # a Tuesday


class Refused(Exception):
    pass


def up(dinars):
    return math.ceil(dinars / CENTIME) * CENTIME


def down(dinars):
    return math.floor(dinars / CENTIME) * CENTIME


def within(dinars):
    if not 0 <= dinars <= MOST:
        raise Refused("PRICING_UNAVAILABLE")
    return dinars


# --- the rules, by what the READMEs say -------------------------------------------------------------

def ratio(config, percent="percent", ppm="markup_ppm"):
    if percent in config:
        return Fraction(config[percent]) / 100
    return Fraction(config[ppm], 10**6)


def percentage_markup(config, ask):
    return up(ask.price * (1 + ratio(config)))


def fixed_fee(config, ask):
    return ask.price + config["fee_centimes"] * CENTIME


def round_up(config, ask):
    return Fraction(math.ceil(ask.price / config["step_dzd"]) * config["step_dzd"])


def tiered(config, ask):
    decisive = {"face_value": ask.face, "volume_today": ask.today,
                "volume_this_month": ask.month}[config.get("by", "face_value")]
    if decisive is None:
        raise Refused("PRICING_UNAVAILABLE")
    for tier in config["tiers"]:
        if decisive <= tier.get("up_to_dzd", MOST):
            return up(ask.price * (1 + ratio(tier)))
    raise Refused("PRICING_UNAVAILABLE")


def time_window(config, ask):
    first = config.get("from_hour", 0)
    length = (config.get("to_hour", 24) - first) % 24 or 24
    # As if the window's day began with its first hour.
    shifted = ask.algiers - datetime.timedelta(hours=first)
    inside = shifted.hour < length
    if "days" in config:
        inside = inside and shifted.strftime("%A").lower() in config["days"]
    if "start" in config:
        inside = inside and ask.algiers >= datetime.datetime.fromisoformat(config["start"])
    if "end" in config:
        inside = inside and ask.algiers < datetime.datetime.fromisoformat(config["end"])
    if not inside:
        return ask.price
    if "discount_percent" in config or "discount_ppm" in config:
        return up(ask.price * (1 - ratio(config, "discount_percent", "discount_ppm")))
    return up(ask.price * (1 + ratio(config)))


def face_value(config, ask):
    return ask.face


def cap(config, ask):
    limits = [ask.price]
    if "percent_of_face_value" in config or "ppm_of_face_value" in config:
        limits.append(down(ask.face * ratio(config, "percent_of_face_value", "ppm_of_face_value")))
    if "plus_centimes" in config:
        limits.append(ask.face + config["plus_centimes"] * CENTIME)
    return min(limits)


def template(config, ask):
    return ask.price + config["fee_centimes"] * CENTIME


def template_rust(config, ask):
    return max(ask.price, ask.cost + config["minimum_profit_centimes"] * CENTIME)


def lua_rules(config, ask):
    return SCRIPTS[config["script"]](ask)


# --- scripts for lua_rules, and what they mean ------------------------------------------------------

LUA_MARKUP = "function price(r) return scale_up(r.price_so_far_centimes, PPM + 50000), 'markup 5 %' end"

LUA_OPERATORS = (
    "local ppm = {MOBILIS = 50000, DJEZZY = 45000, OOREDOO = 47500} function price(r)"
    " local markup = ppm[r.plan_operator]"
    " if not markup then return nil, 'no markup for ' .. r.plan_operator end"
    " return scale_up(r.price_so_far_centimes, PPM + markup), 'markup ' .. percent(markup) end")

LUA_FRIDAY = (
    "function price(r) local t = r.algiers local fee = 1500"
    " if t.weekday == 5 and t.hour >= 18 then fee = fee // 4 end"
    " return round_up(r.price_so_far_centimes + fee, 500), 'fee ' .. dinars(fee) end")

LUA_VOLUME = (
    "function price(r) if not r.has_usage then return nil, 'the volume is not known' end"
    " local ppm = r.caller_volume_this_month_centimes < 10000000 and 50000 or 30000"
    " return scale_up(r.price_so_far_centimes, PPM + ppm), 'markup ' .. percent(ppm) end")

LUA_HALVES = (
    "function price(r) local gap = max(r.face_value_centimes - r.price_so_far_centimes, 0)"
    " return r.price_so_far_centimes + (gap + 1) // 2, 'half of the gap' end")


def lua_operators(ask):
    percents = {"MOBILIS": "5", "DJEZZY": "4.5", "OOREDOO": "4.75"}
    if ask.operator not in percents:
        raise Refused("PRICING_UNAVAILABLE")
    return up(ask.price * (1 + Fraction(percents[ask.operator]) / 100))


def lua_friday(ask):
    evening = ask.algiers.isoweekday() == 5 and ask.algiers.hour >= 18
    fee = down(Fraction(15, 4)) if evening else Fraction(15)
    return Fraction(math.ceil((ask.price + fee) / 5) * 5)


def lua_volume(ask):
    if ask.month is None:
        raise Refused("PRICING_UNAVAILABLE")
    return up(ask.price * Fraction(105 if ask.month < 100000 else 103, 100))


SCRIPTS = {
    LUA_MARKUP: lambda ask: up(ask.price * Fraction(105, 100)),
    LUA_OPERATORS: lua_operators,
    LUA_FRIDAY: lua_friday,
    LUA_VOLUME: lua_volume,
    LUA_HALVES: lambda ask: ask.price + up(max(ask.face - ask.price, 0) / 2),
}


# --- a whole price ----------------------------------------------------------------------------------

class Ask:
    def __init__(self, row):
        self.face = Fraction(row["dzd"])
        self.cost = self.price = up(self.face * Fraction(row["ppm"], 10**6))
        self.operator = row["operator"]
        self.today = None if row["today"] is None else row["today"] * CENTIME
        self.month = None if row["month"] is None else row["month"] * CENTIME
        utc = datetime.datetime.strptime(row["utc"], "%Y-%m-%dT%H:%M:%SZ")
        self.algiers = utc + datetime.timedelta(hours=1)


def result(row):
    ask = Ask(row)
    cost = str(ask.cost / CENTIME)
    try:
        within(ask.face)
        within(ask.cost)
        for name, config in row["chain"]:
            ask.price = within(globals()[name](config, ask))
        if ask.price < ask.cost:
            raise Refused("MARGIN_GUARDRAIL")
    except Refused as refusal:
        return cost, str(refusal), "-"
    return cost, str(ask.price / CENTIME), str((ask.price - ask.cost) / CENTIME)


def row(chain, ppm=980000, dzd=1000, utc=NOON, operator="DJEZZY", kind="DYNAMIC",
        today=None, month=None):
    return {"chain": chain, "ppm": ppm, "dzd": dzd, "utc": utc, "operator": operator, "kind": kind,
            "today": today, "month": month}


def line(source, asked, cost, price, profit):
    chain = json.dumps(asked["chain"], separators=(",", ":"))
    bought = ["-" if asked[span] is None else str(asked[span]) for span in ("today", "month")]
    return "\t".join([source, chain, str(asked["ppm"]), str(asked["dzd"]), asked["utc"],
                      asked["operator"], asked["kind"], *bought, cost, price, profit])


# --- the table --------------------------------------------------------------------------------------

MARKUP_5 = ["percentage_markup", {"percent": "5"}]
MARKUP_0 = ["percentage_markup", {"percent": "0"}]
FEE = ["fixed_fee", {"fee_centimes": 250}]
TIERS = ["tiered", {"tiers": [{"up_to_dzd": 500, "percent": "6"}, {"up_to_dzd": 2000, "percent": "5"},
                              {"percent": "4.25"}]}]
CLOSED_TIERS = ["tiered", {"tiers": [{"up_to_dzd": 100, "markup_ppm": 70001},
                                     {"up_to_dzd": 1000, "percent": "0.0625"}]}]
NIGHT = ["time_window", {"from_hour": 20, "to_hour": 6, "percent": "1.5"}]
MORNING = ["time_window", {"from_hour": 8, "to_hour": 12, "markup_ppm": 33333}]
BY_MONTH = ["tiered", {"by": "volume_this_month",
                       "tiers": [{"up_to_dzd": 100000, "percent": "5"},
                                 {"up_to_dzd": 500000, "percent": "4"}, {"percent": "3"}]}]
BY_DAY = ["tiered", {"by": "volume_today", "tiers": [{"up_to_dzd": 1000, "percent": "2.5"},
                                                     {"up_to_dzd": 5000, "markup_ppm": 12345}]}]
FRIDAY_NIGHT = ["time_window", {"days": ["friday"], "from_hour": 22, "to_hour": 6, "percent": "1"}]
WEEKEND = ["time_window", {"days": ["saturday", "friday"], "discount_ppm": 12345}]
PROMOTION = ["time_window", {"start": "2026-04-01T00:00", "end": "2026-04-03T12:30",
                             "discount_percent": "2"}]
EVENINGS = ["time_window", {"start": "2026-04-01T19:00", "end": "2026-04-05T00:30", "from_hour": 18,
                            "to_hour": 2, "days": ["wednesday", "friday", "saturday"],
                            "discount_percent": "0.75"}]
PLUS_5 = ["cap", {"plus_centimes": 500}]
PLUS_20_OR_105 = ["cap", {"plus_centimes": 2000, "percent_of_face_value": "105"}]
RUST = ["template_rust", {"minimum_profit_centimes": 1000}]

BY_HAND = [
    (row([MARKUP_5]), "98000", "102900", "4900"),
    (row([MARKUP_0], 992500, 500), "49625", "49625", "0"),
    (row([MARKUP_5], 992500, 500), "49625", "52107", "2482"),
    (row([MARKUP_5, ["round_up", {"step_dzd": 5}]]), "98000", "103000", "5000"),
    (row([["percentage_markup", {"percent": "2.5"}]]), "98000", "100450", "2450"),
    (row([MARKUP_5], 960000, 200), "19200", "20160", "960"),
    (row([MARKUP_5], 960000, 100), "9600", "10080", "480"),
    (row([MARKUP_5], 960000, 500), "48000", "50400", "2400"),
    (row([MARKUP_5], 960000, 1000), "96000", "100800", "4800"),
    (row([MARKUP_5], 980000, 1), "98", "103", "5"),
    (row([["percentage_markup", {"percent": "0.0001"}]], 1000000, 1), "100", "101", "1"),
    (row([["percentage_markup", {"percent": "3"}]], 992500, 333), "33051", "34043", "992"),
    (row([FEE]), "98000", "98250", "250"),
    (row([["fixed_fee", {"fee_centimes": 0}]]), "98000", "98000", "0"),
    (row([["face_value", {}]]), "98000", "100000", "2000"),
    (row([["face_value", {}]], 992500, 500), "49625", "50000", "375"),
    (row([MARKUP_5, ["cap", {"percent_of_face_value": "102"}]]), "98000", "102000", "4000"),
    (row([MARKUP_5, ["cap", {"percent_of_face_value": "103"}]]), "98000", "102900", "4900"),
    (row([["cap", {"percent_of_face_value": "97"}]]), "98000", "MARGIN_GUARDRAIL", "-"),
    (row([["round_up", {"step_dzd": 1}]], 992500, 500), "49625", "49700", "75"),
    (row([["round_up", {"step_dzd": 5}]], 992500, 500), "49625", "50000", "375"),
    (row([["round_up", {"step_dzd": 10}]], 992500, 500), "49625", "50000", "375"),
    (row([["round_up", {"step_dzd": 10}]], 980000, 1000), "98000", "98000", "0"),
    (row([TIERS], 980000, 500), "49000", "51940", "2940"),
    (row([TIERS], 980000, 501), "49098", "51553", "2455"),
    (row([TIERS], 980000, 2000), "196000", "205800", "9800"),
    (row([TIERS], 980000, 2001), "196098", "204433", "8335"),
    (row([NIGHT], utc="2026-03-31T19:00:00Z"), "98000", "99470", "1470"),
    (row([NIGHT], utc="2026-03-31T18:59:59Z"), "98000", "98000", "0"),
    (row([NIGHT], utc="2026-03-31T04:59:59Z"), "98000", "99470", "1470"),
    (row([NIGHT], utc="2026-03-31T05:00:00Z"), "98000", "98000", "0"),
    (row([BY_MONTH], today=0, month=10000000), "98000", "102900", "4900"),
    (row([BY_MONTH], today=0, month=10000001), "98000", "101920", "3920"),
    (row([BY_MONTH], today=0, month=50000000), "98000", "101920", "3920"),
    (row([BY_MONTH], today=0, month=50000001), "98000", "100940", "2940"),
    (row([BY_MONTH]), "98000", "PRICING_UNAVAILABLE", "-"),
    (row([BY_DAY], today=100000, month=99999999), "98000", "100450", "2450"),
    (row([BY_DAY], today=500001, month=500001), "98000", "PRICING_UNAVAILABLE", "-"),
    (row([["lua_rules", {"script": LUA_VOLUME}]], today=0, month=9999999), "98000", "102900", "4900"),
    (row([["lua_rules", {"script": LUA_VOLUME}]], today=0, month=10000000), "98000", "100940", "2940"),
    (row([["lua_rules", {"script": LUA_VOLUME}]]), "98000", "PRICING_UNAVAILABLE", "-"),
    # 2026-04-03 is a Friday.
    (row([FRIDAY_NIGHT], utc="2026-04-03T20:59:59Z"), "98000", "98000", "0"),
    (row([FRIDAY_NIGHT], utc="2026-04-03T21:00:00Z"), "98000", "98980", "980"),
    (row([FRIDAY_NIGHT], utc="2026-04-04T04:59:59Z"), "98000", "98980", "980"),
    (row([FRIDAY_NIGHT], utc="2026-04-04T05:00:00Z"), "98000", "98000", "0"),
    (row([FRIDAY_NIGHT], utc="2026-04-03T04:59:59Z"), "98000", "98000", "0"),
    (row([MARKUP_5, PROMOTION], utc="2026-03-31T22:59:59Z"), "98000", "102900", "4900"),
    (row([MARKUP_5, PROMOTION], utc="2026-03-31T23:00:00Z"), "98000", "100842", "2842"),
    (row([MARKUP_5, PROMOTION], utc="2026-04-03T11:29:59Z"), "98000", "100842", "2842"),
    (row([MARKUP_5, PROMOTION], utc="2026-04-03T11:30:00Z"), "98000", "102900", "4900"),
    (row([PROMOTION], utc="2026-04-02T00:00:00Z"), "98000", "MARGIN_GUARDRAIL", "-"),
    (row([["percentage_markup", {"percent": "10"}], PLUS_5]), "98000", "100500", "2500"),
    (row([["percentage_markup", {"percent": "2"}], PLUS_5]), "98000", "99960", "1960"),
    (row([["percentage_markup", {"percent": "10"}], PLUS_20_OR_105]), "98000", "102000", "4000"),
    (row([["percentage_markup", {"percent": "10"}], PLUS_20_OR_105], 980000, 300), "29400", "31500",
     "2100"),
    (row([MARKUP_5, FEE, ["round_up", {"step_dzd": 10}]]), "98000", "104000", "6000"),
    (row([FEE, MARKUP_5]), "98000", "103163", "5163"),
    (row([MARKUP_0], 980000, 10**9), "98000000000", "98000000000", "0"),
    (row([["percentage_markup", {"percent": "2"}]], 980000, 10**9), "98000000000", "99960000000",
     "1960000000"),
    (row([MARKUP_5], 980000, 10**9), "98000000000", "PRICING_UNAVAILABLE", "-"),
    (row([["template", {"fee_centimes": 250}]]), "98000", "98250", "250"),
    (row([RUST]), "98000", "99000", "1000"),
    (row([MARKUP_5, RUST]), "98000", "102900", "4900"),
    (row([["lua_rules", {"script": LUA_MARKUP}]]), "98000", "102900", "4900"),
    (row([["lua_rules", {"script": LUA_MARKUP}]], 992500, 500), "49625", "52107", "2482"),
    (row([["lua_rules", {"script": LUA_OPERATORS}]], operator="PIXX"), "98000",
     "PRICING_UNAVAILABLE", "-"),
]


def calculated():
    """Rows for every strategy, with odd numbers: an exact result is where a wrong rounding hides."""
    ratios = [1000000, 999999, 992500, 987654, 960000, 333333]
    amounts = [1, 7, 40, 99, 100, 101, 333, 500, 501, 999, 1000, 1001, 2000, 2001, 12345, 999999999]
    moments = ["2026-03-31T%02d:59:59Z" % hour for hour in range(24)]
    percents = ["0.0001", "0.0625", "1", "2.3", "5", "12.3456", "100", "900"]
    for i, amount in enumerate(amounts):
        for j in range(2):
            ppm = ratios[(i + 3 * j) % len(ratios)]
            yield row([["percentage_markup", {"percent": percents[(i + j) % 8]}]], ppm, amount)
    for ppm in [0, 1, 50000, 333333, 9000000]:
        yield row([["percentage_markup", {"markup_ppm": ppm}]], 987654, 777)
    for i, fee in enumerate([1, 99, 250, 1000, 999999, 1000000]):
        yield row([["fixed_fee", {"fee_centimes": fee}]], ratios[i], amounts[i])
        yield row([MARKUP_5, ["fixed_fee", {"fee_centimes": fee}]], 987654, 12345)
        yield row([["template", {"fee_centimes": min(fee, 100000)}]], ratios[i], amounts[-i - 1])
    for i, amount in enumerate(amounts):
        yield row([["round_up", {"step_dzd": [1, 5, 10][i % 3]}]], ratios[i % 6], amount)
        yield row([MARKUP_5, ["round_up", {"step_dzd": [10, 1, 5][i % 3]}]], ratios[i % 5], amount)
        yield row([TIERS], ratios[i % 6], amount)
        yield row([CLOSED_TIERS], ratios[(i + 1) % 6], amount)
        yield row([["face_value", {}]], ratios[i % 6], amount)
        yield row([MARKUP_5, ["cap", {"percent_of_face_value": ["101.2345", "105", "99"][i % 3]}]],
                  ratios[i % 6], amount)
        yield row([["cap", {"ppm_of_face_value": 1000001}]], ratios[i % 6], amount)
        yield row([["template_rust", {"minimum_profit_centimes": [0, 33, 100000][i % 3]}]],
                  ratios[i % 6], amount)
        yield row([["lua_rules", {"script": LUA_HALVES}]], ratios[i % 6], amount)
        yield row([["lua_rules", {"script": LUA_OPERATORS}]], ratios[i % 6], amount,
                  operator=["MOBILIS", "DJEZZY", "OOREDOO", "PIXX"][i % 4])
    for i, moment in enumerate(moments):
        yield row([NIGHT], ratios[i % 6], 777, moment)
        yield row([MORNING, FEE], ratios[i % 6], 321, moment)
    volumes = [0, 1, 99999, 100000, 100001, 500000, 9999999, 10000000, 10000001, 49999999, 50000001,
               10**11]
    for i, volume in enumerate(volumes):
        yield row([BY_MONTH, FEE], ratios[i % 6], amounts[i], today=min(volume, 77), month=volume)
        yield row([BY_DAY], ratios[i % 6], amounts[i], today=volume, month=10**11)
        yield row([["lua_rules", {"script": LUA_VOLUME}]], ratios[i % 6], amounts[i], today=0,
                  month=volume)
    for i, amount in enumerate(amounts):
        yield row([MARKUP_5, PLUS_5], ratios[i % 6], amount)
        yield row([["percentage_markup", {"percent": "12.3456"}], PLUS_20_OR_105], ratios[i % 6], amount)
    for day in range(1, 8):
        for hour in [0, 1, 4, 5, 11, 17, 18, 20, 22, 23]:
            moment = "2026-04-%02dT%02d:29:59Z" % (day, hour)
            yield row([FRIDAY_NIGHT, FEE], ratios[hour % 6], amounts[day], moment)
            yield row([MARKUP_5, WEEKEND], ratios[hour % 6], amounts[day + 6], moment)
            yield row([MARKUP_5, EVENINGS], ratios[hour % 6], amounts[day + 4], moment)
    for day in range(1, 8):
        for hour in [16, 17, 22, 23]:
            yield row([["lua_rules", {"script": LUA_FRIDAY}]], 987654, 250,
                      "2026-04-%02dT%02d:30:00Z" % (day, hour))
    for i, amount in enumerate(amounts):
        yield row([TIERS, NIGHT, ["round_up", {"step_dzd": 5}]], ratios[i % 6], amount,
                  moments[(5 * i) % 24])
        yield row([["lua_rules", {"script": LUA_HALVES}], MARKUP_5, RUST, FEE], ratios[i % 6], amount)


def table():
    yield "\t".join(["# source", "chain", "cost_ppm", "dzd", "utc", "operator", "kind",
                     "bought_today", "bought_this_month", "cost", "price", "profit"])
    for asked, cost, price, profit in BY_HAND:
        assert result(asked) == (cost, price, profit), (asked, result(asked), cost, price, profit)
        yield line("by hand", asked, cost, price, profit)
    for asked in calculated():
        yield line("calculated", asked, *result(asked))


def main():
    text = "\n".join(table()) + "\n"
    if sys.argv[1:2] == ["--check"]:
        with open(sys.argv[2], encoding="utf-8") as file:
            if file.read() != text:
                sys.exit(f"{sys.argv[2]} is not what make_prices.py prints: make it anew")
        print(f"{text.count(chr(10)) - 1} prices are as worked out")
        return
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
