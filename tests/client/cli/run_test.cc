// The whole of `topup` but its process, against a TopupService in this one.
#include "client/cli/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/cli/error_text.h"
#include "client/grpc_admin_client.h"
#include "client/grpc_topup_client.h"
#include "tests/client/fake_admin_service.h"
#include "tests/client/fake_topup_service.h"
#include "tests/client/recorded_world.h"

namespace topup::cli {
namespace {

using grpc::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using tests::MakeErrorStatus;

constexpr char kNumber[] = "0600000000";
constexpr char kPlan[] = "PREPAID_MOBILIS";

class RunTest : public ::testing::Test {
 protected:
  int Topup(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    const client::World world = world_.Make();
    Environment environment{
        .out = out_,
        .err = err_,
        .out_is_terminal = false,
        .no_color_is_set = false,
        .zone = absl::UTCTimeZone(),
        .world = world,
        .interrupt = &interrupt_,
        .connect =
            [&](const client::ConnectionOptions&, const client::ClientOptions& options) {
              token_ = options.bearer_token;
              client::Connection connection;
              connection.topups = client::MakeTopupClient(server_.NewStub(), options, world);
              connection.admin = client::MakeAdminClient(
                  admin::v1::AdminService::NewStub(server_.NewChannel()), options, world);
              return client::Result<client::Connection>(std::move(connection));
            },
        .read_file = [](const std::string& path) -> std::optional<std::string> {
          if (path == "token") return "secret\n";
          return std::nullopt;
        }};
    return cli::Run(words, environment);
  }

  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  tests::FakeAdminService admin_;
  tests::InProcessServer server_{&admin_};
  tests::RecordedWorld world_;
  client::Cancellation interrupt_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::string token_;
};

TEST_F(RunTest, ASendWithoutARefShowsTheOneItMadeAndUsesItForAllItsTries) {
  server_.service.FailNext("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "gone"));
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500"}), kDone);
  const auto sends = server_.service.sends();
  ASSERT_THAT(sends, SizeIs(2));
  EXPECT_EQ(sends[0].ref(), sends[1].ref());
  EXPECT_THAT(out(), StartsWith("ref: " + sends[0].ref() + "\n"));
  EXPECT_THAT(out(), HasSubstr("QUEUED"));
}

TEST_F(RunTest, ASendThatFailsHasShownItsRefBefore) {
  for (int i = 0; i < 5; ++i) {
    server_.service.FailNext("SendTopup", grpc::Status(StatusCode::UNAVAILABLE, "Socket closed"));
  }
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500"}), kNotKnownYet);
  const std::string ref = server_.service.sends()[0].ref();
  EXPECT_EQ(out(), "ref: " + ref + "\n");
  EXPECT_THAT(err(), HasSubstr("may have been recorded"));
  EXPECT_THAT(err(), HasSubstr("topup get --ref=" + ref));
}

TEST_F(RunTest, JsonLeavesNothingButMessagesOnStandardOutput) {
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500", "--output=json", "--watch"}), kDone);
  EXPECT_THAT(err(), MatchesRegex("ref: [0-9A-Z]{26}\n"));
  std::istringstream lines(out());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_THAT(line, StartsWith("{"));
  EXPECT_EQ(count, 4);  // the answer, then three revisions
  EXPECT_THAT(out(), HasSubstr("\"replayed\":false"));
  EXPECT_THAT(out(), HasSubstr("TOPUP_STATUS_FULFILLED"));
}

TEST_F(RunTest, CarriesEveryFlagOfASend) {
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500", "--ref=r1", "--quote=q1", "--max_price=521.07",
                   "--allow_repeat", "--label=shop=7", "--wait=settled", "--token_file=token"}),
            kDone);
  const v1::SendTopupRequest send = server_.service.sends()[0];
  EXPECT_EQ(send.ref(), "r1");
  EXPECT_EQ(send.quote_id(), "q1");
  EXPECT_EQ(send.max_price().centimes(), 52107);
  EXPECT_TRUE(send.allow_repeat());
  EXPECT_EQ(send.labels().at("shop"), "7");
  EXPECT_EQ(send.wait_for(), v1::WAIT_FOR_SETTLED);
  EXPECT_EQ(send.amount_dzd(), 500);
  EXPECT_EQ(server_.service.last_authorization(), "Bearer secret");
}

TEST_F(RunTest, AWatchedSendIsDoneOnlyWhereItIsDelivered) {
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500", "--watch"}), kDone);
  EXPECT_THAT(out(), HasSubstr("FULFILLED"));
  EXPECT_EQ(Topup({"send", "0600000001", kPlan, "500", "--watch"}), kRefusedOrUndelivered);
  EXPECT_THAT(out(), HasSubstr("تم استرجاع المبلغ"));
  EXPECT_EQ(Topup({"send", "0600000003", kPlan, "500", "--watch"}), kNotKnownYet);
  EXPECT_THAT(out(), HasSubstr("do not refund yet"));
  EXPECT_EQ(Topup({"send", "0600000009", kPlan, "500", "--watch"}), kRefusedOrUndelivered);
  EXPECT_THAT(out(), HasSubstr("PROVIDER_VALIDATION"));
}

