// The fake must keep the provider's rules, or the engine's tests prove nothing.
#include "tests/fakes/fake_provider.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/manual_task_loop.h"

namespace topup::fakes {
namespace {

using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;
using Status = core::ProviderTopup::Status;

class FakeProviderTest : public testing::Test {
 protected:
  core::SendAnswer Send(const std::string& ref) {
    upstream::SendRequest request;
    request.provider_ref = ref;
    request.plan_code = "PREPAID_MOBILIS";
    request.phone = *core::PhoneNumber::Parse("0612345678");
    request.amount_dzd = 500;
    std::optional<core::SendAnswer> got;
    provider_.Send(request, clock_.Elapsed() + absl::Seconds(20),
                   [&](core::SendAnswer answer) { got = std::move(answer); });
    EXPECT_FALSE(got.has_value()) << "it answers later, never inside the call";
    loop_.AdvanceBy(absl::Seconds(30));
    return got.value();
  }
  core::ReadAnswer Read(const std::string& ref) {
    std::optional<core::ReadAnswer> got;
    provider_.ReadByRef(ref, [&](core::ReadAnswer answer) { got = std::move(answer); });
    loop_.AdvanceBy(absl::Seconds(30));
    return got.value();
  }

  FakeClock clock_;
  ManualTaskLoop loop_{clock_};
  FakeProvider provider_{loop_, clock_};
};

TEST_F(FakeProviderTest, TakesARefOnceAndMoneyWithIt) {
  const core::Money before = provider_.balance();
  EXPECT_EQ(Send("r1").echoed_ref, "r1");
  EXPECT_EQ(Send("r1").exchange.error_code, "DUPLICATED_REF");
  EXPECT_EQ(provider_.accepted_count(), 1);
  EXPECT_EQ(before.centimes() - provider_.balance().centimes(), 48'000);
  provider_.SetStatus("r1", Status::kRefunded);
  provider_.SetStatus("r1", Status::kRefunded);
  EXPECT_EQ(provider_.balance(), before);
}

TEST_F(FakeProviderTest, MoodsDecideWhatLeftAndWhatWasTaken) {
  FakeProvider::Behaviour behaviour;
  behaviour.mood = Mood::kDown;
  provider_.Script(Call::kSend, behaviour);
  behaviour.mood = Mood::kLostBefore;
  provider_.Script(Call::kSend, behaviour);
  behaviour.mood = Mood::kLostAnswer;
  provider_.Script(Call::kSend, behaviour);
  EXPECT_FALSE(Send("down").exchange.request_left);
  const core::SendAnswer lost = Send("before");
  EXPECT_TRUE(lost.exchange.request_left);
  EXPECT_FALSE(lost.exchange.response_complete);
  EXPECT_EQ(lost.exchange.end_time - lost.exchange.start_time, absl::Seconds(20));
  EXPECT_FALSE(Send("answer").exchange.response_complete);
  EXPECT_FALSE(Read("before").topup.has_value());
  EXPECT_TRUE(Read("answer").topup.has_value());
  EXPECT_EQ(provider_.posts().size(), 3u);
}

TEST_F(FakeProviderTest, ShowsATopUpOnlyAfterTheVisibilityDelay) {
  provider_.SetVisibilityDelay(absl::Minutes(2));
  Send("r1");
  EXPECT_EQ(Read("r1").exchange.error_code, "NOT_FOUND");
  loop_.AdvanceBy(absl::Minutes(2));
  EXPECT_EQ(Read("r1").topup->status, Status::kPending);
}

}  // namespace
}  // namespace topup::fakes
