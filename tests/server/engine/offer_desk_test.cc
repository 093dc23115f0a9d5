// Personal offers: asking is a POST, so it is made once, followed, and never in anybody's way.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::HasReason;
using support::IsOk;
using testing::IsEmpty;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;
using Offers = absl::StatusOr<std::vector<PricedOffer>>;

class OfferDeskTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(world_.Start(), IsOk()); }

  std::shared_ptr<std::optional<Offers>> Ask(const std::string& phone = "0661234567",
                                             core::Operator op = core::Operator::kUnknown) {
    auto answer = std::make_shared<std::optional<Offers>>();
    world_.engine->ListOffers({.caller = "shop",
                               .phone = *core::PhoneNumber::Parse(phone),
                               .op = op,
                               .answer_by = world_.clock.Now() + absl::Seconds(20)},
                              [answer](Offers offers) { *answer = std::move(offers); });
    world_.RunReady();
    return answer;
  }
  core::Topup Menu() {
    for (const core::Topup& topup : world_.store.AllTopups()) {
      if (topup.purpose == core::Purpose::kMenu) return world_.Stored(topup.id);
    }
    return {};
  }
  // The operator answers: REFUNDED, with one offer, or as told.
  void Show(std::vector<core::SuggestedOffer> offers, core::Money charge = core::Money()) {
    core::ProviderTopup shown = *world_.provider.Held(Menu().provider_ref);
    shown.status = core::ProviderTopup::Status::kRefunded;
    shown.charge = charge;
    shown.suggested_offers = std::move(offers);
    world_.provider.Show(shown);
  }

  EngineWorld world_;
};

