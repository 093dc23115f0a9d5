// What is kept about prices: configurations, and what was sold at which price.
#include <gmock/gmock.h>

#include <limits>

#include "server/base/id.h"
#include "tests/conformance/topup_store_suite.h"

namespace topup::conformance {
namespace {

using core::TopupStatus;
using store::DeliveredVolume;
using store::PricingActivation;
using support::MakeMenuTopup;
using support::MakeQueuedTopup;
using support::NextVersion;
using support::TestTime;
using testing::ElementsAre;
using testing::IsEmpty;

PricingActivation MakeActivation(int64_t number, const std::string& config) {
  return {.number = number,
          .previous = number - 1,
          .cause = PricingActivation::Cause::kCall,
          .activated_by = "owner",
          .time = TestTime(absl::Seconds(number)),
          .config = config,
          .config_digest = "digest of " + config,
          .file_digest = std::string(64, 'f'),
          .libraries = {{"libtopup_percentage_markup.so", std::string(64, 'a')}, {"é, 3:x", ""}},
          .compared_with = {{std::string(64, 'd'), true}, {"3:x", false}}};
}

absl::Status Append(store::TopupStore& store, const PricingActivation& activation) {
  return Await<absl::Status>(
      [&](auto done) { store.AppendActivation(activation, std::move(done)); });
}

// Ids as the engine makes them; within a millisecond they sort like their names.
core::Topup MakeRecorded(const std::string& name, absl::Time time,
                         const std::string& caller = "shop") {
  core::Topup topup = MakeQueuedTopup(name, caller, time);
  topup.id = base::TimePrefixOfId(time) + std::string(16 - name.size(), '0') + name;
  return topup;
}

core::PriceBasis MakeBasis() {
  return {.config_digest = std::string(64, 'c'),
          .route = "(default)",
          .chain = "5:five,",
          .time = TestTime(absl::Microseconds(7)),
          .cost_ppm = 992'500,
          .caller_volume = core::CallerVolume{.count_today = 1,
                                              .volume_today = core::Money::Centimes(50'000),
                                              .count_this_month = 23,
                                              .volume_this_month = core::Money::Centimes(456)}};
}

// The names of all pages in their order, read `limit` at a time.
std::vector<std::string> ReadNames(store::TopupStore& store, store::PricedTopupQuery query) {
  std::vector<std::string> names;
  while (true) {
    const auto page = store.ReadPricedTopups(query);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return names;
    EXPECT_LE(page->topups.size(), static_cast<size_t>(query.limit));
    for (const store::PricedTopup& topup : page->topups) names.push_back(topup.id.substr(25));
    if (page->last_id.empty()) return names;
    EXPECT_GT(page->last_id, query.after_id) << "the reading does not go on";
    query.after_id = page->last_id;
  }
}

TEST_P(TopupStoreSuite, KeepsWhichConfigurationCameIntoForce) {
  EXPECT_EQ(*store_->LatestActivation(), std::nullopt);
  EXPECT_EQ(*store_->FindActivation(1), std::nullopt);
  PricingActivation first = MakeActivation(1, "chains {}");
  first.cause = PricingActivation::Cause::kFile;
  first.activated_by = "";
  first.libraries.clear();
  PricingActivation second = MakeActivation(2, "");
  second.cause = PricingActivation::Cause::kLibraries;
  ASSERT_TRUE(Append(*store_, first).ok());
  ASSERT_TRUE(Append(*store_, second).ok());
  EXPECT_EQ(*store_->LatestActivation(), second);
  EXPECT_EQ(*store_->FindActivation(1), first);
  EXPECT_EQ(*store_->FindActivation(2), second);
  for (const int64_t number : {int64_t{-1}, int64_t{0}, int64_t{3}}) {
    EXPECT_EQ(*store_->FindActivation(number), std::nullopt) << number;
  }
}

// Of two people who change prices at the same time, the second one hears of the first.
TEST_P(TopupStoreSuite, NumbersActivationsWithoutGapsAndRefusesWhoWasSlower) {
  EXPECT_TRUE(absl::IsAborted(Append(*store_, MakeActivation(0, "none"))));
  EXPECT_TRUE(absl::IsAborted(Append(*store_, MakeActivation(2, "too far"))));
  ASSERT_TRUE(Append(*store_, MakeActivation(1, "one")).ok());
  EXPECT_TRUE(absl::IsAborted(Append(*store_, MakeActivation(1, "late"))));
  EXPECT_TRUE(absl::IsAborted(Append(*store_, MakeActivation(3, "too far"))));
  EXPECT_EQ(*store_->LatestActivation(), MakeActivation(1, "one"));
  EXPECT_EQ(*store_->FindPricingConfig("digest of late"), std::nullopt);
  ASSERT_TRUE(Append(*store_, MakeActivation(2, "two")).ok());
  EXPECT_EQ(*store_->LatestActivation(), MakeActivation(2, "two"));
}

TEST_P(TopupStoreSuite, AnActivationGoesBackToAnEarlierOneOrNone) {
  PricingActivation activation = MakeActivation(1, "one");
  for (const int64_t wrong : {-1, 1, 2}) {
    activation.previous = wrong;
    EXPECT_TRUE(absl::IsInternal(Append(*store_, activation))) << wrong;
  }
  EXPECT_EQ(*store_->LatestActivation(), std::nullopt);
  EXPECT_EQ(*store_->FindPricingConfig("digest of one"), std::nullopt);
  activation.previous = 0;
  EXPECT_TRUE(Append(*store_, activation).ok());
}

TEST_P(TopupStoreSuite, FindsTheTextOfAConfigurationByItsDigest) {
  ASSERT_TRUE(Append(*store_, MakeActivation(1, "one")).ok());
  ASSERT_TRUE(Append(*store_, MakeActivation(2, "two\n é")).ok());
  ASSERT_TRUE(Append(*store_, MakeActivation(3, "one")).ok());
  EXPECT_EQ(*store_->FindPricingConfig("digest of one"), "one");
  EXPECT_EQ(*store_->FindPricingConfig("digest of two\n é"), "two\n é");
  EXPECT_EQ(*store_->FindPricingConfig("digest of three"), std::nullopt);
  EXPECT_EQ(*store_->FindPricingConfig(""), std::nullopt);
  // What prices refer to never changes.
  PricingActivation other = MakeActivation(4, "one");
  other.config = "not one";
  ASSERT_TRUE(Append(*store_, other).ok());
  EXPECT_EQ(*store_->FindPricingConfig("digest of one"), "one");
  EXPECT_EQ((*store_->LatestActivation())->config, "one");
}

TEST_P(TopupStoreSuite, GivesBackWithEveryReadWhatAPriceWasWorkedOutFrom) {
  core::Topup topup = MakeRecorded("A", TestTime());
  topup.price.basis = MakeBasis();
  Create(topup);
  EXPECT_EQ(*store_->FindById(topup.id), topup);
  EXPECT_EQ(*store_->FindByRef("shop", "ref-A"), topup);
  EXPECT_EQ(*store_->FindByProviderRef(topup.provider_ref), topup);
  EXPECT_THAT(store_->List({.caller = "shop"})->topups, ElementsAre(topup));
  EXPECT_THAT(store_->ReadDue(core::NextAction::kPost, TestTime(), 9)->topups, ElementsAre(topup));
  EXPECT_EQ(TryCreate({topup, std::nullopt, 0})->topup, topup);
  const auto priced = store_->ReadPricedTopups({});
  ASSERT_EQ(priced->topups.size(), 1u);
  EXPECT_EQ(priced->topups[0], (store::PricedTopup{.id = topup.id,
                                                   .caller = "shop",
                                                   .op = topup.op,
                                                   .plan_code = topup.plan_code,
                                                   .plan_kind = topup.plan_kind,
                                                   .amount_dzd = topup.amount_dzd,
                                                   .cost = topup.price.cost,
                                                   .price = topup.price.price,
                                                   .basis = topup.price.basis}));
  UpdateStatus(topup, TopupStatus::kSubmitting);
  const auto page = store_->ReadEvents({.caller = "shop"});
  ASSERT_EQ(page->events.size(), 2u);
  for (const core::Event& event : page->events) {
    EXPECT_EQ(event.topup.price, topup.price) << event.sequence;
  }
  ASSERT_EQ(listener_.events.size(), 2u);
  EXPECT_EQ(listener_.events[1].topup.price.basis, MakeBasis());
  EXPECT_EQ((*store_->ReadRevisions(topup.id, 1, 9))[0].topup.price.basis, MakeBasis());
}

TEST_P(TopupStoreSuite, NeverChangesWhatAPriceWasWorkedOutFrom) {
  core::Topup topup = MakeRecorded("A", TestTime());
  topup.price.basis = MakeBasis();
  Create(topup);
  core::Topup changed = topup;
  changed.price.basis.config_digest = "another";
  UpdateStatus(changed, TopupStatus::kSubmitting);
  EXPECT_EQ(store_->FindById(topup.id)->price.basis, MakeBasis());
}

TEST_P(TopupStoreSuite, KeepsAnyBasisAsItIs) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  std::vector<core::PriceBasis> bases(7, MakeBasis());
  bases[0] = core::PriceBasis();
  bases[1].caller_volume.reset();
  bases[2].caller_volume = core::CallerVolume();
  bases[3].time = absl::InfinitePast();
  bases[4].time = absl::InfiniteFuture();
  bases[5] = {.time = absl::UnixEpoch(), .cost_ppm = -kMost - 1};
  bases[6].caller_volume = core::CallerVolume{kMost, core::Money::Centimes(-kMost), -kMost - 1,
                                              core::Money::Centimes(kMost)};
  for (size_t i = 0; i < bases.size(); ++i) {
    core::Topup topup = MakeRecorded(std::string(1, static_cast<char>('A' + i)), TestTime());
    topup.price.basis = bases[i];
    Create(topup);
    EXPECT_EQ(store_->FindById(topup.id)->price.basis, bases[i]) << i;
  }
  const auto priced = store_->ReadPricedTopups({});
  ASSERT_EQ(priced->topups.size(), bases.size());
  for (size_t i = 0; i < bases.size(); ++i) EXPECT_EQ(priced->topups[i].basis, bases[i]) << i;
}

TEST_P(TopupStoreSuite, ReadsPricedTopupsInTheOrderOfIdsPageByPage) {
  EXPECT_THAT(ReadNames(*store_, {}), IsEmpty());
  for (const char* name : {"C", "A", "E", "B", "D"}) {
    Create(MakeRecorded(name, TestTime(absl::Hours(name[0] - 'A')), name));
  }
  for (int limit = 1; limit <= 6; ++limit) {
    EXPECT_THAT(ReadNames(*store_, {.limit = limit}), ElementsAre("A", "B", "C", "D", "E"))
        << limit;
  }
  const std::string third = MakeRecorded("C", TestTime(absl::Hours(2))).id;
  EXPECT_THAT(ReadNames(*store_, {.after_id = third}), ElementsAre("D", "E"));
  EXPECT_TRUE(store_->ReadPricedTopups({.limit = 5})->last_id.empty()) << "there is no more";
  EXPECT_EQ(store_->ReadPricedTopups({.limit = 3})->last_id, third);
}

TEST_P(TopupStoreSuite, LeavesOutWhatWasNotSoldAndGoesOnBehindIt) {
  const std::vector<std::pair<std::string, TopupStatus>> settled = {
      {"B", TopupStatus::kRejected},     {"C", TopupStatus::kRefunded},
      {"D", TopupStatus::kCancelled},    {"E", TopupStatus::kFulfilled},
      {"F", TopupStatus::kUnknownError}, {"G", TopupStatus::kRejected}};
  core::Topup menu = MakeMenuTopup("A");
  menu.id = MakeRecorded("A", TestTime()).id;
  Create(menu);
  for (const auto& [name, status] : settled) {
    UpdateStatus(Create(MakeRecorded(name, TestTime(), name)), status);
  }
  Create(MakeRecorded("H", TestTime(), "H"));
  for (int limit = 1; limit <= 9; ++limit) {
    EXPECT_THAT(ReadNames(*store_, {.limit = limit}), ElementsAre("E", "F", "H")) << limit;
  }
  // A page costs as much as it may, whatever it finds.
  const auto nothing = store_->ReadPricedTopups({.limit = 3});
  EXPECT_THAT(nothing->topups, IsEmpty());
  EXPECT_EQ(nothing->last_id.substr(25), "C");
}

TEST_P(TopupStoreSuite, ReadsPricedTopupsOfATimeTheEndExcludedEvenWithinAMillisecond) {
  const absl::Time time = TestTime();  // has microseconds
  const absl::Duration step = absl::Microseconds(1);
  // In one millisecond ids are in any order.
  Create(MakeRecorded("D", time - step, "1"));
  Create(MakeRecorded("C", time, "2"));
  Create(MakeRecorded("B", time + step, "3"));
  Create(MakeRecorded("A", time + 2 * step, "4"));
  Create(MakeRecorded("E", time + absl::Milliseconds(2), "5"));
  const auto read = [this](absl::Time start, absl::Time end, int limit = 9) {
    return ReadNames(*store_, {.start_time = start, .end_time = end, .limit = limit});
  };
  EXPECT_THAT(read(time, time + 2 * step), ElementsAre("B", "C"));
  EXPECT_THAT(read(time, time + 2 * step, 1), ElementsAre("B", "C"));
  EXPECT_THAT(read(time, time + step), ElementsAre("C"));
  EXPECT_THAT(read(time + 3 * step, time + absl::Milliseconds(2)), IsEmpty());
  EXPECT_THAT(read(time + 2 * step, time + absl::Milliseconds(2) + step), ElementsAre("A", "E"));
  EXPECT_THAT(read(absl::InfinitePast(), time), ElementsAre("D"));
  EXPECT_THAT(read(time + absl::Milliseconds(1), absl::InfiniteFuture()), ElementsAre("E"));
  EXPECT_THAT(read(time, time), IsEmpty());
  EXPECT_THAT(read(time + step, time), IsEmpty());
  const auto whole =
      store_->ReadPricedTopups({.start_time = time, .end_time = time + 2 * step, .limit = 2});
  EXPECT_TRUE(whole->last_id.empty()) << "what is outside of the time is no more to read";
}

TEST_P(TopupStoreSuite, SumsUpWhatWasDeliveredByCallerAndStretch) {
  const absl::Time start = TestTime();
  const absl::Duration day = absl::Hours(24);
  EXPECT_THAT(*store_->SumDelivered(start, day), IsEmpty());
  const auto deliver = [this](const std::string& name, const std::string& caller, absl::Time time,
                              TopupStatus status = TopupStatus::kFulfilled) {
    core::Topup topup = MakeRecorded(name, time, caller);
    topup.price.face_value = core::Money::Centimes(1000 + name[0] - 'A');
    UpdateStatus(Create(topup), status);
  };
  deliver("A", "shop", start - absl::Microseconds(1));
  deliver("B", "shop", start);
  deliver("C", "shop", start + day - absl::Microseconds(1));
  deliver("D", "shop", start + day);
  deliver("E", "kiosk", start + 40 * day);
  deliver("F", "kiosk", start + day, TopupStatus::kRejected);
  deliver("G", "kiosk", start + day, TopupStatus::kRefunded);
  deliver("H", "kiosk", start + day, TopupStatus::kCancelled);
  deliver("I", "kiosk", start + day, TopupStatus::kPending);
  core::Topup menu = MakeMenuTopup("M", start);
  menu.id = MakeRecorded("M", start).id;
  UpdateStatus(Create(menu), TopupStatus::kFulfilled);
  const DeliveredVolume kiosk = {"kiosk", start + 40 * day, 1, core::Money::Centimes(1004)};
  EXPECT_THAT(*store_->SumDelivered(start, day),
              ElementsAre(kiosk, DeliveredVolume{"shop", start, 2, core::Money::Centimes(2003)},
                          DeliveredVolume{"shop", start + day, 1, core::Money::Centimes(1003)}));
  EXPECT_THAT(*store_->SumDelivered(start + 40 * day, absl::Microseconds(1)), ElementsAre(kiosk));
  EXPECT_THAT(*store_->SumDelivered(start + 41 * day, day), IsEmpty());
}

TEST_P(TopupStoreSuite, SumsNothingUpWithoutAStartAndAStretch) {
  for (const absl::Time start : {absl::InfinitePast(), absl::InfiniteFuture()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store_->SumDelivered(start, absl::Hours(24)).status()));
  }
  for (const absl::Duration stretch :
       {absl::ZeroDuration(), absl::Nanoseconds(999), -absl::Hours(1), absl::InfiniteDuration()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store_->SumDelivered(TestTime(), stretch).status()));
  }
}

}  // namespace
}  // namespace topup::conformance
