// The provider's answers, without a network: what is documented, and what a fault makes of it.
#include "server/sandbox/http/simulated_provider.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "server/sandbox/http/control_handler.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::sandbox {
namespace {

using nlohmann::json;
using support::IsOk;

class SimulatedProviderTest : public testing::Test {
 protected:
  SimulatedProviderTest() { Restart(""); }

  void Restart(const std::string& ledger_path) {
    SimulatedProviderOptions options;
    options.keys.emplace_back("key");
    options.balance_centimes = 1'000'000;
    provider_ = *SimulatedProvider::Make(options, FaultSettings(), *Ledger::Open(ledger_path),
                                         clock_, random_);
  }
  void SetFaults(const std::string& text) {
    auto settings = ParseFaultSettings(text);
    ASSERT_THAT(settings, IsOk());
    provider_->SetFaults(*settings);
  }
  HttpReply Get(const std::string& path, std::map<std::string, std::string> query = {}) {
    return provider_->Handle({"GET", path, query, "", "key", "127.0.0.1"});
  }
  HttpReply Post(const std::string& body) {
    return provider_->Handle({"POST", "/v3/mobile/send", {}, body, "key", "127.0.0.1"});
  }
  HttpReply Send(const std::string& ref, const std::string& phone = "0660000001") {
    return Post(absl::StrCat(R"({"plan_code":"PREPAID_MOBILIS","MSSIDN":")", phone,
                             R"(","amount":500,"ref":")", ref, "\"}"));
  }
  HttpReply Control(const std::string& path, const std::string& body) {
    return HandleControl({"PUT", path, {}, body, "", "127.0.0.1"}, *provider_);
  }
  static json Body(const HttpReply& reply) { return json::parse(reply.body, nullptr, false); }
  static std::string CodeOf(const HttpReply& reply) {
    const json body = Body(reply);
    return body.contains("error") && body["error"].is_object() ? body["error"].value("code", "")
                                                               : "";
  }
  std::string StatusOf(const std::string& ref) {
    const json body = Body(Get("/v3/mobile/check-ref/" + ref));
    return body.value("success", false) ? body["data"].value("status", "") : "not found";
  }

  fakes::FakeClock clock_;
  fakes::SeededRandom random_;
  std::unique_ptr<SimulatedProvider> provider_;
};

TEST_F(SimulatedProviderTest, TakesASendAndShowsItByIdAndRefAndInTheList) {
  const json sent = Body(Send("r1"));
  EXPECT_TRUE(sent["success"]);
  EXPECT_EQ(sent["data"]["topupRef"], "API-+213600000000-r1");
  const std::string id = sent["data"]["topupId"];
  EXPECT_EQ(id.size(), 24);
  const json by_ref = Body(Get("/v3/mobile/check-ref/r1"))["data"];
  EXPECT_EQ(by_ref["_id"], id);
  EXPECT_EQ(by_ref["MSSIDN"], "0660000001");
  EXPECT_EQ(by_ref["topup_amount"], 500);
  EXPECT_EQ(by_ref["balance_amount"], 480);
  EXPECT_EQ(Body(Get("/v3/mobile/check-id/" + id))["data"], by_ref);
  const json list = Body(Get("/v3/mobile/list"))["data"];
  EXPECT_EQ(list["items"][0], by_ref);
  EXPECT_EQ(list["pagination"],
            json::parse(R"({"page":1,"pageSize":20,"totalPages":1,"totalResults":1})"));
  clock_.Advance(absl::Seconds(15));
  EXPECT_EQ(StatusOf("r1"), "FULFILLED");
}

TEST_F(SimulatedProviderTest, TheListIsFilteredByTheTimesItShows) {
  SetFaults("behaviour { clock_skew_ms: 600000 }");
  Send("r1");
  const std::string created = Body(Get("/v3/mobile/check-ref/r1"))["data"]["created_at"];
  EXPECT_EQ(
      Body(Get("/v3/mobile/list", {{"from", created}, {"to", created}}))["data"]["items"].size(),
      1);
  EXPECT_EQ(CodeOf(Get("/v3/mobile/list", {{"from", created}})), "ERR_VALIDATION");
  EXPECT_EQ(CodeOf(Get("/v3/mobile/list", {{"pageSize", "101"}})), "ERR_VALIDATION");
  EXPECT_EQ(CodeOf(Get("/v3/mobile/list", {{"page", "0"}})), "ERR_VALIDATION");
}