TEST_F(OfferDeskTest, OffersArePricedWhereTheirPlanHasACost) {
  const auto answer = Ask();
  world_.Advance(absl::Seconds(1));
  Show({{"Mix 500", "PIXX_500", 500}, {"Big", "GROS_MOBILIS", 5000}, {"Other", "NO_PLAN", 100}});
  world_.Advance(absl::Seconds(15));
  ASSERT_TRUE(answer->has_value());
  ASSERT_THAT(**answer, IsOk());
  ASSERT_THAT((**answer).value(), SizeIs(3));
  EXPECT_EQ((**answer).value()[0].price->price, core::Money::Centimes(50'925));
  EXPECT_TRUE((**answer).value()[1].price.has_value());
  EXPECT_FALSE((**answer).value()[2].price.has_value());
  EXPECT_EQ(world_.provider.posts()[0].request.amount_dzd, 0);
}

// A strategy may take as long as it likes: neither the loop nor the commit thread runs it.
TEST_F(OfferDeskTest, OffersArePricedWhereOnlyReadersWait) {
  int priced = 0;
  world_.pricer.on_price = [&] {
    ++priced;
    EXPECT_TRUE(world_.reads.running());
  };
  const auto answer = Ask();
  world_.Advance(absl::Seconds(1));
  Show({{"Mix 500", "PIXX_500", 500}});
  world_.Advance(absl::Seconds(15));
  EXPECT_THAT((**answer).value(), SizeIs(1));
  EXPECT_THAT((**Ask()).value(), SizeIs(1));
  EXPECT_EQ(priced, 2);
  world_.reads.SetFull(true);
  EXPECT_THAT(**Ask(), HasReason("OVERLOADED"));
}

TEST_F(OfferDeskTest, OffersThatASaleCarriesArePricedWhereOnlyReadersWait) {
  const SendCommand command = EngineWorld::Command("sale");
  const std::string id = world_.Record(command);
  world_.Advance(absl::Seconds(1));
  core::ProviderTopup shown = *world_.provider.Held(world_.Stored(id).provider_ref);
  shown.status = core::ProviderTopup::Status::kRefunded;
  shown.suggested_offers = {{"Mix 500", "PIXX_500", 500}};
  world_.provider.Show(shown);
  int shown_count = 0;
  const auto show = [&](const core::Topup& topup) {
    EXPECT_TRUE(topup.suggested_offers.empty() || world_.reads.running());
    shown_count += static_cast<int>(world_.engine->PriceOffers(topup).size());
  };
  SendCommand waiting = command;
  waiting.wait_for = WaitFor::kSettled;
  for (int i = 0; i < 2; ++i) {
    world_.engine->Send(waiting, [&](const absl::StatusOr<SendResult>& sent) {
      ASSERT_THAT(sent, IsOk());
      show(sent->topup);
    });
    world_.Advance(absl::Seconds(15));
  }
  EXPECT_EQ(shown_count, 2);
  std::optional<absl::StatusOr<SendResult>> unshown;
  world_.engine->Send(command, [&](const auto& sent) { unshown = sent; });
  world_.reads.SetFull(true);
  world_.RunReady();
  EXPECT_THAT(unshown.value(), HasReason("STORAGE_UNAVAILABLE"));
}

TEST_F(OfferDeskTest, ACallThatRunsOutOfTimeLeavesTheRequestToTheNext) {
  const auto first = Ask();
  world_.Advance(absl::Seconds(21));
  ASSERT_TRUE(first->has_value());
  EXPECT_THAT(**first, HasReason("OFFERS_TIMEOUT"));
  Show({{"Mix 500", "PIXX_500", 500}});
  const auto second = Ask();
  world_.Advance(absl::Seconds(15));
  EXPECT_THAT((**second).value(), SizeIs(1));
  EXPECT_THAT(world_.provider.posts(), SizeIs(1));
  // Ten minutes later a number is asked about anew.
  world_.Advance(absl::Minutes(10));
  Ask();
  world_.Advance(absl::Seconds(1));
  EXPECT_THAT(world_.provider.posts(), SizeIs(2));
}

TEST_F(OfferDeskTest, ARequestInDoubtIsNeverSentAgain) {
  world_.provider.SetBehaviour(Call::kSend, {.mood = Mood::kLostBefore});
  Ask();
  world_.Advance(absl::Minutes(9));
  EXPECT_THAT(world_.provider.posts(), SizeIs(1));
  EXPECT_EQ(Menu().status, TopupStatus::kSubmitting);
}

TEST_F(OfferDeskTest, ARequestThatTheProviderRefusesIsNotMadeAgainAtOnce) {
  world_.provider.SetBehaviour(Call::kSend, FakeProvider::Refusal(400, "ERR_PHONE"));
  const auto answer = Ask();
  world_.Advance(absl::Seconds(10));
  EXPECT_THAT(**answer, HasReason("OFFERS_TIMEOUT"));
  const auto again = Ask();
  world_.Advance(absl::Seconds(1));
  EXPECT_THAT(**again, HasReason("OFFERS_TIMEOUT"));
  EXPECT_THAT(world_.provider.posts(), SizeIs(1));
}

TEST_F(OfferDeskTest, RequestsThatNobodyWaitsForExpireAndHoldUpNoSale) {
  world_.provider.SetBehaviourOfAll(FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"));
  for (int i = 0; i < 20; ++i) Ask("06612345" + std::to_string(10 + i));
  world_.Advance(absl::Minutes(2));
  EXPECT_EQ(Menu().status, TopupStatus::kRejected);
  EXPECT_EQ(world_.store.CountByStatus(TopupStatus::kQueued).value(), 0);
  world_.provider.SetBehaviourOfAll({});
  world_.engine->KeyChanged();
  const std::string id = world_.Record("sale");
  EXPECT_TRUE(world_.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(5)));
  // What never left may be asked again.
  const size_t posts = world_.provider.posts().size();
  Ask("0661234510");
  world_.Advance(absl::Seconds(5));
  EXPECT_EQ(world_.provider.posts().size(), posts + 1);
}

TEST_F(OfferDeskTest, ASaleLeavesBeforeRequestsThatCameFirst) {
  for (int i = 0; i < 60; ++i) Ask("06612345" + std::to_string(10 + i));
  world_.Advance(absl::Seconds(4));
  const std::string id = world_.Record("sale");
  EXPECT_TRUE(world_.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(4)));
}

TEST_F(OfferDeskTest, RequestsTakeTheShareOfWhatIsNoSale) {
  for (int i = 0; i < 60; ++i) Ask("06612345" + std::to_string(10 + i));
  world_.RecordMany(60);
  world_.Advance(absl::Seconds(30));
  int sales = 0;
  int menus = 0;
  for (const FakeProvider::Post& post : world_.provider.posts()) {
    ++(post.request.plan_code == "PREPAID_MOBILIS" ? sales : menus);
  }
  EXPECT_GT(menus, 0);
  EXPECT_GT(sales, 3 * menus);
}

TEST_F(OfferDeskTest, RequestsThatHangLeaveSlotsToSales) {
  world_.provider.SetBehaviour(Call::kSend, {.mood = Mood::kLostBefore});
  for (int i = 0; i < 20; ++i) Ask("06612345" + std::to_string(10 + i));
  world_.Advance(absl::Seconds(10));
  EXPECT_THAT(world_.provider.posts(), SizeIs(2));
  world_.provider.SetBehaviour(Call::kSend, {});
  const std::string id = world_.Record("sale");
  EXPECT_TRUE(world_.AdvanceUntil(id, TopupStatus::kPending, absl::Seconds(4)));
}

TEST_F(OfferDeskTest, AHundredNumbersAreAskedAboutWithinAMinute) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Ask("0661234" + std::to_string(100 + i))->has_value());
  EXPECT_THAT(**Ask(), HasReason("OVERLOADED"));
  // One that is asked about already costs no place.
  EXPECT_FALSE(Ask("0661234100")->has_value());
  world_.Advance(absl::Minutes(1));
  EXPECT_FALSE(Ask()->has_value());
}

TEST_F(OfferDeskTest, ARequestThatWasChargedIsAnIncident) {
  Ask();
  world_.Advance(absl::Seconds(1));
  Show({}, core::Money::Centimes(5'000));
  world_.Advance(absl::Seconds(20));
  ASSERT_THAT(world_.Incidents(), SizeIs(1));
  EXPECT_EQ(world_.Incidents()[0].kind, "MENU_CHARGED");
}

TEST_F(OfferDeskTest, NumbersAndPlansThatDoNotFitAreRefusedBeforeAnythingIsSent) {
  EXPECT_THAT(**Ask("0661234567", core::Operator::kDjezzy), HasReason("OPERATOR_MISMATCH"));
  EXPECT_THAT(**Ask("0771234567"), HasReason("PLAN_NOT_FOUND"));
  EXPECT_THAT(world_.store.AllTopups(), IsEmpty());
}

}  // namespace
}  // namespace topup::engine
