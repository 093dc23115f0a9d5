// The owner's commands, against an AdminService in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "client/cli/error_text.h"
#include "client/cli/run.h"
#include "client/cli/session.h"
#include "client/grpc_admin_client.h"
#include "client/grpc_topup_client.h"
#include "tests/client/fake_admin_service.h"
#include "tests/client/recorded_world.h"

namespace topup::cli {
namespace {

using grpc::StatusCode;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using tests::DigestOf;

const grpc::Status kGone(StatusCode::UNAVAILABLE, "Socket closed");

class PriceCommandsTest : public ::testing::Test {
 protected:
  int Topup(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), "admin");
    const client::World world = world_.Make();
    Environment environment{
        .out = out_,
        .err = err_,
        .out_is_terminal = is_terminal_,
        .no_color_is_set = false,
        .zone = absl::UTCTimeZone(),
        .world = world,
        .interrupt = &interrupt_,
        .connect =
            [&](const client::ConnectionOptions&, const client::ClientOptions& options) {
              client::Connection connection;
              connection.topups = client::MakeTopupClient(server_.NewStub(), options, world);
              connection.admin = client::MakeAdminClient(
                  admin::v1::AdminService::NewStub(server_.NewChannel()), options, world);
              return client::Result<client::Connection>(std::move(connection));
            },
        .read_file = [this](const std::string& path) -> std::optional<std::string> {
          const auto found = files_.find(path);
          if (found == files_.end()) return std::nullopt;
          return found->second;
        }};
    return cli::Run(words, environment);
  }

  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  tests::FakeAdminService service_;
  tests::InProcessServer server_{&service_};
  tests::RecordedWorld world_;
  client::Cancellation interrupt_;
  std::map<std::string, std::string> files_ = {{"new", "second"}, {"wrong", "bad text"}};
  bool is_terminal_ = false;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(PriceCommandsTest, ListsStrategiesUnderTheDigestInForce) {
  admin::v1::StrategyInfo info;
  info.mutable_strategy()->set_strategy_id("dz.topup.cap");
  info.set_loaded(true);
  service_.AddStrategy(info);
  EXPECT_EQ(Topup({"strategies"}), kDone);
  EXPECT_THAT(out(), StartsWith("in force: " + DigestOf("first") + "\n"));
  EXPECT_THAT(out(), AllOf(HasSubstr("dz.topup.cap"), HasSubstr("loaded")));
  EXPECT_EQ(Topup({"strategies", "--output=json"}), kDone);
  EXPECT_THAT(out(), AllOf(StartsWith("{\"strategies\":[{"),
                           HasSubstr("\"configDigest\":\"" + DigestOf("first") + "\"")));
}

TEST_F(PriceCommandsTest, AnActivationSaysWhatWasAndWhatIsInForce) {
  EXPECT_EQ(Topup({"activate", "new"}), kDone);
  EXPECT_EQ(out(),
            "was in force: " + DigestOf("first") + "\nin force now: " + DigestOf("second") + "\n");
  ASSERT_THAT(service_.activations(), SizeIs(1));
  EXPECT_EQ(service_.activations()[0].config(), "second");
  EXPECT_EQ(service_.activations()[0].expected_config_digest(), DigestOf("first"));
  EXPECT_EQ(Topup({"activate", "new"}), kDone);
  EXPECT_EQ(out(), "nothing changed: " + DigestOf("second") + " is in force already\n");
  EXPECT_EQ(Topup({"activate", "new", "--output=json"}), kDone);
  EXPECT_EQ(out(), "{\"configDigest\":\"" + DigestOf("second") + "\"}\n");
}

TEST_F(PriceCommandsTest, WithoutAFileTheServerReadsItsOwn) {
  EXPECT_EQ(Topup({"activate"}), kDone);
  EXPECT_EQ(service_.activations()[0].config(), "");
  EXPECT_EQ(service_.digest_in_force(), DigestOf(tests::FakeAdminService::kOwnFile));
}

TEST_F(PriceCommandsTest, AValidationChangesNothing) {
  EXPECT_EQ(Topup({"activate", "new", "--validate_only"}), kDone);
  EXPECT_EQ(out(), "would be taken: " + DigestOf("second") + "\n");
  EXPECT_EQ(service_.digest_in_force(), DigestOf("first"));
  service_.Intrude("second");
  EXPECT_EQ(Topup({"activate", "new", "--validate_only"}), kDone);
  EXPECT_EQ(out(), "would be taken: " + DigestOf("second") + " (in force already)\n");
}

TEST_F(PriceCommandsTest, EveryProblemOfARefusedConfigurationHasALine) {
  const std::string problems =
      "  \u2068chain[0].strategy[1].config: \"عشرة\" is no percentage: give a number\u2069\n"
      "  route[2].chain: is \"gold\": name one of the chains\n";
  EXPECT_EQ(Topup({"activate", "wrong"}), kRefusedOrUndelivered);
  EXPECT_EQ(
      err(),
      "topup: CONFIG_INVALID: The pricing configuration has 2 problem(s). What helps: correct "
      "what is listed below; what was in force stays in force.\n" +
          problems);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(Topup({"activate", "wrong", "--validate_only"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), EndsWith(problems));
  EXPECT_EQ(Topup({"activate", "wrong", "--output=json"}), kRefusedOrUndelivered);
  EXPECT_THAT(out(), AllOf(StartsWith("{\"error\":{"), HasSubstr("\"field\":\"route[2].chain\"")));
}

TEST_F(PriceCommandsTest, ALibraryThatIsRefusedIsNamedWithItsStep) {
  service_.FailNext("ActivatePricing",
                    tests::MakeErrorStatus(
                        StatusCode::FAILED_PRECONDITION, "STRATEGY_LOAD_FAILED",
                        "The strategy library libx.so was refused at step \"open\".",
                        {.metadata = {{"file", "libx.so"}, {"step", "open"}, {"found", "a gap"}},
                         .field_violations = {{"chain[1]", "libx.so: a gap"}}}));
  EXPECT_EQ(Topup({"activate", "new"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), AllOf(StartsWith("topup: STRATEGY_LOAD_FAILED: The strategy library libx.so"),
                           HasSubstr("found: a gap"), EndsWith("\n  chain[1]: libx.so: a gap\n")));
}

TEST_F(PriceCommandsTest, TheSecondOfTwoOwnersIsToldAndOverwritesNothing) {
  service_.FailNext("ActivatePricing", kGone);
  world_.on_sleep = [this] { service_.Intrude("of the other owner"); };
  EXPECT_EQ(Topup({"activate", "new"}), kNotKnownYet);
  EXPECT_THAT(err(), AllOf(HasSubstr("CONFIG_CHANGED"), HasSubstr("may have happened")));
  EXPECT_EQ(service_.digest_in_force(), DigestOf("of the other owner"));
}

// Both saw the bad price; the first has gone back already.
TEST_F(PriceCommandsTest, WhoSaysWhatTheyHaveSeenChangesNothingElse) {
  const std::string seen = DigestOf("bad");
  const std::string changed = "topup: CONFIG_CHANGED: The configuration in force is " +
                              DigestOf("first") + ", not " + seen.substr(0, 8) + ".";
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"rollback"}, {"activate", "new"}, {"activate"}}) {
    std::vector<std::string> words = command;
    words.push_back("--expect=" + seen.substr(0, 8));
    EXPECT_EQ(Topup(words), kRefusedOrUndelivered);
    EXPECT_THAT(err(), StartsWith(changed));
    words.push_back("--output=json");
    EXPECT_EQ(Topup(words), kRefusedOrUndelivered);
    EXPECT_THAT(out(), HasSubstr("\"config_digest\":\"" + DigestOf("first") + "\""));
  }
  EXPECT_THAT(service_.rollbacks(), IsEmpty());
  EXPECT_THAT(service_.activations(), IsEmpty());
  EXPECT_EQ(service_.digest_in_force(), DigestOf("first"));
}

