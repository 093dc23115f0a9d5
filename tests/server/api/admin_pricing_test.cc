// What an owner's calls about prices must have, who may make them, and what the answers show.
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/api/price_checks.h"
#include "tests/server/api/api_server.h"

namespace topup::api {
namespace {

using core::Money;
using support::TestTime;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kDigest[] = "b74ae2a1a890e0311c4b3f5432aaeff3c258841fc1792b4c710eb65ddb62ed09";

class AdminPricingTest : public ApiServerTest {
 protected:
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (admin::v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                          const Request&,
                                                                          Response*),
                    const Request& request, Response& response, const std::string& caller = "") {
    auto context = Context(caller);
    response.Clear();
    return ((*admin_).*method)(context.get(), request, &response);
  }
  admin::v1::ListStrategiesResponse List() {
    admin::v1::ListStrategiesResponse listed;
    EXPECT_TRUE(Call(&admin::v1::AdminService::Stub::ListStrategies,
                     admin::v1::ListStrategiesRequest(), listed)
                    .ok());
    return listed;
  }
  grpc::Status Activate(const admin::v1::ActivatePricingRequest& request) {
    return Call(&admin::v1::AdminService::Stub::ActivatePricing, request, activated_);
  }
  grpc::Status Rollback(const admin::v1::RollbackPricingRequest& request) {
    return Call(&admin::v1::AdminService::Stub::RollbackPricing, request, rolled_back_);
  }
  grpc::Status Explain(const std::string& id, const std::string& caller = "") {
    admin::v1::ExplainPriceRequest request;
    request.set_topup_id(id);
    return Call(&admin::v1::AdminService::Stub::ExplainPrice, request, explained_, caller);
  }
  grpc::Status Simulate(const admin::v1::SimulatePricingRequest& request,
                        const std::string& caller = "") {
    auto context = Context(caller);
    auto stream = admin_->SimulatePricing(context.get(), request);
    streamed_.clear();
    admin::v1::SimulatePricingResponse response;
    while (stream->Read(&response)) streamed_.push_back(response);
    return stream->Finish();
  }

  // "owner" may not see costs, "boss" may, "shop" owns nothing.
  void StartWithRoles() {
    Start(
        CallerDirectory(CallersNamed({{"owner", {.admin = true}},
                                      {"boss", {.see_cost = true, .admin = true}},
                                      {"shop", {.send = true, .read = true, .see_cost = true}}})));
  }

