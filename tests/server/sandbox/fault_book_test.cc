#include "server/sandbox/faults/fault_book.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/sandbox/faults/fault_settings.h"
#include "server/sandbox/world/test_numbers.h"
#include "tests/fakes/seeded_random.h"
#include "tests/support/status_matchers.h"

namespace topup::sandbox {
namespace {

using support::IsOk;

RequestTraits SendOf(const std::string& ref, int posts, const std::string& phone = "0770000001") {
  return {Endpoint::kSend, ref, phone, posts};
}

class FaultBookTest : public testing::Test {
 protected:
  void Set(const std::string& text) {
    absl::StatusOr<FaultSettings> settings = ParseFaultSettings(text);
    ASSERT_THAT(settings, IsOk());
    book_.SetRules(settings->rules);
  }
  bool Hits(const RequestTraits& traits) { return book_.Choose(traits).has_value(); }

  fakes::SeededRandom random_;
  FaultBook book_{random_};
};

TEST_F(FaultBookTest, ARuleHitsOnlyWhatItNames) {
  Set("rules { endpoints: SEND numbers: '0770000001' refs: 'a' kind: CLOSE }");
  EXPECT_TRUE(Hits(SendOf("a", 1)));
  EXPECT_FALSE(Hits(SendOf("b", 1)));
  EXPECT_FALSE(Hits(SendOf("a", 1, "0770000002")));
  EXPECT_FALSE(Hits({Endpoint::kCheckRef, "a", "0770000001", 0}));
}

TEST_F(FaultBookTest, ARuleWithoutEndpointsHitsEveryKnownOne) {
  Set("rules { kind: CLOSE }");
  EXPECT_TRUE(Hits({Endpoint::kPing, "", "", 0}));
  EXPECT_FALSE(Hits({Endpoint::kOther, "", "", 0}));
}

TEST_F(FaultBookTest, CountsSkipsAndStops) {
  Set("rules { endpoints: SEND kind: CLOSE skip: 1 first: 2 }");
  EXPECT_FALSE(Hits(SendOf("a", 1)));
  EXPECT_TRUE(Hits(SendOf("b", 1)));
  EXPECT_TRUE(Hits(SendOf("c", 1)));
  EXPECT_FALSE(Hits(SendOf("d", 1)));
}

TEST_F(FaultBookTest, CountsEachRefByItselfWhereThatIsAsked) {
  Set("rules { endpoints: SEND kind: CLOSE each_ref: true skip: 1 first: 1 }");
  EXPECT_FALSE(Hits(SendOf("a", 1)));
  EXPECT_FALSE(Hits(SendOf("b", 1)));
  EXPECT_TRUE(Hits(SendOf("a", 2)));
  EXPECT_TRUE(Hits(SendOf("b", 2)));
  EXPECT_FALSE(Hits(SendOf("a", 3)));
}

TEST_F(FaultBookTest, TellsTheFirstPostOfARefFromARetry) {
  Set("rules { attempts: RETRY kind: RESET } rules { attempts: FIRST kind: HANG }");
  EXPECT_EQ(book_.Choose(SendOf("a", 1))->kind, FaultKind::kHang);
  EXPECT_EQ(book_.Choose(SendOf("a", 2))->kind, FaultKind::kReset);
}

TEST_F(FaultBookTest, HitsTheShareThatWasAskedFor) {
  Set("rules { kind: CLOSE per_mille: 250 }");
  int hits = 0;
  for (int i = 0; i < 4000; ++i) hits += Hits(SendOf("a", 1));
  EXPECT_GT(hits, 850);
  EXPECT_LT(hits, 1150);
}

TEST_F(FaultBookTest, TheTestNumbersKeepTheirFaultsBehindTheRules) {
  Set("rules { refs: 'mine' kind: HANG }");
  EXPECT_EQ(book_.Choose(SendOf("x", 1, "0600000142"))->kind, FaultKind::kReset);
  EXPECT_FALSE(Hits(SendOf("x", 2, "0600000142")));
  EXPECT_EQ(book_.Choose(SendOf("mine", 1, "0600000142"))->kind, FaultKind::kHang);
}

TEST(FaultSettingsTest, EveryTestNumberWithAFaultHasItsRule) {
  size_t with_fault = 0;
  for (const TestNumber& number : TestNumbers()) with_fault += !number.fault_text.empty();
  EXPECT_EQ(TestNumberRules().size(), with_fault);
}

TEST(FaultSettingsTest, ListsEveryProblemAtOnce) {
  const auto settings = ParseFaultSettings(
      "rules { per_mille: 1001 kind: DELAY delay_ms: -1 } rules { } "
      "behaviour { unknown_settles_as: 'PENDING' }");
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.status().message(),
            "rules[0]: per_mille must be at most 1000\n"
            "rules[0]: delay_ms must be within a day\n"
            "rules[1]: kind must be given\n"
            "behaviour: unknown_settles_as must be FULFILLED or REFUNDED");
}

TEST(FaultSettingsTest, NamesTheLineOfAWrongText) {
  const auto settings = ParseFaultSettings("rules {\n  knid: HANG\n}");
  ASSERT_FALSE(settings.ok());
  EXPECT_NE(settings.status().message().find("line 2"), absl::string_view::npos);
}

TEST(FaultSettingsTest, UnsetBehaviourIsTheDefault) {
  const auto settings = ParseFaultSettings("behaviour { ref_form: BARE pending_ms: 0 }");
  ASSERT_THAT(settings, IsOk());
  EXPECT_FALSE(settings->behaviour.ref_prefixed);
  EXPECT_EQ(settings->behaviour.pending, absl::ZeroDuration());
  EXPECT_EQ(settings->behaviour.handling, absl::Seconds(10));
  EXPECT_TRUE(settings->behaviour.show_request_id);
  EXPECT_EQ(settings->behaviour.lockout_tries, 5);
}

}  // namespace
}  // namespace topup::sandbox