TEST_F(PriceCommandsTest, WhatIsExpectedMayBeTheBeginningOfTheDigestAndIsSentWhole) {
  EXPECT_EQ(Topup({"activate", "new", "--expect", DigestOf("first").substr(0, 8)}), kDone);
  EXPECT_EQ(service_.activations()[0].expected_config_digest(), DigestOf("first"));
  EXPECT_EQ(Topup({"rollback", "--expect=" + DigestOf("second")}), kDone);
  EXPECT_EQ(service_.rollbacks()[0].expected_config_digest(), DigestOf("second"));
  EXPECT_EQ(
      Topup({"rollback", "--expect=" + absl::AsciiStrToUpper(DigestOf("first").substr(0, 9))}),
      kRefusedOrUndelivered);
  EXPECT_THAT(err(), HasSubstr("NOTHING_TO_ROLL_BACK")) << "the case of a digit says nothing";
}

TEST_F(PriceCommandsTest, WhatCannotBeADigestReachesNoServer) {
  for (const std::string& expected :
       {std::string("0123456"), std::string("0123456g"), std::string(65, '0'), std::string()}) {
    EXPECT_EQ(Topup({"rollback", "--expect=" + expected}), kUsage);
    EXPECT_THAT(err(), HasSubstr("--expect is a digest as sha256sum prints it"));
    EXPECT_EQ(Topup({"activate", "new", "--expect=" + expected}), kUsage);
  }
  EXPECT_EQ(service_.calls(), 0);
}