TEST_F(RunTest, ASendThatWaitsSaysWhatItWaitedFor) {
  EXPECT_EQ(Topup({"send", "0600000003", kPlan, "500", "--wait=settled"}), kNotKnownYet);
  EXPECT_EQ(Topup({"send", "0600000001", kPlan, "500", "--wait=settled"}), kRefusedOrUndelivered);
  // The fake has not submitted it yet when it answers.
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500", "--wait=submitted"}), kNotKnownYet);
}

TEST_F(RunTest, ARefusalIsOneLineWithReasonFieldAndRemedy) {
  EXPECT_EQ(Topup({"send", kNumber, "NO_SUCH_PLAN", "500", "--ref=r1"}), kRefusedOrUndelivered);
  EXPECT_EQ(
      err(),
      "topup: PLAN_NOT_FOUND: There is no such plan (plan_code: NO_SUCH_PLAN). What helps: see "
      "the plans: topup plans --all.\n");
  server_.service.FailNext(
      "SendTopup", MakeErrorStatus(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT", "A\nfield.",
                                   {.field_violations = {{"labels", "has 17 pairs"}}}));
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500", "--ref=r1"}), kRefusedOrUndelivered);
  EXPECT_EQ(err(), "topup: INVALID_ARGUMENT: A\uFFFDfield (labels: has 17 pairs).\n");
  server_.service.FailNext(
      "SendTopup",
      MakeErrorStatus(StatusCode::INVALID_ARGUMENT, "AMOUNT_REQUIRED", "It is missing.",
                      {.field_violations = {{"amount_dzd", "is missing"}}}));
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "--ref=r1"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), HasSubstr("It is missing (amount_dzd)."));
}

TEST_F(RunTest, ARefusalInJsonIsAnObjectToo) {
  EXPECT_EQ(Topup({"get", "nothing", "--output=json"}), kRefusedOrUndelivered);
  EXPECT_THAT(out(), AllOf(StartsWith("{\"error\":{"), HasSubstr("\"reason\":\"TOPUP_NOT_FOUND\""),
                           HasSubstr("NOT_FOUND")));
}

TEST_F(RunTest, UsageProblemsComeAllAtOnceAndReachNoServer) {
  EXPECT_EQ(Topup({"send", kNumber, "--wacth", "--wait=x"}), kUsage);
  EXPECT_THAT(err(), AllOf(HasSubstr("--watch?"), HasSubstr("--wait"), HasSubstr("PLAN")));
  EXPECT_EQ(Topup({}), kUsage);
  EXPECT_EQ(Topup({"plans", "--token_file=missing"}), kUsage);
  EXPECT_THAT(server_.service.sends(), IsEmpty());
}

TEST_F(RunTest, CannotReachTheServerIsAStatusOfItsOwn) {
  const grpc::Status refused(StatusCode::UNAVAILABLE,
                             "failed to connect to all addresses; last error: Connection refused");
  for (int i = 0; i < 5; ++i) server_.service.FailNext("GetTopup", refused);
  EXPECT_EQ(Topup({"get", "x", "--server=localhost:7"}), kUnreachable);
  EXPECT_EQ(err(), "topup: Cannot reach the server at localhost:7: Connection refused.\n");
  for (int i = 0; i < 5; ++i) server_.service.FailNext("SendTopup", refused);
  EXPECT_EQ(Topup({"send", kNumber, kPlan, "500"}), kUnreachable);
  EXPECT_THAT(err(), Not(HasSubstr("may have been")));
}

TEST_F(RunTest, ListsEveryPageWhereAsked) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Topup({"send", kNumber, kPlan, "500", "--ref=r" + std::to_string(i)}), kDone);
  }
  EXPECT_EQ(Topup({"list", "--page_size=2"}), kDone);
  EXPECT_THAT(out(), AllOf(HasSubstr("r2"), HasSubstr("r1"), Not(HasSubstr("r0"))));
  EXPECT_THAT(err(), HasSubstr("--page_token=2"));
  EXPECT_EQ(Topup({"list", "--page_size=2", "--all"}), kDone);
  EXPECT_THAT(out(), AllOf(HasSubstr("r2"), HasSubstr("r1"), HasSubstr("r0")));
}

