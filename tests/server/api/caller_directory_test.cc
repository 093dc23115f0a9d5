#include "server/api/caller_directory.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/signer.h"
#include "tests/support/status_matchers.h"

namespace topup::api {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::StatusIs;

constexpr core::Roles kReader = {.read = true};

CallerDirectory MakeDirectory() {
  return CallerDirectory({
      {{"shop", core::Roles{.send = true, .read = true}},
       {base::Sha256Hex("old"), base::Sha256Hex("new")},
       {}},
      {{"audit", kReader}, {}, {"audit.example", "spiffe://example/audit"}},
      {{"till", kReader}, {}, {"till.example"}},
  });
}

absl::StatusOr<core::Caller> AdmitToken(const std::string& authorization,
                                        Method method = Method::kGetTopup) {
  return MakeDirectory().Admit({{authorization}, {}}, method);
}

TEST(CallerDirectoryTest, WithoutADirectoryEverybodyIsLocalAndMayDoEverything) {
  const auto caller = CallerDirectory::Local().Admit({}, Method::kRefreshPlans);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->name, "local");
  EXPECT_EQ(caller->roles, core::Roles::All());
}

TEST(CallerDirectoryTest, KnowsACallerByAnyOfItsTokens) {
  EXPECT_EQ(AdmitToken("Bearer old")->name, "shop");
  EXPECT_EQ(AdmitToken("bearer new")->name, "shop");
}

TEST(CallerDirectoryTest, KnowsACallerByItsCertificate) {
  const auto caller =
      MakeDirectory().Admit({{}, {"other", "spiffe://example/audit"}}, Method::kGetTopup);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->name, "audit");
}

TEST(CallerDirectoryTest, RefusesWhatProvesNothing) {
  for (const char* authorization :
       {"", "Bearer ", "Bearer wrong", "old", "Basic old", "Bearer old ", "Bearer  old"}) {
    EXPECT_THAT(AdmitToken(authorization), HasReason("UNAUTHENTICATED")) << authorization;
  }
  const CallerDirectory directory = MakeDirectory();
  const std::vector<Credentials> nobody = {
      {},
      {{"Bearer old", "Bearer new"}, {}},
      {{}, {"stranger.example"}},
      {{}, {"audit.example", "till.example"}},  // two callers' names in one certificate
      {{"Bearer wrong"}, {"audit.example"}},    // a token decides alone
      {{}, {"AUDIT.example"}},
  };
  for (const Credentials& credentials : nobody) {
    const auto caller = directory.Admit(credentials, Method::kGetTopup);
    EXPECT_THAT(caller, StatusIs(absl::StatusCode::kUnauthenticated));
    EXPECT_THAT(caller, HasMetadata("method", "topup.v1.TopupService/GetTopup"));
  }
}

TEST(CallerDirectoryTest, RefusesAMethodThatTheRoleDoesNotCover) {
  const auto caller = AdmitToken("Bearer old", Method::kRefreshPlans);
  EXPECT_THAT(caller, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(caller, HasReason("PERMISSION_DENIED"));
  EXPECT_THAT(caller, HasMetadata("method", "topup.admin.v1.AdminService/RefreshPlans"));
}

TEST(CallerDirectoryTest, ListsEveryProblemOfADirectory) {
  const std::string hash = base::Sha256Hex("token");
  EXPECT_THAT(CallerDirectory::FindProblems({{{"shop", kReader}, {hash}, {"a"}}}),
              testing::IsEmpty());
  EXPECT_THAT(CallerDirectory::FindProblems({
                  {{"sh op", kReader}, {hash}, {}},      // its name
                  {{"b", kReader}, {}, {}},              // no proof
                  {{"b", kReader}, {"abc"}, {""}},       // again, a short hash, an empty SAN
                  {{"c", kReader}, {hash}, {"x", "x"}},  // another's token, a SAN twice
              }),
              testing::SizeIs(7));
}

}  // namespace
}  // namespace topup::api
