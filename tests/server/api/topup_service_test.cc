// The dangers excluded here: an error that a client cannot read, a cost shown to those who may not
// see it, a token of one caller that works for another.
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/api/call_gate.h"
#include "tests/server/api/api_server.h"

namespace topup::api {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

class TopupServiceTest : public ApiServerTest {
 protected:
  WireError Send(const v1::SendTopupRequest& request, v1::SendTopupResponse* response = nullptr,
                 const std::string& caller = "") {
    v1::SendTopupResponse ignored;
    return ReadError(stub_->SendTopup(Context(caller).get(), request,
                                      response == nullptr ? &ignored : response));
  }
  WireError Get(const std::string& id, v1::GetTopupResponse* response,
                const std::string& caller = "") {
    v1::GetTopupRequest request;
    request.set_topup_id(id);
    return ReadError(stub_->GetTopup(Context(caller).get(), request, response));
  }
  WireError List(const v1::ListTopupsRequest& request, v1::ListTopupsResponse* response,
                 const std::string& caller = "") {
    return ReadError(stub_->ListTopups(Context(caller).get(), request, response));
  }

  static v1::SendTopupRequest GoodSend() {
    v1::SendTopupRequest request;
    request.set_ref("order-7");
    request.set_phone_number("0612345601");
    request.set_plan_code("MOBILIS_PREPAID");
    request.set_amount_dzd(500);
    return request;
  }
};

// Every error that comes from below, as docs/errors.md has it.
struct CatalogueRow {
  std::string reason;
  absl::StatusCode code;
  std::vector<std::string> metadata;
};

const std::vector<CatalogueRow>& Catalogue() {
  using Code = absl::StatusCode;
  static const auto& rows = *new std::vector<CatalogueRow>{
      {"OPERATOR_MISMATCH", Code::kFailedPrecondition, {"number_operator", "plan_operator"}},
      {"PLAN_NOT_FOUND", Code::kNotFound, {"plan_code"}},
      {"PLAN_DISABLED", Code::kFailedPrecondition, {"plan_code"}},
      {"PLAN_COST_UNKNOWN", Code::kFailedPrecondition, {"plan_code"}},
      {"PLAN_NOT_SELLABLE", Code::kFailedPrecondition, {"plan_code"}},
      {"AMOUNT_REQUIRED", Code::kInvalidArgument, {"min_amount_dzd", "max_amount_dzd"}},
      {"AMOUNT_OUT_OF_RANGE",
       Code::kInvalidArgument,
       {"amount_dzd", "min_amount_dzd", "max_amount_dzd"}},
      {"REF_REUSED", Code::kAlreadyExists, {"ref", "topup_id"}},
      {"DUPLICATE_TOPUP", Code::kFailedPrecondition, {"ref", "topup_id", "window_seconds"}},
      {"QUOTE_EXPIRED", Code::kFailedPrecondition, {"expire_time"}},
      {"QUOTE_INVALID", Code::kInvalidArgument, {}},
      {"QUOTE_MISMATCH", Code::kInvalidArgument, {}},
      {"SEND_BEFORE_PASSED", Code::kInvalidArgument, {}},
      {"NOT_CANCELLABLE", Code::kFailedPrecondition, {"status"}},
      {"PROVIDER_BALANCE_LOW", Code::kFailedPrecondition, {}},
      {"PRICE_ABOVE_CAP", Code::kFailedPrecondition, {"price_centimes", "max_price_centimes"}},
      {"MARGIN_GUARDRAIL", Code::kFailedPrecondition, {"rule", "price_centimes", "limit_centimes"}},
      {"PRICING_UNAVAILABLE", Code::kUnavailable, {"strategy_id"}},
      {"TOPUP_NOT_FOUND", Code::kNotFound, {}},
      {"CATALOGUE_UNAVAILABLE", Code::kUnavailable, {}},
      {"OFFERS_TIMEOUT", Code::kDeadlineExceeded, {}},
      {"STORAGE_UNAVAILABLE", Code::kUnavailable, {}},
      {"STORAGE_FULL", Code::kResourceExhausted, {}},
      {"OVERLOADED", Code::kResourceExhausted, {"limit"}},
  };
  return rows;
}

TEST_F(TopupServiceTest, CarriesEveryErrorOfTheCatalogueAsOrdinaryDetails) {
  for (const CatalogueRow& row : Catalogue()) {
    base::ErrorDetails details{.reason = row.reason};
    for (const std::string& name : row.metadata) details.metadata.push_back({name, "of " + name});
    details.field_violations = {{"ref", "is wrong"}};
    details.retry_after = absl::Milliseconds(2500);
    engine_.FailWith(base::MakeError(row.code, "A sentence.", details));
    const WireError error = Send(GoodSend());
    EXPECT_EQ(static_cast<int>(error.code), static_cast<int>(row.code)) << row.reason;
    EXPECT_EQ(error.message, "A sentence.");
    EXPECT_EQ(error.domain, "topup.v1");
    EXPECT_EQ(error.reason, row.reason);
    EXPECT_EQ(error.metadata.size(), row.metadata.size()) << row.reason;
    for (const std::string& name : row.metadata) EXPECT_EQ(error.metadata.at(name), "of " + name);
    EXPECT_THAT(error.fields, ElementsAre("ref"));
    EXPECT_EQ(error.retry_seconds, 2);
  }
}

TEST_F(TopupServiceTest, AnErrorThatNobodyMadeForCallersKeepsItsTextToItself) {
  engine_.FailWith(absl::NotFoundError("no such table: /var/lib/secret.db"));
  const WireError error = Send(GoodSend());
  EXPECT_EQ(error.code, grpc::StatusCode::INTERNAL);
  EXPECT_EQ(error.reason, "INTERNAL");
  EXPECT_EQ(error.message.find("secret"), std::string::npos);
}

TEST_F(TopupServiceTest, AnswersFormErrorsFromRealRequests) {
  const WireError all = Send(v1::SendTopupRequest());
  EXPECT_EQ(all.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(all.reason, "INVALID_ARGUMENT");
  EXPECT_THAT(all.fields, ElementsAre("ref", "phone_number", "plan_code"));
  v1::SendTopupRequest request = GoodSend();
  request.set_phone_number("0512");
  EXPECT_EQ(Send(request).reason, "INVALID_PHONE_NUMBER");
  v1::ListTopupsRequest list;
  v1::ListTopupsResponse page;
  list.set_page_token("forged");
  EXPECT_EQ(List(list, &page).reason, "PAGE_TOKEN_INVALID");
  EXPECT_TRUE(engine_.sends().empty());
}

TEST_F(TopupServiceTest, SendsForItsCallerAndSaysWhereItIsARepeat) {
  v1::SendTopupResponse response;
  EXPECT_EQ(Send(GoodSend(), &response).reason, "");
  EXPECT_EQ(response.topup().ref(), "order-7");
  EXPECT_EQ(response.topup().caller(), "local");
  EXPECT_EQ(response.topup().status(), v1::TOPUP_STATUS_QUEUED);
  EXPECT_EQ(response.topup().phone_number(), "0612345601");
  EXPECT_EQ(response.topup().price().price().centimes(), 52107);
  EXPECT_EQ(response.topup().price().price().currency_code(), "DZD");
  EXPECT_EQ(response.topup().revision(), 1);
  EXPECT_THAT(response.topup().customer_message(),
              UnorderedElementsAre(Pair("ar", testing::Ne("")), Pair("fr", testing::Ne("")),
                                   Pair("en", "Your top-up is being processed.")));
  EXPECT_EQ(response.topup().create_time().nanos(), 123'456'000);
  EXPECT_FALSE(response.replayed());
  EXPECT_EQ(Send(GoodSend(), &response).reason, "");
  EXPECT_TRUE(response.replayed());
}

TEST_F(TopupServiceTest, AsksForAnAnswerASecondBeforeTheDeadlineAndWithinAMinute) {
  const absl::Time now = absl::UnixEpoch();
  EXPECT_EQ(AnswerTime(now + absl::Seconds(5), now), now + absl::Seconds(4));
  EXPECT_EQ(AnswerTime(absl::InfiniteFuture(), now), now + absl::Seconds(60));
  EXPECT_EQ(AnswerTime(now + absl::Hours(1), now), now + absl::Seconds(60));
  Send(GoodSend());
  EXPECT_LE(engine_.sends()[0].answer_by, clock_.Now() + absl::Seconds(60));
}

TEST_F(TopupServiceTest, HidesEverythingThatTellsTheCostFromThoseWhoMayNotSeeIt) {
  Start(CallerDirectory(CallersNamed({{"shop", core::Roles{.read = true}},
                                      {"owner", core::Roles{.read = true, .see_cost = true}}})));
  for (const std::string caller : {"shop", "owner"}) {
    const bool sees = caller == "owner";
    core::Topup topup = support::MakeQueuedTopup(caller, caller);
    topup.provider_charge = topup.price.cost;
    topup.suggested_offers = {{"Offer", "P", 100}};
    topup.price.basis.config_digest = "d";
    store_.Create({.topup = topup}, [](auto) {});
    engine_.listing.plans = {{.plan = {.code = "P", .cost_ppm = 980000}, .price = topup.price}};
    engine_.quote.price = topup.price;
    engine_.offers = engine_.PriceOffers(topup);

    v1::GetTopupResponse got;
    ASSERT_EQ(Get("id-" + caller, &got, caller).reason, "");
    v1::ListPlansResponse plans;
    ASSERT_TRUE(stub_->ListPlans(Context(caller).get(), {}, &plans).ok());
    v1::QuoteTopupRequest ask;
    ask.set_phone_number("0612345601");
    ask.set_plan_code("P");
    v1::QuoteTopupResponse quoted;
    ASSERT_TRUE(stub_->QuoteTopup(Context(caller).get(), ask, &quoted).ok());
    v1::ListOffersRequest ask_offers;
    ask_offers.set_phone_number("0612345601");
    v1::ListOffersResponse offers;
    ASSERT_TRUE(stub_->ListOffers(Context(caller).get(), ask_offers, &offers).ok());

    EXPECT_EQ(got.topup().has_provider_charge(), sees);
    EXPECT_EQ(plans.plans(0).has_cost_ppm(), sees);
    for (const v1::PriceBreakdown& price :
         {got.topup().price(), got.topup().suggested_offers(0).price(), plans.plans(0).price(),
          quoted.quote().price(), offers.offers(0).price()}) {
      EXPECT_EQ(price.price().centimes(), 52107);
      EXPECT_EQ(price.has_cost(), sees);
      EXPECT_EQ(price.has_profit(), sees);
      EXPECT_EQ(price.steps(0).description(), "markup 5 %");
      EXPECT_EQ(price.steps(0).has_price_after(), sees);
      EXPECT_EQ(price.strategies_size(), 1);
      EXPECT_EQ(price.has_inputs(), sees);
    }

    engine_.FailWith(base::MakeError(
        absl::StatusCode::kFailedPrecondition, "The price breaks the rule below_cost.",
        {.reason = "MARGIN_GUARDRAIL", .metadata = {{"limit_centimes", "49625"}}}));
    const WireError error = ReadError(stub_->QuoteTopup(Context(caller).get(), ask, &quoted));
    EXPECT_EQ(error.reason, "MARGIN_GUARDRAIL");
    EXPECT_EQ(error.metadata.count("limit_centimes"), sees ? 1u : 0u);
    engine_.FailWith(absl::OkStatus());
  }
}

TEST_F(TopupServiceTest, PagesThroughTopupsNewestFirstWithoutMissingOne) {
  for (int i = 1; i <= 5; ++i) Create(std::to_string(i));
  v1::ListTopupsRequest request;
  v1::ListTopupsResponse page;
  std::vector<std::string> ids;
  request.set_page_size(2);
  do {
    page.Clear();
    ASSERT_EQ(List(request, &page).reason, "");
    for (const v1::Topup& topup : page.topups()) ids.push_back(topup.topup_id());
    EXPECT_NE(page.resume_token(), "");
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  EXPECT_THAT(ids, ElementsAre("id-5", "id-4", "id-3", "id-2", "id-1"));
}

TEST_F(TopupServiceTest, PagesThroughPlansByTheirCode) {
  for (const char* code : {"A", "B", "C"}) engine_.listing.plans.push_back({{.code = code}});
  v1::ListPlansRequest request;
  v1::ListPlansResponse page;
  request.set_page_size(2);
  ASSERT_TRUE(stub_->ListPlans(Context().get(), request, &page).ok());
  ASSERT_EQ(page.plans_size(), 2);
  EXPECT_EQ(page.plans(1).plan_code(), "B");
  request.set_page_token(page.next_page_token());
  page.Clear();
  ASSERT_TRUE(stub_->ListPlans(Context().get(), request, &page).ok());
  ASSERT_EQ(page.plans_size(), 1);
  EXPECT_EQ(page.plans(0).plan_code(), "C");
  EXPECT_EQ(page.next_page_token(), "");
  request.set_include_unsellable(true);
  EXPECT_EQ(ReadError(stub_->ListPlans(Context().get(), request, &page)).reason,
            "PAGE_TOKEN_INVALID");
}

TEST_F(TopupServiceTest, ShowsNothingOfOneCallerToAnother) {
  const core::Roles roles{.send = true, .read = true};
  Start(CallerDirectory(CallersNamed({{"shop", roles}, {"rival", roles}})));
  Create("a", "shop");
  Create("b", "shop");
  v1::GetTopupResponse got;
  EXPECT_EQ(Get("id-a", &got, "rival").reason, "TOPUP_NOT_FOUND");
  v1::CancelTopupRequest cancel;
  v1::CancelTopupResponse cancelled;
  cancel.set_ref("ref-a");
  EXPECT_EQ(ReadError(stub_->CancelTopup(Context("rival").get(), cancel, &cancelled)).reason,
            "TOPUP_NOT_FOUND");
  v1::ListTopupsRequest list;
  list.set_page_size(1);
  v1::ListTopupsResponse page;
  ASSERT_EQ(List(list, &page, "shop").reason, "");
  list.set_page_token(page.next_page_token());
  v1::ListTopupsResponse others;
  EXPECT_EQ(List(list, &others, "rival").reason, "PAGE_TOKEN_INVALID");
  list.clear_page_token();
  ASSERT_EQ(List(list, &others, "rival").reason, "");
  EXPECT_EQ(others.topups_size(), 0);
  v1::WatchTopupRequest watch;
  watch.set_topup_id("id-a");
  EXPECT_EQ(ReadError(stub_->WatchTopup(Context("rival").get(), watch)->Finish()).reason,
            "TOPUP_NOT_FOUND");
  v1::WatchTopupsRequest resume;
  resume.set_resume_token(page.resume_token());
  EXPECT_EQ(ReadError(stub_->WatchTopups(Context("rival").get(), resume)->Finish()).reason,
            "RESUME_TOKEN_INVALID");
}

TEST_F(TopupServiceTest, RefusesCallsOverTheLimitAndTakesThemAgainAfterwards) {
  Start(CallerDirectory::Local(), {.call_limit = 1});
  engine_.HoldSends();
  v1::SendTopupResponse response;
  auto context = Context();
  const v1::SendTopupRequest request = GoodSend();
  std::promise<grpc::Status> ended;
  stub_->async()->SendTopup(context.get(), &request, &response,
                            [&ended](grpc::Status status) { ended.set_value(status); });
  v1::GetTopupResponse got;
  // The held call is counted as soon as the server has seen it.
  while (engine_.sends().empty()) std::this_thread::yield();
  const WireError refused = Get("id-a", &got);
  EXPECT_EQ(refused.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.reason, "OVERLOADED");
  EXPECT_THAT(refused.metadata, ElementsAre(Pair("limit", "calls")));
  EXPECT_EQ(refused.retry_seconds, 1);
  engine_.Release();
  EXPECT_TRUE(ended.get_future().get().ok());
  // The client may know that a call is over before the server does.
  WireError after = Get("id-none", &got);
  while (after.reason == "OVERLOADED") after = Get("id-none", &got);
  EXPECT_EQ(after.reason, "TOPUP_NOT_FOUND");
}

TEST_F(TopupServiceTest, DrainingRefusesSendsAndStillReads) {
  Create("a");
  server_->SetServing(true);
  server_->Drain();
  const WireError refused = Send(GoodSend());
  EXPECT_EQ(refused.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(refused.reason, "DRAINING");
  v1::GetTopupResponse got;
  EXPECT_EQ(Get("id-a", &got).reason, "");
}

TEST_F(TopupServiceTest, TellsOperatorsAboutTheProvider) {
  engine_.provider.account = "main";
  engine_.provider.balance = core::Money::Centimes(123);
  engine_.provider.operator_up = {{"GMobilis", true}};
  engine_.provider.paused_reason = "IP_BLOCKED";
  engine_.provider.catalogue_time = absl::InfinitePast();
  engine_.refreshed = {.plans = 2, .changes = {"P is new."}};
  admin::v1::GetProviderResponse provider;
  ASSERT_TRUE(admin_->GetProvider(Context().get(), {}, &provider).ok());
  ASSERT_EQ(provider.accounts_size(), 1);
  EXPECT_EQ(provider.accounts(0).balance().centimes(), 123);
  EXPECT_EQ(provider.accounts(0).paused_reason(), "IP_BLOCKED");
  EXPECT_FALSE(provider.has_catalogue_time());
  admin::v1::RefreshPlansResponse refreshed;
  ASSERT_TRUE(admin_->RefreshPlans(Context().get(), {}, &refreshed).ok());
  EXPECT_EQ(refreshed.plans(), 2);
  EXPECT_THAT(refreshed.changes(), ElementsAre("P is new."));
}

}  // namespace
}  // namespace topup::api
