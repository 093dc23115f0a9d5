// What the person on call sees and may decide. The dangers: a case that nobody is shown, and a
// decision that the provider overtakes.
#include "server/engine/case_desk.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::RefundAdvice;
using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Shown = core::ProviderTopup::Status;

class CaseDeskTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(world_.Start(), IsOk()); }

  // Calls `start` with a callback and runs what is ready; what it was called with.
  template <typename T, typename Start>
  absl::StatusOr<T> Ask(Start start) {
    std::optional<absl::StatusOr<T>> answer;
    start([&answer](absl::StatusOr<T> result) { answer = std::move(result); });
    world_.RunReady();
    if (!answer.has_value()) return absl::UnknownError("no answer");
    return *std::move(answer);
  }
  UnsettledListing Unsettled(CasePage page = {}) {
    const auto listing = Ask<UnsettledListing>(
        [&](auto done) { world_.engine->ListUnsettled(page, std::move(done)); });
    EXPECT_THAT(listing, IsOk());
    return listing.ok() ? *listing : UnsettledListing{};
  }
  absl::StatusOr<Resolved> Resolve(ResolveCommand command) {
    return Ask<Resolved>([&](auto done) { world_.engine->Resolve(command, std::move(done)); });
  }
  // Records one that the provider never heard of and that is not sent again.
  std::string RecordInDoubt(const std::string& ref) {
    world_.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
    const std::string id = world_.Record(ref);
    world_.Advance(absl::Seconds(25));
    return id;
  }
  static ResolveCommand Order(const std::string& id, TopupStatus status) {
    return {.topup_id = id, .status = status, .decided_by = "ops", .reason = "called them"};
  }

  EngineWorld world_;
};

TEST_F(CaseDeskTest, ShowsACaseWithItsEvidence) {
  EXPECT_THAT(Unsettled().topups, IsEmpty());
  const std::string id = RecordInDoubt("a");
  const UnsettledListing listing = Unsettled();
  ASSERT_THAT(listing.topups, SizeIs(1));
  const UnsettledTopup& entry = listing.topups[0];
  EXPECT_EQ(entry.topup, world_.Stored(id));
  EXPECT_EQ(entry.reason, "IN_DOUBT");
  EXPECT_EQ(entry.age, world_.clock.Now() - entry.topup.create_time);
  ASSERT_THAT(entry.attempts, SizeIs(1));
  EXPECT_EQ(entry.attempts[0].evidence, core::Attempt::Evidence::kInDoubt);
  ASSERT_FALSE(entry.checks.empty());
  EXPECT_EQ(entry.checks[0].http_status, 404);
  EXPECT_EQ(listing.total, 1);
  EXPECT_EQ(listing.value_at_risk, entry.topup.price.price);
}

TEST_F(CaseDeskTest, CountsWhatIsUnsettledEveryMinute) {
  const std::string id = RecordInDoubt("a");
  world_.Advance(absl::Seconds(40));
  const std::string text = world_.metrics.Text();
  EXPECT_NE(text.find("topup_engine_unsettled_topups 1\n"), std::string::npos);
  const int64_t price = world_.Stored(id).price.price.centimes();
  EXPECT_NE(text.find(absl::StrCat("topup_engine_value_at_risk_centimes ", price, "\n")),
            std::string::npos);
}