TEST_F(PriceCommandsTest, AFileThatCannotBeSentReachesNoServer) {
  files_["empty"] = "";
  files_["long"] = std::string(kConfigBytesMax + 1, '#');
  files_["endless"] = std::string(kFileBytesMax + 1, '#');  // all that is read of it
  for (const char* command : {"activate", "simulate"}) {
    EXPECT_EQ(Topup({command, "missing"}), kUsage);
    EXPECT_EQ(err(), "topup: cannot read missing.\n");
    EXPECT_EQ(Topup({command, "empty"}), kUsage);
    EXPECT_EQ(err(), "topup: empty is empty.\n");
    EXPECT_EQ(Topup({command, "long"}), kUsage);
    EXPECT_EQ(err(),
              "topup: long has 245761 bytes: give at most 245760, or have the configured file "
              "read.\n");
    EXPECT_EQ(Topup({command, "endless"}), kUsage);
    EXPECT_THAT(err(), HasSubstr("endless has more than 1048576 bytes: give at most 245760"));
  }
  EXPECT_EQ(service_.calls(), 0);
}

TEST_F(PriceCommandsTest, ARollbackGoesBackOnceAndSaysWhereTo) {
  service_.Intrude("second");
  EXPECT_EQ(Topup({"rollback"}), kDone);
  EXPECT_EQ(service_.rollbacks()[0].expected_config_digest(), DigestOf("second"));
  EXPECT_EQ(out(),
            "was in force: " + DigestOf("second") + "\nin force now: " + DigestOf("first") + "\n");
  EXPECT_EQ(Topup({"rollback"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), AllOf(HasSubstr("NOTHING_TO_ROLL_BACK"), HasSubstr("topup admin activate")));
  service_.Intrude("second");
  EXPECT_EQ(Topup({"rollback", "--output=json"}), kDone);
  EXPECT_EQ(out(), "{\"configDigest\":\"" + DigestOf("first") + "\"}\n");
}

TEST_F(PriceCommandsTest, ARollbackWhoseAnswerWasLostIsNotKnownYet) {
  service_.Intrude("second");
  service_.Intrude("third");
  service_.LoseNextAnswer("RollbackPricing", kGone);
  EXPECT_EQ(Topup({"rollback"}), kNotKnownYet);
  EXPECT_THAT(err(), HasSubstr("see: topup admin strategies"));
  EXPECT_EQ(service_.digest_in_force(), DigestOf("second"));
}

TEST_F(PriceCommandsTest, WhoHasNotTheRoleIsToldSo) {
  service_.FailNext("ListStrategies",
                    tests::MakeErrorStatus(StatusCode::PERMISSION_DENIED, "PERMISSION_DENIED",
                                           "This needs the role admin."));
  EXPECT_EQ(Topup({"rollback"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), HasSubstr("PERMISSION_DENIED"));
  EXPECT_THAT(service_.rollbacks(), IsEmpty());
}

tests::StreamScript<admin::v1::SimulatePricingResponse> Simulation() {
  tests::StreamScript<admin::v1::SimulatePricingResponse> script;
  admin::v1::PriceMove* move = script.messages.emplace_back().mutable_move();
  move->set_topup_id("T1");
  move->mutable_old_price()->set_centimes(102'900);
  move->mutable_new_price()->set_centimes(103'900);
  admin::v1::PriceMove* failure = script.messages.emplace_back().mutable_move();
  failure->set_topup_id("T2");
  failure->mutable_old_price()->set_centimes(10'500);
  failure->set_failure_reason("MARGIN_GUARDRAIL");
  admin::v1::PricingTotals* totals = script.messages.emplace_back().mutable_totals();
  totals->set_topups(2);
  totals->set_failures(1);
  totals->mutable_old_revenue()->set_centimes(113'400);
  totals->mutable_new_revenue()->set_centimes(103'900);
  admin::v1::PriceMoveBucket* bucket = totals->add_histogram();
  bucket->set_min_centimes(500);
  bucket->set_max_centimes(2'000);
  bucket->set_topups(1);
  return script;
}

TEST_F(PriceCommandsTest, ASimulationShowsTotalsMoversFailuresAndBars) {
  service_.AddSimulation(Simulation());
  EXPECT_EQ(Topup({"simulate", "new"}), kDone);
  EXPECT_EQ(service_.simulations()[0].config(), "second");
  EXPECT_EQ(service_.simulations()[0].movers(), 20);
  EXPECT_FALSE(service_.simulations()[0].has_start_time());
  EXPECT_THAT(out(), AllOf(HasSubstr("revenue   1134.00 DZD  1039.00 DZD  -95.00 DZD\n"),
                           HasSubstr("T1      1029.00 DZD  1039.00 DZD  +10.00 DZD\n"),
                           HasSubstr("T2      105.00 DZD  MARGIN_GUARDRAIL\n"),
                           HasSubstr("5.00 to 20.00  1  ########")));
}

TEST_F(PriceCommandsTest, BarsAreDrawnBeyondAsciiOnATerminalWithColoursOnly) {
  is_terminal_ = true;
  service_.AddSimulation(Simulation());
  EXPECT_EQ(Topup({"simulate"}), kDone);
  EXPECT_THAT(out(), HasSubstr("\u2588"));
  service_.AddSimulation(Simulation());
  EXPECT_EQ(Topup({"simulate", "--color=never"}), kDone);
  EXPECT_THAT(out(), AllOf(HasSubstr("####"), Not(HasSubstr("\u2588"))));
  is_terminal_ = false;
  service_.AddSimulation(Simulation());
  EXPECT_EQ(Topup({"simulate", "--color=always"}), kDone);
  EXPECT_THAT(out(), AllOf(HasSubstr("####"), Not(HasSubstr("\u2588"))));
}

TEST_F(PriceCommandsTest, ASimulationInJsonIsALineForEachMessage) {
  service_.AddSimulation(Simulation());
  EXPECT_EQ(Topup({"simulate", "--output=json"}), kDone);
  std::istringstream lines(out());
  std::vector<std::string> starts;
  for (std::string line; std::getline(lines, line);) starts.push_back(line.substr(0, 10));
  EXPECT_THAT(starts, testing::ElementsAre("{\"move\":{\"", "{\"move\":{\"", "{\"totals\":"));
}

TEST_F(PriceCommandsTest, ADayOfASimulationIsThatOfAlgiersAndItsEndIsIncluded) {
  EXPECT_EQ(Topup({"simulate", "--start=2026-11-26", "--end=2026-11-26", "--movers=1000"}), kDone);
  const admin::v1::SimulatePricingRequest request = service_.simulations()[0];
  EXPECT_EQ(request.start_time().seconds(), 1'795'647'600);
  EXPECT_EQ(request.end_time().seconds(), 1'795'647'600 + 86'400);
  EXPECT_EQ(request.movers(), 1000);
  EXPECT_EQ(Topup({"simulate", "--start=1969-12-31T23:59:59.5Z"}), kDone);
  EXPECT_EQ(service_.simulations()[1].start_time().seconds(), -1);
  EXPECT_EQ(service_.simulations()[1].start_time().nanos(), 500'000'000);
  EXPECT_FALSE(service_.simulations()[1].has_end_time());
}

TEST_F(PriceCommandsTest, TimesThatMakeNoSenseReachNoServer) {
  EXPECT_EQ(Topup({"simulate", "--start=yesterday", "--movers=0"}), kUsage);
  EXPECT_THAT(err(), AllOf(HasSubstr("--start is a time such as"),
                           HasSubstr("--movers is a whole number from 1 to 1000")));
  EXPECT_EQ(Topup({"simulate", "--start=2026-11-26", "--end=2026-11-25"}), kUsage);
  EXPECT_EQ(err(), "topup: --end has to be later than --start.\n");
  EXPECT_EQ(service_.calls(), 0);
}

TEST_F(PriceCommandsTest, AnInterruptedSimulationEndsAndChangesNothing) {
  service_.AddSimulation({.hangs = true});
  std::thread user([this] {
    service_.AwaitSimulation();
    interrupt_.Cancel();
  });
  EXPECT_EQ(Topup({"simulate"}), kNotKnownYet);
  user.join();
  EXPECT_EQ(err(), "topup: Interrupted.\n");
  EXPECT_EQ(out(), "");
  service_.AwaitCancelledSimulation();
}

TEST_F(PriceCommandsTest, ASimulationThatTakesTooLongIsGivenUp) {
  service_.AddSimulation({.hangs = true});
  EXPECT_EQ(Topup({"simulate", "--timeout=20ms"}), kUnreachable);
  EXPECT_THAT(err(), HasSubstr("No answer in time"));
  EXPECT_THAT(service_.simulations(), SizeIs(1));
}

TEST_F(PriceCommandsTest, ASimulationWithoutTotalsIsNotShownAsOne) {
  auto script = Simulation();
  script.messages.pop_back();
  service_.AddSimulation(script);
  EXPECT_EQ(Topup({"simulate"}), kNotKnownYet);
  EXPECT_THAT(err(), HasSubstr("ended before the totals"));
  EXPECT_EQ(out(), "");
}

TEST_F(PriceCommandsTest, ARefusedSimulationListsTheProblemsToo) {
  service_.FailNext("SimulatePricing",
                    tests::MakeErrorStatus(StatusCode::INVALID_ARGUMENT, "CONFIG_INVALID", "Wrong.",
                                           {.field_violations = {{"default_chain", "is \"a\""}}}));
  EXPECT_EQ(Topup({"simulate", "wrong"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), EndsWith("\n  default_chain: is \"a\"\n"));
}

TEST_F(PriceCommandsTest, AnExplanationEndsWithAStatusOfItsOwn) {
  admin::v1::ExplainPriceResponse explanation;
  explanation.mutable_recorded()->mutable_price()->set_centimes(102'900);
  explanation.set_detail("its library is no longer loaded");
  service_.SetExplanation("gone", explanation);
  explanation.mutable_replayed()->mutable_price()->set_centimes(103'000);
  explanation.set_detail("another price");
  service_.SetExplanation("other", explanation);
  *explanation.mutable_replayed() = explanation.recorded();
  explanation.set_same(true);
  explanation.clear_detail();
  service_.SetExplanation("same", explanation);

  EXPECT_EQ(Topup({"explain", "same"}), kDone);
  EXPECT_THAT(out(), EndsWith("same\n"));
  EXPECT_EQ(Topup({"explain", "other"}), kRefusedOrUndelivered);
  EXPECT_THAT(out(), EndsWith("different: another price\n"));
  EXPECT_EQ(Topup({"explain", "gone"}), kNotKnownYet);
  EXPECT_THAT(out(), EndsWith("could not be priced again: its library is no longer loaded\n"));
  EXPECT_EQ(Topup({"explain", "other", "--output=json"}), kRefusedOrUndelivered);
  EXPECT_THAT(out(), HasSubstr("\"same\":false,\"detail\":\"another price\""));
  EXPECT_EQ(Topup({"explain", "nothing"}), kRefusedOrUndelivered);
  EXPECT_THAT(err(), HasSubstr("TOPUP_NOT_FOUND"));
}

}  // namespace
}  // namespace topup::cli
