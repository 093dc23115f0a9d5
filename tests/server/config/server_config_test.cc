#include "server/config/server_config.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/directory_settings.h"
#include "server/config/load_settings.h"

namespace topup::config {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Made {
  ServerConfig config;
  std::vector<std::string> problems;
};

// From flags, and a file where `file` is not empty.
Made Make(std::vector<std::string> arguments, const std::string& file = "") {
  if (!file.empty()) arguments.push_back("--config=settings");
  LoadedSettings loaded = LoadSettings(
      arguments, [&](const std::string&) -> absl::StatusOr<std::string> { return file; });
  Made made{.problems = loaded.problems};
  made.config = MakeServerConfig(loaded.settings, made.problems);
  return made;
}

TEST(ServerConfigTest, EveryEngineSettingReachesTheEngine) {
  const Made made = Make({"--sandbox",
                          "--provider_timeout=1s",
                          "--poll_interval=2s",
                          "--resend_grace=3s",
                          "--refusal_check_after=4s",
                          "--send_window=5s",
                          "--never_accepted_after=6s",
                          "--unknown_review_after=7s",
                          "--max_attempts=8",
                          "--submit_concurrency=9",
                          "--breaker_failures=10",
                          "--queue_limit=11",
                          "--menu_amount=12",
                          "--max_catalogue_age=14s",
                          "--plan_refresh_interval=13s",
                          "--repeat_window=15s",
                          "--quote_ttl=16s",
                          "--event_retention=17s",
                          "--shutdown_grace=18s",
                          "--provider_requests_per_minute=19"},
                         "plan_cost { plan_code: \"GROS_MOBILIS\" cost_ppm: 985000 }");
  ASSERT_THAT(made.problems, IsEmpty());
  const engine::EngineOptions& engine = made.config.engine;
  EXPECT_EQ(engine.rules.provider_timeout, absl::Seconds(1));
  EXPECT_EQ(made.config.upstream.request_timeout, absl::Seconds(1));
  EXPECT_EQ(engine.rules.poll_interval, absl::Seconds(2));
  EXPECT_EQ(engine.rules.resend_grace, absl::Seconds(3));
  EXPECT_EQ(engine.rules.refusal_check_after, absl::Seconds(4));
  EXPECT_EQ(engine.rules.send_window, absl::Seconds(5));
  EXPECT_EQ(engine.rules.never_accepted_after, absl::Seconds(6));
  EXPECT_EQ(engine.rules.unknown_review_after, absl::Seconds(7));
  EXPECT_EQ(engine.rules.max_attempts, 8);
  EXPECT_EQ(engine.submit_concurrency, 9);
  EXPECT_EQ(made.config.upstream.submit_concurrency, 9);
  EXPECT_EQ(engine.breaker_failures, 10);
  EXPECT_EQ(engine.queue_limit, 11);
  EXPECT_EQ(engine.menu_amount, 12);
  EXPECT_EQ(engine.max_catalogue_age, absl::Seconds(14));
  EXPECT_EQ(engine.plan_refresh_interval, absl::Seconds(13));
  EXPECT_EQ(engine.repeat_window, absl::Seconds(15));
  EXPECT_EQ(engine.quote_ttl, absl::Seconds(16));
  EXPECT_EQ(engine.event_retention, absl::Seconds(17));
  EXPECT_EQ(made.config.shutdown_grace, absl::Seconds(18));
  EXPECT_EQ(made.config.provider_requests_per_minute, 19);
  EXPECT_EQ(engine.plan_costs.at("GROS_MOBILIS"), 985000);
}

TEST(ServerConfigTest, PlaintextIsForLoopbackAddressesOnly) {
  for (const char* good : {"127.0.0.1:0", "127.9.8.7:1", "[::1]:50051", "localhost:50051"}) {
    EXPECT_THAT(Make({"--sandbox", absl::StrCat("--listen=", good)}).problems, IsEmpty()) << good;
  }
  // Names that only look like loopback addresses among them.
  for (const char* open : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1",
                           "127.evil.example:1", "127.0.0.1.example:1", "localhost.example:1"}) {
    EXPECT_THAT(Make({"--sandbox", absl::StrCat("--listen=", open)}).problems,
                ElementsAre(HasSubstr("--tls_cert"), HasSubstr("--callers")))
        << open;
    EXPECT_THAT(Make({"--sandbox", absl::StrCat("--listen=", open), "--tls_cert=c", "--tls_key=k",
                      "--callers=f"})
                    .problems,
                IsEmpty())
        << open;
  }
}

TEST(ServerConfigTest, HalfATlsPairIsAProblem) {
  EXPECT_THAT(Make({"--sandbox", "--tls_cert=c"}).problems, ElementsAre(HasSubstr("--tls_key")));
  EXPECT_THAT(Make({"--sandbox", "--tls_key=k"}).problems, ElementsAre(HasSubstr("--tls_cert")));
  EXPECT_THAT(Make({"--sandbox", "--tls_client_ca=a"}).problems,
              ElementsAre(HasSubstr("--tls_client_ca needs")));
}

TEST(ServerConfigTest, AddressesHaveAHostAndAPort) {
  for (const char* wrong : {"", "50051", "host", ":1", "host:", "host:65536", "host:-1", "::1:1"}) {
    EXPECT_THAT(Make({"--sandbox", absl::StrCat("--ops_listen=", wrong)}).problems,
                ElementsAre(HasSubstr("--ops_listen is")))
        << wrong;
  }
  EXPECT_EQ(Make({"--sandbox", "--listen=[::1]:7"}).config.listen.ToString(), "[::1]:7");
  EXPECT_EQ(Make({"--sandbox", "--listen=127.0.0.1:7"}).config.listen.ToString(), "127.0.0.1:7");
}