TEST_F(RunTest, CancelsWhatIsQueuedAndSaysWhereItIsTooLate) {
  ASSERT_EQ(Topup({"send", kNumber, kPlan, "500", "--ref=r1"}), kDone);
  EXPECT_EQ(Topup({"cancel", "--ref=r1"}), kDone);
  EXPECT_THAT(out(), HasSubstr("CANCELLED"));
  EXPECT_EQ(Topup({"cancel", "--ref=r1"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), HasSubstr("NOT_CANCELLABLE"));
}

TEST_F(RunTest, WatchesAllUntilInterruptedAndSaysWhereToGoOn) {
  tests::StreamScript<v1::WatchTopupsResponse> script{.hangs = true};
  v1::WatchTopupsResponse& event = script.messages.emplace_back();
  event.mutable_topup()->set_topup_id("topup-1");
  event.mutable_topup()->set_revision(4);
  event.mutable_topup()->set_status(v1::TOPUP_STATUS_FULFILLED);
  event.set_resume_token("t4");
  server_.service.AddStream(script);
  EXPECT_EQ(Topup({"watch", "--all", "--resume_token=t3", "--timeout=50ms"}), kDone);
  EXPECT_EQ(server_.service.watches_of_all()[0].resume_token(), "t3");
  EXPECT_THAT(out(), AllOf(HasSubstr("topup-1"), HasSubstr("FULFILLED")));
  EXPECT_THAT(err(), HasSubstr("--resume_token=t4"));
}

TEST_F(RunTest, AWatchThatTheServerKeepsCuttingFailsAndSaysSo) {
  ASSERT_EQ(Topup({"send", "0600000003", kPlan, "500", "--ref=r1"}), kDone);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"watch", "--all"}, {"watch", "--ref=r1"}}) {
    for (int i = 0; i < 8; ++i) {
      server_.service.FailNext(words[1] == "--all" ? "WatchTopups" : "WatchTopup",
                               grpc::Status(StatusCode::CANCELLED, "CANCELLED"));
    }
    EXPECT_EQ(Topup(words), kNotKnownYet) << words[1];
    EXPECT_THAT(err(), HasSubstr("broke off"));
    EXPECT_THAT(err(), Not(HasSubstr("not settled yet")));
  }
}

TEST_F(RunTest, AnInterruptedWatchOfOneIsNotKnownYet) {
  ASSERT_EQ(Topup({"send", "0600000003", kPlan, "500", "--ref=r1"}), kDone);
  EXPECT_EQ(Topup({"watch", "--ref=r1", "--timeout=50ms"}), kNotKnownYet);
  EXPECT_THAT(out(), HasSubstr("UNKNOWN_ERROR"));
}

TEST_F(RunTest, ATokenTooOldNamesTheOneToGoOnFrom) {
  server_.service.FailNext("WatchTopups",
                           MakeErrorStatus(StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_TOO_OLD", "Old.",
                                           {.metadata = {{"oldest_resume_token", "t9"}}}));
  EXPECT_EQ(Topup({"watch", "--all", "--resume_token=t1"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), HasSubstr("--resume_token=t9"));
  EXPECT_THAT(err(), Not(HasSubstr("t1")));
}

TEST_F(RunTest, ShowsPlansWithTheirArabicNamesWhole) {
  EXPECT_EQ(Topup({"plans"}), kDone);
  EXPECT_THAT(out(), HasSubstr("\u2068عرض 500 دج 🎁\u2069"));
  EXPECT_THAT(out(), HasSubstr("50-5000"));
  EXPECT_THAT(out(), HasSubstr("515.00 DZD"));
}

TEST_F(RunTest, ColoursWhenToldTo) {
  EXPECT_EQ(Topup({"plans", "--color=always"}), kDone);
  EXPECT_THAT(out(), HasSubstr("\x1b["));
  EXPECT_EQ(Topup({"plans"}), kDone);
  EXPECT_THAT(out(), Not(HasSubstr("\x1b[")));
}

TEST_F(RunTest, ShowsTheProviderAndSaysWhatIsNotServedYet) {
  EXPECT_EQ(Topup({"admin", "provider"}), kDone);
  EXPECT_THAT(out(), AllOf(HasSubstr("12345.67 DZD"), HasSubstr("ERR_AUTH"), HasSubstr("up")));
  EXPECT_EQ(Topup({"admin", "unsettled"}), kRefusedOrUndelivered);
  EXPECT_EQ(err(), "topup: This server does not serve that yet.\n");
}

TEST_F(RunTest, ExplainsItself) {
  EXPECT_EQ(Topup({"help", "send"}), kDone);
  EXPECT_THAT(out(), HasSubstr("--allow_repeat"));
  EXPECT_EQ(Topup({"send", "--help"}), kDone);
  EXPECT_THAT(out(), HasSubstr("--allow_repeat"));
  EXPECT_EQ(Topup({"--help"}), kDone);
  EXPECT_THAT(out(), HasSubstr("Exit status"));
  EXPECT_EQ(Topup({"version"}), kDone);
  EXPECT_THAT(out(), StartsWith("topup "));
}

}  // namespace
}  // namespace topup::cli
