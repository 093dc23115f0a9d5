// `topup tour` against a TopupService in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/cli/error_text.h"
#include "client/cli/run.h"
#include "client/cli/tour_stops.h"
#include "client/grpc_admin_client.h"
#include "client/grpc_topup_client.h"
#include "tests/client/fake_topup_service.h"
#include "tests/client/recorded_world.h"

namespace topup::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class KeyTypes final : public admin::v1::AdminService::Service {
 public:
  // What each GetProvider says in turn; the last one for ever.
  std::vector<std::string> answers = {"SANDBOX"};

  grpc::Status GetProvider(grpc::ServerContext*, const admin::v1::GetProviderRequest*,
                           admin::v1::GetProviderResponse* response) override {
    response->add_accounts()->set_key_type(answers.front());
    if (answers.size() > 1) answers.erase(answers.begin());
    return grpc::Status::OK;
  }
};

class TourTest : public ::testing::Test {
 protected:
  int Tour(bool on_a_terminal = false) {
    client::World world = world_.Make();
    world.now = [this] { return world_.now += clock_step_; };
    Environment environment{
        .out = out_,
        .err = err_,
        .out_is_terminal = on_a_terminal,
        .no_color_is_set = true,
        .zone = absl::UTCTimeZone(),
        .world = world,
        .interrupt = nullptr,
        .connect =
            [&](const client::ConnectionOptions&, const client::ClientOptions& options) {
              client::Connection connection;
              connection.topups = client::MakeTopupClient(server_.NewStub(), options, world);
              connection.admin = client::MakeAdminClient(
                  admin::v1::AdminService::NewStub(server_.NewChannel()), options, world);
              return client::Result<client::Connection>(std::move(connection));
            },
        .read_file = [](const std::string&) { return std::nullopt; }};
    return cli::Run({"tour", "--tries=1"}, environment);
  }

  // What the provider documents, all in one stream. `stray` ends as FULFILLED instead.
  void ScriptStream(const std::string& stray = "") {
    StreamScript script;
    int count = 0;
    for (const TourStop& stop : TourStops()) {
      v1::WatchTopupsResponse& event = script.messages.emplace_back();
      event.set_resume_token(absl::StrCat("after-", ++count));
      v1::Topup& topup = *event.mutable_topup();
      const bool strays = stop.phone_number == stray;
      topup.set_topup_id(absl::StrCat("topup-", count));
      topup.set_phone_number(stop.phone_number);
      topup.set_revision(4);
      topup.set_status(strays ? v1::TOPUP_STATUS_FULFILLED : stop.end);
      topup.set_refund_advice(strays ? v1::REFUND_ADVICE_NONE : stop.advice);
      topup.set_rejection_reason(stop.rejection_reason);
      (*topup.mutable_customer_message())["ar"] = "أهلا";
      if (stop.has_refund_message) topup.set_refund_message("تم الاسترجاع");
      if (stop.suggests_offers) topup.add_suggested_offers()->set_plan_code("PIXX_500");
      topup.mutable_price()->mutable_face_value()->set_centimes(stop.amount_dzd * 100);
      if (topup.status() != v1::TOPUP_STATUS_UNKNOWN_ERROR) {
        topup.mutable_settle_time()->set_seconds(1'700'000'020);
      }
    }
    script.hangs = true;
    server_.service.AddStream(std::move(script));
  }

  using StreamScript = tests::StreamScript<v1::WatchTopupsResponse>;
  KeyTypes admin_;
  tests::InProcessServer server_{&admin_};
  tests::RecordedWorld world_;
  absl::Duration clock_step_ = absl::ZeroDuration();  // between two looks at the clock
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(TourTest, IsDoneWhereEveryTopupEndsAsDocumented) {
  ScriptStream();
  EXPECT_EQ(Tour(), kDone);
  EXPECT_THAT(err_.str(), IsEmpty());
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("6 of 6 ended as documented."), HasSubstr("sold once"),
                                HasSubstr("تم الاسترجاع"), Not(HasSubstr("\x1b"))));
}

TEST_F(TourTest, WatchesFromBeforeItsFirstSendAndRepeatsThatSendInTheEnd) {
  ScriptStream();
  EXPECT_EQ(Tour(), kDone);
  ASSERT_THAT(server_.service.watches_of_all(), SizeIs(1));
  EXPECT_EQ(server_.service.watches_of_all()[0].resume_token(), "list");
  const auto sends = server_.service.sends();
  ASSERT_THAT(sends, SizeIs(TourStops().size() + 1));
  EXPECT_EQ(sends.front().ref(), sends.back().ref());
  EXPECT_EQ(server_.service.recorded_topups(), static_cast<int>(TourStops().size()));
}

TEST_F(TourTest, SaysWhatDiffersAndFails) {
  ScriptStream(/*stray=*/"0600000003");
  EXPECT_EQ(Tour(), kRefusedOrUndelivered);
  EXPECT_THAT(err_.str(), HasSubstr("0600000003 is FULFILLED, documented is UNKNOWN_ERROR"));
  EXPECT_THAT(out_.str(), HasSubstr("5 of 6"));
}

TEST_F(TourTest, EndsWhenItsTimeIsOver) {
  StreamScript silence;
  silence.messages.emplace_back().mutable_heartbeat();
  silence.messages[0].set_resume_token("start");
  silence.messages.push_back(silence.messages[0]);
  silence.hangs = true;
  server_.service.AddStream(silence);
  // Each look at the clock is a minute later.
  clock_step_ = absl::Minutes(1);
  EXPECT_EQ(Tour(), kRefusedOrUndelivered);
  EXPECT_THAT(err_.str(), HasSubstr("is QUEUED, documented is REFUNDED"));
}

TEST_F(TourTest, SendsNothingWhereTheKeyMovesMoney) {
  admin_.answers = {"PRODUCTION"};
  EXPECT_EQ(Tour(), kRefusedOrUndelivered);
  EXPECT_THAT(server_.service.sends(), IsEmpty());
  EXPECT_THAT(err_.str(), HasSubstr("--sandbox"));
}

TEST_F(TourTest, WaitsUntilTheServerKnowsWhatItsKeyIsFor) {
  ScriptStream();
  admin_.answers = {"", "", "SANDBOX"};
  EXPECT_EQ(Tour(), kDone);
  EXPECT_THAT(world_.sleeps, SizeIs(2));
  admin_.answers = {""};
  EXPECT_EQ(Tour(), kNotKnownYet);
}

TEST_F(TourTest, DrawsOverItselfOnATerminalOnly) {
  ScriptStream();
  EXPECT_EQ(Tour(/*on_a_terminal=*/true), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[7A"));
}

}  // namespace
}  // namespace topup::cli