TEST(ServerConfigTest, ThereIsOneProvider) {
  EXPECT_THAT(Make({}).problems, ElementsAre(HasSubstr("--provider_url is not set")));
  EXPECT_THAT(Make({"--sandbox", "--provider_url=https://x.example"}).problems,
              ElementsAre(HasSubstr("exclude each other")));
  EXPECT_THAT(Make({"--provider_url=http://x.example"}).problems,
              ElementsAre(HasSubstr("plain http")));
  EXPECT_THAT(Make({"--provider_url=http://127.evil.example"}).problems,
              ElementsAre(HasSubstr("plain http")));
  const Made good = Make({"--provider_url=https://x.example:8443"});
  EXPECT_THAT(good.problems, IsEmpty());
  EXPECT_EQ(good.config.upstream.address.port, 8443);
}

TEST(ServerConfigTest, DoubtsPlansThatAreTooOldToSellFromBeforeTheyAreReadAgain) {
  for (const char* age : {"5h", "6h"}) {
    const Made made = Make({"--sandbox", absl::StrCat("--max_catalogue_age=", age)});
    EXPECT_THAT(made.problems, IsEmpty());
    EXPECT_THAT(made.config.doubts,
                ElementsAre(AllOf(HasSubstr("--plan_refresh_interval is 6h"),
                                  HasSubstr(absl::StrCat("--max_catalogue_age is ", age)),
                                  HasSubstr("shorten"))));
  }
  EXPECT_THAT(Make({"--sandbox", "--max_catalogue_age=361m"}).config.doubts, IsEmpty());
}

TEST(ServerConfigTest, DoubtsADrainThatIsShorterThanOneRequestToTheProvider) {
  for (const char* grace : {"1s", "19999ms"}) {
    const Made made = Make({"--sandbox", absl::StrCat("--shutdown_grace=", grace)});
    EXPECT_THAT(made.problems, IsEmpty());
    EXPECT_THAT(made.config.doubts,
                ElementsAre(AllOf(HasSubstr("--provider_timeout is 20s"),
                                  HasSubstr(absl::StrCat("--shutdown_grace is ", grace)),
                                  HasSubstr("lengthen"))));
  }
  EXPECT_THAT(Make({"--sandbox", "--shutdown_grace=20s"}).config.doubts, IsEmpty());
}

TEST(ServerConfigTest, ADurationThatCannotBeReadIsOneProblem) {
  for (const char* flag :
       {"provider_timeout", "shutdown_grace", "max_catalogue_age", "plan_refresh_interval"}) {
    EXPECT_THAT(Make({"--sandbox", absl::StrCat("--", flag, "=soon")}).problems,
                ElementsAre(HasSubstr("\"soon\"")));
  }
}

TEST(ServerConfigTest, TheStoreIsAFileOfSqlites) {
  for (const char* wrong : {"foo", "sqlite:", "sqlite::memory:", "topup.db"}) {
    EXPECT_THAT(Make({"--sandbox", absl::StrCat("--store=", wrong)}).problems,
                ElementsAre(AllOf(HasSubstr("--store"), HasSubstr("sqlite:PATH"))))
        << wrong;
  }
  // It may carry a password.
  EXPECT_THAT(Make({"--sandbox", "--store=postgresql://topup:hunter2@db/topup"}).problems,
              ElementsAre(AllOf(HasSubstr("PostgreSQL"), HasSubstr("sqlite:PATH"),
                                Not(HasSubstr("hunter2")))));
}

TEST(ServerConfigTest, PlanCostsAreGivenOnceAndInRange) {
  const Made made = Make({"--sandbox"},
                         "plan_cost { plan_code: \"A\" cost_ppm: 0 }"
                         "plan_cost { plan_code: \"\" cost_ppm: 1 }"
                         "plan_cost { plan_code: \"B\" cost_ppm: 10000001 }"
                         "plan_cost { plan_code: \"C\" cost_ppm: 1 }"
                         "plan_cost { plan_code: \"C\" cost_ppm: 2 }");
  EXPECT_THAT(made.problems, ElementsAre(HasSubstr("\"A\""), HasSubstr("plan_code: \"\""),
                                         HasSubstr("\"B\""), HasSubstr("C is given twice")));
}

TEST(DirectorySettingsTest, CallersAreReadWithTheirRolesAndEveryProblemIsNamed) {
  std::vector<std::string> problems;
  const std::string digest(64, 'a');
  const auto callers = ParseCallers(
      absl::StrCat("caller { name: \"shop\" token_sha256: \"", digest,
                   "\" role: \"send\" role: \"see_cost\" }\n",
                   "caller { name: \"till\" certificate_san: \"till.example\" role: \"read\" }"),
      "callers", problems);
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_EQ(callers.size(), 2u);
  EXPECT_TRUE(callers[0].caller.roles.send && callers[0].caller.roles.see_cost);
  EXPECT_FALSE(callers[0].caller.roles.read || callers[0].caller.roles.admin);
  ParseCallers("caller { name: \"a\" role: \"owner\" }", "callers", problems);
  EXPECT_THAT(problems, Contains(HasSubstr("owner")));
  problems.clear();
  ParseCallers("", "callers", problems);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("names no caller")));
  problems.clear();
  ParseCallers("nonsense", "callers", problems);
  EXPECT_THAT(problems, Contains(HasSubstr("callers:1:")));
}

}  // namespace
}  // namespace topup::config