  admin::v1::ActivatePricingResponse activated_;
  admin::v1::RollbackPricingResponse rolled_back_;
  admin::v1::ExplainPriceResponse explained_;
  std::vector<admin::v1::SimulatePricingResponse> streamed_;
};

TEST_F(AdminPricingTest, ListsStrategies) {
  prices_.directory = {.strategies = {{.identity = {"dz.topup.x", "1.2.3", kDigest, "c"},
                                       .display_name = "X",
                                       .vendor = "us",
                                       .config_schema = "{}",
                                       .loaded = true,
                                       .routes = {"(default)", "vip"}},
                                      {.load_error = "no such file"}},
                       .config_digest = kDigest};
  const admin::v1::ListStrategiesResponse listed = List();
  EXPECT_EQ(listed.config_digest(), kDigest);
  ASSERT_EQ(listed.strategies_size(), 2);
  EXPECT_EQ(listed.strategies(0).strategy().strategy_id(), "dz.topup.x");
  EXPECT_EQ(listed.strategies(0).strategy().library_digest(), kDigest);
  EXPECT_EQ(listed.strategies(0).config_schema(), "{}");
  EXPECT_TRUE(listed.strategies(0).loaded());
  EXPECT_THAT(listed.strategies(0).routes(), ElementsAre("(default)", "vip"));
  EXPECT_FALSE(listed.strategies(1).loaded());
  EXPECT_EQ(listed.strategies(1).load_error(), "no such file");
}

// 64 KiB each, for up to 1024 entries: more than the 4 MiB that a client takes.
TEST_F(AdminPricingTest, ASchemaStandsInTheFirstEntryOfItsLibraryOnly) {
  const std::string schema(64 << 10, ' ');
  for (int i = 0; i < 1024; ++i) {
    prices_.directory.strategies.push_back({.identity = {.library_digest = i < 1000 ? "a" : "b"},
                                            .config_schema = schema,
                                            .loaded = true});
  }
  const admin::v1::ListStrategiesResponse listed = List();
  ASSERT_EQ(listed.strategies_size(), 1024);
  EXPECT_EQ(listed.strategies(0).config_schema(), schema);
  EXPECT_EQ(listed.strategies(1).config_schema(), "");
  EXPECT_EQ(listed.strategies(999).config_schema(), "");
  EXPECT_EQ(listed.strategies(1000).config_schema(), schema);
  EXPECT_EQ(listed.strategies(1001).config_schema(), "");
}

TEST_F(AdminPricingTest, SchemasThatNoClientWouldTakeAreLeftOut) {
  for (int i = 0; i < 100; ++i) {
    prices_.directory.strategies.push_back({.identity = {.library_digest = std::to_string(i)},
                                            .config_schema = std::string(64 << 10, ' ')});
  }
  const admin::v1::ListStrategiesResponse listed = List();
  ASSERT_EQ(listed.strategies_size(), 100);
  EXPECT_LE(listed.ByteSizeLong(), 3U << 20);
  EXPECT_GT(listed.ByteSizeLong(), (3U << 20) - (65U << 10));
  EXPECT_NE(listed.strategies(0).config_schema(), "");
  EXPECT_EQ(listed.strategies(99).config_schema(), "");
  EXPECT_EQ(listed.strategies(99).strategy().library_digest(), "99");
}

TEST_F(AdminPricingTest, HandsAChangeOnInTheCallersName) {
  prices_.digest = kDigest;
  admin::v1::ActivatePricingRequest request;
  request.set_config("chain {}");
  request.set_validate_only(true);
  request.set_expected_config_digest(kDigest);
  ASSERT_TRUE(Activate(request).ok());
  EXPECT_EQ(activated_.config_digest(), kDigest);
  ASSERT_THAT(prices_.activations, SizeIs(1));
  EXPECT_EQ(prices_.activations[0].caller, "local");
  EXPECT_EQ(prices_.activations[0].config, "chain {}");
  EXPECT_TRUE(prices_.activations[0].validate_only);
  EXPECT_EQ(prices_.activations[0].expected_config_digest, kDigest);

  ASSERT_TRUE(Activate({}).ok());
  EXPECT_EQ(prices_.activations[1].config, std::nullopt) << "the configured file";

  admin::v1::RollbackPricingRequest back;
  back.set_expected_config_digest(kDigest);
  ASSERT_TRUE(Rollback(back).ok());
  EXPECT_EQ(rolled_back_.config_digest(), kDigest);
  ASSERT_THAT(prices_.rollbacks, SizeIs(1));
  EXPECT_EQ(prices_.rollbacks[0].caller, "local");
  EXPECT_EQ(prices_.rollbacks[0].expected_config_digest, kDigest);
}

TEST_F(AdminPricingTest, RefusesAChangeThatIsNotOne) {
  admin::v1::ActivatePricingRequest request;
  request.set_config(std::string(kPricingConfigSizeMax + 1, ' '));
  request.set_expected_config_digest("B74AE");
  const WireError error = ReadError(Activate(request));
  EXPECT_EQ(error.reason, "INVALID_ARGUMENT");
  EXPECT_THAT(error.fields, ElementsAre("config", "expected_config_digest"));
  admin::v1::RollbackPricingRequest back;
  back.set_expected_config_digest("it");
  EXPECT_THAT(ReadError(Rollback(back)).fields, ElementsAre("expected_config_digest"));
  EXPECT_THAT(prices_.activations, IsEmpty());
  EXPECT_THAT(prices_.rollbacks, IsEmpty());
}

TEST_F(AdminPricingTest, TheLargestConfigurationFitsIntoARequest) {
  admin::v1::ActivatePricingRequest request;
  request.set_config(std::string(kPricingConfigSizeMax, ' '));
  EXPECT_TRUE(Activate(request).ok());
}

TEST_F(AdminPricingTest, EveryProblemOfAConfigurationArrives) {
  prices_.error = base::MakeError(
      absl::StatusCode::kInvalidArgument, "It has 2 problem(s).",
      {.reason = "CONFIG_INVALID",
       .metadata = {{"problems", "2"}},
       .field_violations = {{"chain[0].name", "is wrong"}, {"route[1].chain", "is gone"}}});
  const WireError error = ReadError(Activate({}));
  EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.reason, "CONFIG_INVALID");
  EXPECT_THAT(error.fields, ElementsAre("chain[0].name", "route[1].chain"));
}