TEST_F(CaseDeskTest, ResolvesWhatTheProviderCannotTell) {
  const std::string id = world_.Record("a");
  world_.Advance(absl::Seconds(2));
  world_.provider.SetStatus(world_.Stored(id).provider_ref, Shown::kUnknownError);
  ASSERT_TRUE(world_.AdvanceUntil(id, TopupStatus::kUnknownError, absl::Minutes(1)));
  EXPECT_THAT(Unsettled().topups, SizeIs(1));

  const ResolveCommand order = Order(id, TopupStatus::kFulfilled);
  EXPECT_THAT(Resolve(order), HasReason("NOT_RESOLVABLE"));
  world_.Advance(absl::Hours(24));
  ResolveCommand stale = order;
  stale.expected_revision = 1;
  EXPECT_THAT(Resolve(stale), HasReason("REVISION_CHANGED"));
  ASSERT_EQ(world_.Stored(id).status, TopupStatus::kUnknownError);

  ResolveCommand fresh = order;
  fresh.expected_revision = world_.Stored(id).revision;
  const auto resolved = Resolve(fresh);
  ASSERT_THAT(resolved, IsOk());
  EXPECT_EQ(resolved->topup, world_.Stored(id));
  EXPECT_EQ(resolved->topup.status, TopupStatus::kFulfilled);
  EXPECT_EQ(resolved->topup.advice, RefundAdvice::kNone);
  EXPECT_EQ(resolved->resolution.decided_by, "ops");
  EXPECT_THAT(Unsettled().topups, IsEmpty());

  // The same decision again gets its answer again; any other one is too late.
  const auto repeated = Resolve(fresh);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_EQ(repeated->resolution, resolved->resolution);
  EXPECT_THAT(Resolve(Order(id, TopupStatus::kRefunded)), HasReason("NOT_RESOLVABLE"));
}

TEST_F(CaseDeskTest, AContradictionAfterADecisionBecomesAnIncidentThatStaysClosed) {
  // Accepted, but neither the answer comes nor does a read find it, for a while.
  world_.provider.SetVisibilityDelay(absl::Minutes(5));
  world_.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostAnswer});
  const std::string id = world_.Record("a");
  world_.Advance(absl::Seconds(25));
  ResolveCommand order = Order(id, TopupStatus::kRejected);
  EXPECT_THAT(Resolve(order), HasReason("NOT_RESOLVABLE"));
  order.override = true;
  ASSERT_THAT(Resolve(order), IsOk());
  world_.Advance(absl::Minutes(11));
  EXPECT_EQ(world_.Stored(id).status, TopupStatus::kRejected);
  ASSERT_THAT(world_.Incidents(), SizeIs(1));
  const core::Incident found = world_.Incidents()[0];
  EXPECT_EQ(found.kind, "ACCEPTED_AFTER_REJECTED");

  const auto closed = Ask<core::Incident>([&](auto done) {
    world_.engine->CloseIncident({found.id, "ops", "written off"}, std::move(done));
  });
  ASSERT_THAT(closed, IsOk());
  EXPECT_EQ(closed->closed_by, "ops");
  EXPECT_TRUE(closed->close_time.has_value());
  world_.Advance(absl::Hours(13));  // more looks that show the same
  const auto open = Ask<IncidentListing>(
      [&](auto done) { world_.engine->ListIncidents({}, false, std::move(done)); });
  EXPECT_THAT(open->incidents, IsEmpty());
  const auto all = Ask<IncidentListing>(
      [&](auto done) { world_.engine->ListIncidents({}, true, std::move(done)); });
  EXPECT_THAT(all->incidents, ElementsAre(*closed));
}

TEST_F(CaseDeskTest, SaysWhatDoesNotExist) {
  EXPECT_THAT(Resolve(Order("no-such", TopupStatus::kRejected)), HasReason("TOPUP_NOT_FOUND"));
  EXPECT_THAT(Ask<core::Incident>([&](auto done) {
                world_.engine->CloseIncident({"no-such", "ops", "x"}, std::move(done));
              }),
              HasReason("INCIDENT_NOT_FOUND"));
}

TEST_F(CaseDeskTest, PagesThroughCasesOldestFirst) {
  const std::string first = RecordInDoubt("a");
  const std::string second = RecordInDoubt("b");
  const UnsettledListing page = Unsettled({.limit = 1});
  ASSERT_THAT(page.topups, SizeIs(1));
  EXPECT_EQ(page.topups[0].topup.id, first);
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.total, 2);
  const UnsettledListing next = Unsettled({.after_id = first, .limit = 1});
  ASSERT_THAT(next.topups, SizeIs(1));
  EXPECT_EQ(next.topups[0].topup.id, second);
  EXPECT_FALSE(next.more);
}

}  // namespace
}  // namespace topup::engine