TEST_F(SimulatedProviderTest, RefusesARefTwiceAndDoesNotReplayTheAnswer) {
  Send("r1");
  const HttpReply again = Send("r1");
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(CodeOf(again), "DUPLICATED_REF");
  EXPECT_EQ(provider_->AcceptedTopups().size(), 1);
  EXPECT_EQ(provider_->PostsOfRef("r1"), 2);
}

TEST_F(SimulatedProviderTest, EchoesTheFieldThatIsWrong) {
  const json error = Body(Send("r1", "0960000001"))["error"];
  EXPECT_EQ(error["code"], "ERR_VALIDATION");
  EXPECT_EQ(error["details"]["field"], "MSSIDN");
  EXPECT_EQ(error["details"]["value"], "0960000001");
  EXPECT_EQ(CodeOf(Post("nonsense")), "ERR_VALIDATION");
  EXPECT_EQ(CodeOf(Post(std::string(100'000, '['))), "ERR_VALIDATION");
  EXPECT_EQ(
      Body(Post(
          R"({"plan_code":"PREPAID_MOBILIS","MSSIDN":660000001,"amount":500})"))["error"]["details"]
                                                                                ["field"],
      "MSSIDN");
  EXPECT_EQ(Body(Post(R"({"plan_code":"PREPAID_MOBILIS","MSSIDN":"0660000001","amount":50.5})"))
                ["error"]["details"]["field"],
            "amount");
}

TEST_F(SimulatedProviderTest, AnswersTheAccountAndTheKeyQuestions) {
  Send("r1");
  EXPECT_EQ(Body(Get("/v3/account/balance"))["data"]["balance"], 9520);
  const json moves = Body(Get("/v3/account/transactions"))["data"]["items"];
  EXPECT_EQ(moves[0]["type"], "FLEXY");
  EXPECT_EQ(moves[1]["type"], "DEPOSIT");
  const json validate = Body(Get("/v3/validate"));
  EXPECT_EQ(validate["data"]["apiKey"]["type"], "SANDBOX");
  EXPECT_EQ(validate["data"]["apiKey"]["scope"], "READ-WRITE");
  EXPECT_FALSE(validate.contains("meta"));
  SetFaults("behaviour { operators_down: 'djezzy' key_production: true }");
  EXPECT_EQ(Body(Get("/v3/ping"))["data"]["operators"]["djezzy"], "down");
  EXPECT_EQ(Body(Get("/v3/ping"))["data"]["operators"]["mobilis"], "up");
  EXPECT_EQ(Body(Get("/v3/validate"))["data"]["apiKey"]["type"], "PRODUCTION");
}

TEST_F(SimulatedProviderTest, ShowsTheCatalogueWithItsGaps) {
  const json data = Body(Get("/v3/mobile/plans"))["data"];
  bool wholesale_seen = false;
  for (const json& plan : data["dynamicPlans"]) {
    const bool is_wholesale = plan["code"] == "GROS_MOBILIS";
    EXPECT_NE(plan.contains("cost"), is_wholesale) << plan;
    wholesale_seen = wholesale_seen || is_wholesale;
  }
  EXPECT_TRUE(wholesale_seen);
  EXPECT_EQ(data["fixedPlans"][0]["amount"], 500);
  EXPECT_EQ(Control("/sandbox/plans", R"({"code":"PIXX_500","isEnabled":false})").status, 204);
  EXPECT_EQ(Body(Get("/v3/mobile/plans"))["data"]["fixedPlans"][0]["isEnabled"], false);
}

TEST_F(SimulatedProviderTest, AnUnknownPathHasNoEnvelope) {
  const json body = Body(Get("/v3/mobile/topup/1"));
  EXPECT_EQ(body["statusCode"], 404);
  EXPECT_FALSE(body.contains("success"));
  EXPECT_EQ(CodeOf(Get("/v3/mobile/check-ref/none")), "NOT_FOUND");
}

TEST_F(SimulatedProviderTest, WrongKeysCountDownToALockoutThatEnds) {
  const auto with_key = [&](std::optional<std::string> key) {
    return provider_->Handle({"GET", "/v3/validate", {}, "", key, "10.0.0.1"});
  };
  EXPECT_EQ(with_key(std::nullopt).status, 401);
  EXPECT_EQ(CodeOf(with_key(std::nullopt)), "MISSING_ACCESS_TOKEN");
  for (int left = 4; left > 0; --left) {
    EXPECT_EQ(Body(with_key("bad"))["error"]["details"]["attemptsLeft"], left);
  }
  EXPECT_EQ(CodeOf(with_key("bad")), "IP_BLOCKED");
  EXPECT_EQ(CodeOf(with_key("key")), "IP_BLOCKED");
  EXPECT_EQ(Get("/v3/validate").status, 200);  // from another address
  clock_.Advance(absl::Minutes(15));
  EXPECT_EQ(with_key("key").status, 200);
}

TEST_F(SimulatedProviderTest, KeysCanBeDisabledReadOnlyOrOfAForeignAddress) {
  SetFaults("behaviour { key_state: DISABLED }");
  EXPECT_EQ(CodeOf(Get("/v3/account/balance")), "API_DISABLED");
  SetFaults("behaviour { key_state: FOREIGN_ADDRESS }");
  EXPECT_EQ(CodeOf(Get("/v3/account/balance")), "IP_NOT_ALLOWED");
  SetFaults("behaviour { key_state: READ_ONLY }");
  EXPECT_EQ(Get("/v3/account/balance").status, 200);
  EXPECT_EQ(Send("r1").status, 403);
}

TEST_F(SimulatedProviderTest, TheCeilingAnswers429UntilTheMinuteIsOver) {
  SetFaults("behaviour { requests_per_minute: 2 }");
  EXPECT_EQ(Get("/v3/ping").status, 200);
  clock_.Advance(absl::Seconds(20));
  EXPECT_EQ(Get("/v3/ping").status, 200);
  const HttpReply refused = Get("/v3/ping");
  EXPECT_EQ(refused.status, 429);
  ASSERT_EQ(refused.headers.back().first, "Retry-After");
  EXPECT_EQ(refused.headers.back().second, "40");
  clock_.Advance(absl::Seconds(40));
  EXPECT_EQ(Get("/v3/ping").status, 200);
  EXPECT_EQ(Get("/v3/ping").status, 429);
}

TEST_F(SimulatedProviderTest, TheOpenQuestionsCanBeReadEitherWay) {
  SetFaults(
      "behaviour { ref_form: BARE show_request_id: false show_meta: false show_new_balance: true "
      "show_currency: true duplicate_code: 'DUPLICATED-REF' odd_plan_entries: true "
      "missing_key_status: 400 wrong_key_code: 'ERR_AUTH' }");
  const json sent = Body(Send("r1"));
  EXPECT_EQ(sent["data"]["topupRef"], "r1");
  EXPECT_EQ(sent["data"]["newBalance"], 9520);
  EXPECT_FALSE(sent.contains("requestId") || sent.contains("meta"));
  EXPECT_EQ(CodeOf(Send("r1")), "DUPLICATED-REF");
  EXPECT_EQ(Body(Get("/v3/account/balance"))["data"]["currency"], "DZD");
  EXPECT_EQ(Body(Get("/v3/mobile/plans"))["data"]["fixedPlans"].back(), nullptr);
  EXPECT_EQ(provider_->Handle({"GET", "/v3/validate", {}, "", {}, "1"}).status, 400);
  EXPECT_EQ(CodeOf(provider_->Handle({"GET", "/v3/validate", {}, "", "bad", "1"})), "ERR_AUTH");
}

TEST_F(SimulatedProviderTest, ReadsCanLagBehindAcceptance) {
  SetFaults("behaviour { read_lag_ms: 2000 }");
  Send("r1");
  EXPECT_EQ(StatusOf("r1"), "not found");
  EXPECT_TRUE(Body(Get("/v3/mobile/list"))["data"]["items"].empty());
  EXPECT_EQ(CodeOf(Send("r1")), "DUPLICATED_REF");
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(StatusOf("r1"), "PENDING");
}

TEST_F(SimulatedProviderTest, AFaultBeforeAcceptanceTakesNothingAndOneAfterTakesIt) {
  ASSERT_THAT(provider_->SetBalance(100'000'000), IsOk());
  for (const char* kind : {"REFUSE",
                           "RATE_LIMITED",
                           "UNAVAILABLE",
                           "REDIRECT",
                           "NOT_FOUND",
                           "UNKNOWN_ROUTE",
                           "HTML_BODY",
                           "EMPTY_BODY",
                           "GZIP_BOMB",
                           "TRUNCATED_JSON",
                           "MALFORMED_JSON",
                           "DEEP_JSON",
                           "HUGE_JSON",
                           "DUPLICATE_KEYS",
                           "WRONG_REF",
                           "OTHER_PHONE",
                           "OTHER_AMOUNT",
                           "UNKNOWN_STATUS_WORD",
                           "REPLY_TO_ANOTHER",
                           "WRONG_CONTENT_LENGTH",
                           "SHORT_CONTENT_LENGTH",
                           "DELAY",
                           "HANG",
                           "CLOSE",
                           "RESET",
                           "CUT",
                           "SLOW",
                           "ONE_BYTE_SEGMENTS",
                           "DUPLICATED_REPLY",
                           "EARLY_CONTINUE"}) {
    SetFaults(absl::StrCat("rules { endpoints: SEND kind: ", kind, " }"));
    const std::string before = absl::StrCat("before-", kind);
    const HttpReply refused = Send(before);
    EXPECT_EQ(StatusOf(before), "not found") << kind;
    // Nobody may read a whole, honest-looking acceptance of what was not taken.
    const json body = Body(refused);
    if (!body.is_discarded() && body.is_object() && body.value("success", false) &&
        refused.wire.content_length_error == 0) {
      EXPECT_NE(body["data"]["topupRef"], "API-+213600000000-" + before) << kind;
    }
    SetFaults(absl::StrCat("rules { endpoints: SEND moment: AFTER_ACCEPTANCE kind: ", kind, " }"));
    Send(absl::StrCat("after-", kind));
    EXPECT_EQ(StatusOf(absl::StrCat("after-", kind)), "PENDING") << kind;
  }
}

TEST_F(SimulatedProviderTest, DamagedReadsSayWhatTheFaultIsNamedFor) {
  Send("r1");
  const auto read = [&](const std::string& kind) {
    SetFaults(absl::StrCat("rules { endpoints: CHECK_REF kind: ", kind, " }"));
    return Get("/v3/mobile/check-ref/r1");
  };
  EXPECT_EQ(Body(read("WRONG_REF"))["data"]["ref"], "API-+213600000000-r1-other");
  EXPECT_NE(Body(read("OTHER_PHONE"))["data"]["MSSIDN"], "0660000001");
  EXPECT_EQ(Body(read("OTHER_AMOUNT"))["data"]["topup_amount"], 510);
  EXPECT_EQ(Body(read("UNKNOWN_STATUS_WORD"))["data"]["status"], "TRANSFERRED");
  EXPECT_NE(Body(read("REPLY_TO_ANOTHER"))["data"]["ref"], "API-+213600000000-r1");
  EXPECT_TRUE(Body(read("TRUNCATED_JSON")).is_discarded());
  EXPECT_TRUE(Body(read("MALFORMED_JSON")).is_discarded());
  EXPECT_GT(read("HUGE_JSON").body.size(), 1 << 20);
  EXPECT_NE(read("DEEP_JSON").body.find(std::string(100'000, '[')), std::string::npos);
  EXPECT_EQ(read("HTML_BODY").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(read("REDIRECT http_status: 307 location: '/x'").headers.back().second, "/x");
  const std::string twice = read("DUPLICATE_KEYS").body;
  EXPECT_NE(twice.find("\"success\":true"), std::string::npos);
  EXPECT_NE(twice.find("\"success\":false"), std::string::npos);
}

TEST_F(SimulatedProviderTest, AnswersWithAnotherTopupAlsoWhereTheRefIsUnknown) {
  Send("r1");
  SetFaults("rules { endpoints: CHECK_REF kind: REPLY_TO_ANOTHER }");
  EXPECT_EQ(Body(Get("/v3/mobile/check-ref/none"))["data"]["ref"], "API-+213600000000-r1");
  EXPECT_EQ(provider_->FaultCount("REPLY_TO_ANOTHER"), 1);
  EXPECT_EQ(provider_->FaultCount("HANG"), 0);
}

TEST_F(SimulatedProviderTest, AFaultForANumberAlsoHitsTheReadsOfItsTopup) {
  Send("r1", "0660000007");
  Send("r2", "0660000008");
  SetFaults("rules { endpoints: CHECK_REF numbers: '0660000007' kind: NOT_FOUND }");
  EXPECT_EQ(StatusOf("r1"), "not found");
  EXPECT_EQ(StatusOf("r2"), "PENDING");
}

TEST_F(SimulatedProviderTest, ControlsSayWhatIsWrong) {
  EXPECT_EQ(Control("/sandbox/faults", "rules { kind: NONE }").status, 400);
  EXPECT_EQ(Control("/sandbox/balance", R"({"balance_centimes":5})").status, 204);
  EXPECT_EQ(provider_->BalanceCentimes(), 5);
  EXPECT_EQ(CodeOf(Send("r1")), "INSUFFICIENT_BALANCE");
  EXPECT_EQ(Control("/sandbox/balance", R"({"balance":5})").status, 400);
  EXPECT_EQ(Control("/sandbox/plans", R"({"code":"NONE"})").status, 400);
  EXPECT_EQ(Control("/sandbox/topups", R"({"ref":"none","status":"FULFILLED"})").status, 400);
  EXPECT_EQ(Control("/sandbox/else", "").status, 404);
}

TEST_F(SimulatedProviderTest, TheLedgerTellsEveryRequestAndAcceptanceInOrder) {
  SetFaults("rules { endpoints: SEND attempts: FIRST kind: CLOSE moment: AFTER_ACCEPTANCE }");
  Send("r1");
  Send("r1");
  const std::vector<std::string> lines = *provider_->LedgerLines();
  ASSERT_EQ(lines.size(), 4);  // the balance first
  const json first = json::parse(lines[1]);
  EXPECT_EQ(first["kind"], "request");
  EXPECT_EQ(first["posts_of_ref"], 1);
  EXPECT_EQ(first["fault"], "CLOSE");
  EXPECT_EQ(first["after_acceptance"], true);
  EXPECT_EQ(first["http_status"], 0);
  EXPECT_EQ(json::parse(lines[2])["kind"], "accepted");
  EXPECT_EQ(json::parse(lines[3])["posts_of_ref"], 2);
  EXPECT_EQ(json::parse(lines[3])["http_status"], 403);
}

TEST_F(SimulatedProviderTest, ALedgerFileBringsTheWorldBack) {
  const support::TempDir dir;
  Restart(dir.File("ledger"));
  Send("r1", "0600000001");
  Send("r2", "0600000106");
  Send("r3", "0600000101");
  Send("r1", "0600000001");
  ASSERT_THAT(provider_->ForceState("r3", TopupState::kFulfilled), IsOk());
  clock_.Advance(absl::Seconds(20));
  const std::string list = Body(Get("/v3/mobile/list"))["data"].dump();
  const std::string moves = Body(Get("/v3/account/balance"))["data"].dump();
  Restart(dir.File("ledger"));
  EXPECT_EQ(Body(Get("/v3/mobile/list"))["data"].dump(), list);
  EXPECT_EQ(Body(Get("/v3/account/balance"))["data"].dump(), moves);
  EXPECT_EQ(provider_->PostsOfRef("r1"), 2);
  EXPECT_EQ(CodeOf(Send("r2")), "DUPLICATED_REF");
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(StatusOf("r2"), "REFUNDED");
}

TEST_F(SimulatedProviderTest, ALedgerThatWasCutInTheMiddleOfALineIsContinued) {
  const support::TempDir dir;
  const std::string path = dir.File("ledger");
  Restart(path);
  Send("r1");
  FILE* const file = fopen(path.c_str(), "a");
  fputs(R"({"kind":"accep)", file);
  fclose(file);
  Restart(path);
  EXPECT_EQ(StatusOf("r1"), "PENDING");
  Restart(path);
  EXPECT_EQ(StatusOf("r1"), "PENDING");
}

}  // namespace
}  // namespace topup::sandbox