TEST_F(AdminPricingTest, StreamsTheMovesAndThenTheTotals) {
  prices_.simulation = {
      .moves = {{.topup_id = "a",
                 .old_price = Money::Centimes(100),
                 .new_price = Money::Centimes(150)},
                {.topup_id = "b",
                 .old_price = Money::Centimes(90),
                 .failure = absl::NotFoundError("too old")}},
      .topups = 7,
      .failures = 1,
      .old_revenue = Money::Centimes(700),
      .new_revenue = Money::Centimes(750),
      .old_profit = Money::Centimes(-70),
      .new_profit = Money::Centimes(80),
      .histogram = {{.max_centimes = -100, .topups = 4}, {.min_centimes = -100, .topups = 2}}};
  admin::v1::SimulatePricingRequest request;
  request.set_config("chain {}");
  request.mutable_start_time()->set_seconds(1'790'000'000);
  request.mutable_end_time()->set_seconds(1'790'000'001);
  request.set_movers(3);
  ASSERT_TRUE(Simulate(request).ok());
  ASSERT_THAT(streamed_, SizeIs(3));
  EXPECT_EQ(streamed_[0].move().topup_id(), "a");
  EXPECT_EQ(streamed_[0].move().new_price().centimes(), 150);
  EXPECT_FALSE(streamed_[1].move().has_new_price());
  EXPECT_EQ(streamed_[1].move().failure_reason(), "too old");
  const admin::v1::PricingTotals& totals = streamed_[2].totals();
  EXPECT_EQ(totals.topups(), 7);
  EXPECT_EQ(totals.failures(), 1);
  EXPECT_EQ(totals.old_revenue().centimes(), 700);
  EXPECT_EQ(totals.new_revenue().centimes(), 750);
  EXPECT_EQ(totals.old_profit().centimes(), -70);
  EXPECT_EQ(totals.new_profit().centimes(), 80);
  ASSERT_EQ(totals.histogram_size(), 2);
  EXPECT_EQ(totals.histogram(0).min_centimes(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(totals.histogram(0).max_centimes(), -100);
  EXPECT_EQ(totals.histogram(1).topups(), 2);

  const auto asked = prices_.simulations();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].first.config, "chain {}");
  EXPECT_EQ(asked[0].first.start_time, absl::FromUnixSeconds(1'790'000'000));
  EXPECT_EQ(asked[0].first.end_time, absl::FromUnixSeconds(1'790'000'001));
  EXPECT_EQ(asked[0].first.movers, 3);
}

TEST_F(AdminPricingTest, ASimulationOfEverythingIsTheDefault) {
  ASSERT_TRUE(Simulate({}).ok());
  const auto asked = prices_.simulations();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].first.config, std::nullopt);
  EXPECT_EQ(asked[0].first.start_time, absl::InfinitePast());
  EXPECT_EQ(asked[0].first.end_time, absl::InfiniteFuture());
  EXPECT_EQ(asked[0].first.movers, 20);
}

TEST_F(AdminPricingTest, RefusesASimulationThatIsNotOne) {
  admin::v1::SimulatePricingRequest request;
  request.mutable_start_time()->set_seconds(2);
  request.mutable_end_time()->set_seconds(2);
  request.set_movers(1001);
  EXPECT_THAT(ReadError(Simulate(request)).fields, ElementsAre("end_time", "movers"));
  request.mutable_end_time()->set_nanos(-1);
  request.set_movers(-1);
  EXPECT_THAT(ReadError(Simulate(request)).fields, ElementsAre("end_time", "movers"));
  EXPECT_THAT(prices_.simulations(), IsEmpty());
}

TEST_F(AdminPricingTest, ASimulationEndsWithItsClient) {
  prices_.hold_simulations = true;
  auto context = Context();
  auto stream = admin_->SimulatePricing(context.get(), {});
  while (prices_.simulations().empty()) std::this_thread::yield();
  const auto [command, done] = prices_.simulations()[0];
  EXPECT_FALSE(command.is_cancelled());
  context->TryCancel();
  while (!command.is_cancelled()) std::this_thread::yield();
  done(absl::CancelledError("nobody waits"));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// Counted as INTERNAL it would raise an alert about us.
TEST_F(AdminPricingTest, ASimulationWhoseClientGoesWhileItIsWrittenIsCountedAsCancelled) {
  // Far more than the windows of HTTP/2 and the sockets hold.
  const absl::Status failure = absl::NotFoundError(std::string(16 << 10, 'x'));
  prices_.simulation.moves.assign(1000, {.topup_id = "a", .failure = failure});
  auto context = Context();
  auto stream = admin_->SimulatePricing(context.get(), {});
  admin::v1::SimulatePricingResponse response;
  ASSERT_TRUE(stream->Read(&response));
  context->TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  std::map<std::string, int64_t> ends;
  while (ends.empty()) {
    for (const std::string code : {"OK", "CANCELLED", "INTERNAL"}) {
      const int64_t count = metrics_
                                .GetCounter("topup_api_calls_total", "",
                                            {{"method", "SimulatePricing"}, {"code", code}})
                                ->Value();
      if (count > 0) ends[code] = count;
    }
    std::this_thread::yield();
  }
  EXPECT_THAT(ends, ElementsAre(testing::Pair("CANCELLED", 1)));
}

TEST_F(AdminPricingTest, AServerThatStopsWaitsForNoSimulation) {
  prices_.hold_simulations = true;
  auto context = Context();
  auto stream = admin_->SimulatePricing(context.get(), {});
  while (prices_.simulations().empty()) std::this_thread::yield();
  const auto [command, done] = prices_.simulations()[0];
  server_->Drain();
  EXPECT_TRUE(command.is_cancelled());
  done(absl::CancelledError("the server stops"));
  EXPECT_EQ(ReadError(stream->Finish()).reason, "DRAINING");
}

TEST_F(AdminPricingTest, ExplainsAPrice) {
  core::PriceBreakdown price = {
      .face_value = Money::Centimes(100000),
      .cost = Money::Centimes(98000),
      .price = Money::Centimes(102900),
      .profit = Money::Centimes(4900),
      .basis = {.config_digest = kDigest,
                .route = "vip",
                .chain = "all",
                .time = TestTime(),
                .cost_ppm = 980000,
                .caller_volume = core::CallerVolume{1, Money::Centimes(2), 3, Money::Centimes(4)}}};
  prices_.explanation = {.recorded = price, .replayed = price};
  ASSERT_TRUE(Explain("id-a").ok());
  EXPECT_THAT(prices_.explained, ElementsAre("id-a"));
  EXPECT_TRUE(explained_.same());
  const v1::PriceInputs& inputs = explained_.recorded().inputs();
  EXPECT_EQ(inputs.config_digest(), kDigest);
  EXPECT_EQ(inputs.route(), "vip");
  EXPECT_EQ(inputs.chain(), "all");
  EXPECT_EQ(inputs.cost_ppm(), 980000);
  EXPECT_EQ(inputs.time().seconds(), absl::ToUnixSeconds(TestTime()));
  EXPECT_EQ(inputs.caller_volume().count_today(), 1);
  EXPECT_EQ(inputs.caller_volume().volume_this_month().centimes(), 4);

  prices_.explanation.detail = "the price was 1 and is 2";
  ASSERT_TRUE(Explain("id-a").ok());
  EXPECT_FALSE(explained_.same());
  prices_.explanation = {.recorded = price, .failure = absl::NotFoundError("it is not loaded")};
  ASSERT_TRUE(Explain("id-a").ok());
  EXPECT_FALSE(explained_.same());
  EXPECT_FALSE(explained_.has_replayed());
  EXPECT_EQ(explained_.detail(), "it is not loaded");
  EXPECT_THAT(ReadError(Explain("")).fields, ElementsAre("topup_id"));
}

TEST_F(AdminPricingTest, CostsStayWithWhoMaySeeThemAndTheRestWithOwners) {
  StartWithRoles();
  core::PriceBreakdown price = {.price = Money::Centimes(102900),
                                .basis = {.config_digest = kDigest, .cost_ppm = 980000}};
  prices_.explanation = {
      .recorded = price, .replayed = price, .detail = "the profit was 49.00 DZD and is 48.00 DZD"};
  prices_.simulation.old_profit = Money::Centimes(1);
  ASSERT_TRUE(Explain("id-a", "owner").ok());
  EXPECT_FALSE(explained_.recorded().has_cost());
  EXPECT_FALSE(explained_.recorded().has_inputs());
  EXPECT_FALSE(explained_.replayed().has_inputs());
  EXPECT_FALSE(explained_.same());
  EXPECT_EQ(explained_.detail(),
            "the price is the same; what else differs is shown to callers that may see costs");
  prices_.explanation.replayed->price = Money::Centimes(103000);
  ASSERT_TRUE(Explain("id-a", "owner").ok());
  EXPECT_EQ(explained_.detail(),
            "the price is not the same; what else differs is shown to callers that may see costs");
  ASSERT_TRUE(Explain("id-a", "boss").ok());
  EXPECT_EQ(explained_.detail(), "the profit was 49.00 DZD and is 48.00 DZD");
  ASSERT_TRUE(Simulate({}, "owner").ok());
  EXPECT_TRUE(streamed_.back().totals().has_old_revenue());
  EXPECT_FALSE(streamed_.back().totals().has_old_profit());
  EXPECT_FALSE(streamed_.back().totals().has_new_profit());
  EXPECT_EQ(ReadError(Explain("id-a", "shop")).reason, "PERMISSION_DENIED");
  EXPECT_EQ(ReadError(Simulate({}, "shop")).reason, "PERMISSION_DENIED");
}

// A strategy's own words may hold the cost: "480.00 is below what I sell at".
TEST_F(AdminPricingTest, WhyThereIsNoPriceIsSaidInOurWordsToWhoMayNotSeeCosts) {
  StartWithRoles();
  const auto failure = [](const char* reason) {
    return base::MakeError(absl::StatusCode::kUnavailable, "480.00 is too little.",
                           {.reason = reason});
  };
  const std::vector<std::pair<absl::Status, std::string>> cases = {
      {failure("PRICING_UNAVAILABLE"), "a strategy has no price (PRICING_UNAVAILABLE)"},
      {failure("MARGIN_GUARDRAIL"), "the price breaks a guardrail (MARGIN_GUARDRAIL)"},
      {failure("CONFIG_INVALID"), "it could not be priced (CONFIG_INVALID)"},
      {absl::UnknownError("480.00"), "it could not be priced (INTERNAL)"},
      {absl::NotFoundError("its library is not loaded"), "its library is not loaded"}};
  for (const auto& [status, words] : cases) {
    prices_.simulation.moves = {{.topup_id = "a", .failure = status}};
    prices_.explanation.failure = status;
    ASSERT_TRUE(Simulate({}, "owner").ok());
    EXPECT_EQ(streamed_[0].move().failure_reason(), words);
    ASSERT_TRUE(Explain("id-a", "owner").ok());
    EXPECT_EQ(explained_.detail(), words);
    ASSERT_TRUE(Simulate({}, "boss").ok());
    EXPECT_EQ(streamed_[0].move().failure_reason(), status.message());
    ASSERT_TRUE(Explain("id-a", "boss").ok());
    EXPECT_EQ(explained_.detail(), status.message());
  }
}

TEST_F(AdminPricingTest, TheEndOfASimulationTellsLimitsToThoseWhoMaySeeCosts) {
  StartWithRoles();
  prices_.error =
      base::MakeError(absl::StatusCode::kFailedPrecondition, "It breaks a rule.",
                      {.reason = "MARGIN_GUARDRAIL", .metadata = {{"limit_centimes", "98000"}}});
  EXPECT_EQ(ReadError(Simulate({}, "owner")).metadata.count("limit_centimes"), 0U);
  EXPECT_EQ(ReadError(Simulate({}, "boss")).metadata.count("limit_centimes"), 1U);
}

}  // namespace
}  // namespace topup::api
