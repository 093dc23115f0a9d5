// The danger excluded here: a malformed request that reaches the engine, or a refusal that
// names one problem where there are three.
#include "server/api/request_checks.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/api/page_token.h"
#include "server/engine/quote_book.h"
#include "tests/support/status_matchers.h"

namespace topup::api {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;

std::vector<std::string> Fields(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto details = base::GetErrorDetails(status);
  if (!details.has_value()) return fields;
  for (const auto& violation : details->field_violations) fields.push_back(violation.field);
  return fields;
}

v1::SendTopupRequest GoodSend() {
  v1::SendTopupRequest request;
  request.set_ref("order-7");
  request.set_phone_number("0612345601");
  request.set_plan_code("MOBILIS_PREPAID");
  request.set_amount_dzd(500);
  return request;
}

TEST(RequestChecksTest, AGoodSendBecomesACommandOfItsCaller) {
  v1::SendTopupRequest request = GoodSend();
  request.set_phone_number(" +213612345601 ");
  request.mutable_max_price()->set_currency_code("DZD");
  request.mutable_max_price()->set_centimes(60000);
  request.set_allow_repeat(true);
  request.set_wait_for(v1::WAIT_FOR_SETTLED);
  (*request.mutable_labels())["till"] = "3";
  request.mutable_send_before()->set_seconds(1'790'000'000);
  request.mutable_send_before()->set_nanos(5000);
  const auto command = CheckSendTopup(request, "shop");
  ASSERT_THAT(command, IsOk());
  EXPECT_EQ(command->caller, "shop");
  EXPECT_EQ(command->ref, "order-7");
  EXPECT_EQ(command->phone.National(), "0612345601");
  EXPECT_EQ(command->amount_dzd, 500);
  EXPECT_EQ(command->max_price, core::Money::Centimes(60000));
  EXPECT_TRUE(command->allow_repeat);
  EXPECT_FALSE(command->validate_only);
  EXPECT_EQ(command->wait_for, engine::WaitFor::kSettled);
  EXPECT_EQ(command->labels.at("till"), "3");
  EXPECT_EQ(command->send_before, absl::FromUnixMicros(1'790'000'000'000'005));
}

TEST(RequestChecksTest, ListsEveryWrongFieldOfASendAtOnce) {
  v1::SendTopupRequest request;
  request.set_ref("no spaces");
  request.set_phone_number("0812345678");
  request.set_wait_for(static_cast<v1::WaitFor>(99));
  request.mutable_max_price()->set_currency_code("EUR");
  request.mutable_send_before()->set_nanos(-1);
  const auto command = CheckSendTopup(request, "shop");
  EXPECT_THAT(command, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(command, HasReason("INVALID_ARGUMENT"));
  EXPECT_THAT(Fields(command.status()),
              ElementsAre("ref", "phone_number", "plan_code", "max_price.currency_code",
                          "max_price.centimes", "wait_for", "send_before"));
}

TEST(RequestChecksTest, AWrongNumberAloneHasAReasonOfItsOwnAndIsNotRepeated) {
  v1::SendTopupRequest request = GoodSend();
  request.set_phone_number("06123456789");
  const auto command = CheckSendTopup(request, "shop");
  EXPECT_THAT(command, HasReason("INVALID_PHONE_NUMBER"));
  EXPECT_THAT(Fields(command.status()), ElementsAre("phone_number"));
  EXPECT_FALSE(absl::StrContains(std::string(command.status().message()), "0612345678"));
}

struct BadSend {
  std::string field;
  std::function<void(v1::SendTopupRequest&)> spoil;
};

TEST(RequestChecksTest, RefusesEachFieldOfASendThatIsOutOfItsForm) {
  const std::vector<BadSend> cases = {
      {"ref", [](auto& request) { request.clear_ref(); }},
      {"ref", [](auto& request) { request.set_ref(std::string(65, 'a')); }},
      {"ref", [](auto& request) { request.set_ref("é"); }},
      {"plan_code", [](auto& request) { request.clear_plan_code(); }},
      {"plan_code", [](auto& request) { request.set_plan_code("A\nB"); }},
      {"plan_code", [](auto& request) { request.set_plan_code(std::string(129, 'A')); }},
      {"quote_id",
       [](auto& request) { request.set_quote_id(std::string(engine::kQuoteIdSizeMax + 1, 'q')); }},
      {"max_price.centimes",
       [](auto& request) { request.mutable_max_price()->set_currency_code("DZD"); }},
      {"labels", [](auto& request) { (*request.mutable_labels())["a"] = std::string(1024, 'x'); }},
      {"labels", [](auto& request) { (*request.mutable_labels())[""] = "x"; }},
      {"labels",
       [](auto& request) {
         for (char c = 'a'; c <= 'q'; ++c) (*request.mutable_labels())[std::string(1, c)] = "";
       }},
      {"send_before", [](auto& request) { request.mutable_send_before()->set_nanos(1000000000); }},
      {"send_before",
       [](auto& request) { request.mutable_send_before()->set_seconds(253402300800); }},
  };
  for (const BadSend& bad : cases) {
    v1::SendTopupRequest request = GoodSend();
    bad.spoil(request);
    const auto command = CheckSendTopup(request, "shop");
    EXPECT_THAT(command, HasReason("INVALID_ARGUMENT")) << bad.field;
    EXPECT_THAT(Fields(command.status()), ElementsAre(bad.field));
  }
}

TEST(RequestChecksTest, TakesTheLargestLabelsAndTheLongestRef) {
  v1::SendTopupRequest request = GoodSend();
  request.set_ref(std::string(60, 'a') + "._~-");
  (*request.mutable_labels())["a"] = std::string(1023, 'x');
  EXPECT_THAT(CheckSendTopup(request, "shop"), IsOk());
}

TEST(RequestChecksTest, TheAmountIsForTheEngineToJudge) {
  v1::SendTopupRequest request = GoodSend();
  request.set_amount_dzd(-1);
  EXPECT_EQ(CheckSendTopup(request, "shop")->amount_dzd, -1);
  request.clear_amount_dzd();
  EXPECT_FALSE(CheckSendTopup(request, "shop")->amount_dzd.has_value());
}

TEST(RequestChecksTest, AKeyIsEitherAnIdOrARef) {
  v1::GetTopupRequest request;
  EXPECT_THAT(Fields(CheckGetTopup(request, "shop").status()), ElementsAre("key"));
  request.set_topup_id("");
  EXPECT_THAT(Fields(CheckGetTopup(request, "shop").status()), ElementsAre("topup_id"));
  request.set_ref("a b");
  EXPECT_THAT(Fields(CheckGetTopup(request, "shop").status()), ElementsAre("ref"));
  request.set_topup_id("01ABC");
  EXPECT_EQ(CheckGetTopup(request, "shop")->topup_id, "01ABC");
  EXPECT_EQ(CheckGetTopup(request, "shop")->caller, "shop");
  v1::CancelTopupRequest cancel;
  EXPECT_THAT(Fields(CheckCancelTopup(cancel, "shop").status()), ElementsAre("key"));
}

TEST(RequestChecksTest, PagesAreCutToTheLargestAndDefaultWhereUnset) {
  v1::ListTopupsRequest topups;
  EXPECT_EQ(CheckListTopups(topups, "shop")->limit, 50);
  topups.set_page_size(5000);
  EXPECT_EQ(CheckListTopups(topups, "shop")->limit, 1000);
  topups.set_page_size(-1);
  topups.add_statuses(v1::TOPUP_STATUS_UNSPECIFIED);
  topups.mutable_end_time()->set_nanos(-1);
  EXPECT_THAT(Fields(CheckListTopups(topups, "shop").status()),
              ElementsAre("statuses", "end_time", "page_size"));
  v1::ListPlansRequest plans;
  EXPECT_EQ(CheckListPlans(plans, "shop")->page_size, 1000);
  plans.set_operator_(static_cast<v1::Operator>(17));
  plans.set_amount_dzd(0);
  EXPECT_THAT(Fields(CheckListPlans(plans, "shop").status()),
              ElementsAre("operator", "amount_dzd"));
}

TEST(RequestChecksTest, AWatchHasAHeartbeatOfASecondToFiveMinutes) {
  v1::WatchTopupsRequest request;
  EXPECT_EQ(CheckWatchTopups(request)->heartbeat_interval, absl::Seconds(15));
  for (const int64_t bad : {0, -5, 301}) {
    request.mutable_heartbeat_interval()->set_seconds(bad);
    EXPECT_THAT(Fields(CheckWatchTopups(request).status()), ElementsAre("heartbeat_interval"));
  }
  request.mutable_heartbeat_interval()->set_seconds(300);
  request.add_statuses(v1::TOPUP_STATUS_FULFILLED);
  request.add_statuses(v1::TOPUP_STATUS_FULFILLED);
  ASSERT_THAT(CheckWatchTopups(request), IsOk());
  EXPECT_THAT(CheckWatchTopups(request)->statuses, ElementsAre(core::TopupStatus::kFulfilled));
  v1::WatchTopupRequest one;
  one.set_ref("r");
  one.set_after_revision(-1);
  EXPECT_THAT(Fields(CheckWatchTopup(one, "shop").status()), ElementsAre("after_revision"));
}

class TokenTest : public testing::Test {
 protected:
  const base::Signer signer_{base::Secret("a key of 32 bytes for the tests.")};
  const PageTokens pages_{signer_};
  const ResumeTokens resumes_{signer_};
};

TEST_F(TokenTest, APageTokenOpensForItsCallerAndFilterOnly) {
  store::ListFilter filter{.caller = "shop", .phone = *core::PhoneNumber::Parse("0612345601")};
  const std::string token = pages_.ForTopups(filter, "id-9");
  filter.limit = 7;
  EXPECT_EQ(*pages_.OpenForTopups(filter, token), "id-9") << "the page size may change";
  EXPECT_EQ(*pages_.OpenForTopups(filter, ""), "");
  const absl::Status altered = pages_.OpenForTopups(filter, token + "x").status();
  EXPECT_THAT(altered, HasReason("PAGE_TOKEN_INVALID"));
  EXPECT_THAT(pages_.OpenForPlans({.caller = "shop"}, token), HasReason("PAGE_TOKEN_INVALID"));
  filter.caller = "rival";
  EXPECT_THAT(pages_.OpenForTopups(filter, token), HasReason("PAGE_TOKEN_INVALID"));
  filter.caller = "shop";
  filter.phone.reset();
  EXPECT_THAT(pages_.OpenForTopups(filter, token), HasReason("PAGE_TOKEN_INVALID"));
}

TEST_F(TokenTest, AResumeTokenOpensWhereNothingWouldBeMissed) {
  const StatusSet all = MakeStatusSet({});
  const StatusSet some =
      MakeStatusSet({core::TopupStatus::kFulfilled, core::TopupStatus::kRefunded});
  const StatusSet one = MakeStatusSet({core::TopupStatus::kFulfilled});
  EXPECT_EQ(*resumes_.Open("shop", resumes_.Make("shop", 12, all), one), 12);
  EXPECT_EQ(*resumes_.Open("shop", resumes_.Make("shop", 12, some), one), 12);
  const auto refused = [this](absl::string_view caller, const std::string& token, StatusSet set) {
    return base::ErrorReason(resumes_.Open(caller, token, set).status());
  };
  EXPECT_EQ(refused("shop", resumes_.Make("shop", 12, one), some), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(refused("shop", resumes_.Make("shop", 12, one), all), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(refused("rival", resumes_.Make("shop", 12, all), all), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(refused("shop", "rubbish", all), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(refused("shop", pages_.ForPlans({.caller = "shop"}, "P"), all), "RESUME_TOKEN_INVALID");
}

}  // namespace
}  // namespace topup::api
