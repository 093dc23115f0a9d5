// What a call may bring along, counted by us: gRPC's own limit is not in the way here.
#include "server/api/call_metadata.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace topup::api {
namespace {

using support::HasReason;
using support::IsOk;
using testing::UnorderedElementsAre;

TEST(ReadAuthorizationsTest, GivesEachOneAndNothingElse) {
  const CallMetadata metadata = {
      {"authorization", "Bearer a"}, {"user-agent", "x"}, {"authorization", "Bearer b"}};
  EXPECT_THAT(*ReadAuthorizations(metadata), UnorderedElementsAre("Bearer a", "Bearer b"));
}

TEST(ReadAuthorizationsTest, CountsThirtyTwoBytesForEachPairBesideItsNameAndValue) {
  // 240 pairs of 34 bytes leave 32 to the limit: one that is empty fits, and no byte more. A limit
  // on names and values alone would not see them.
  CallMetadata metadata;
  for (int i = 0; i < 240; ++i) metadata.emplace("k", "v");
  metadata.emplace("", "");
  EXPECT_THAT(ReadAuthorizations(metadata), IsOk());
  metadata.erase("");
  metadata.emplace("k", "");
  EXPECT_THAT(ReadAuthorizations(metadata), HasReason("INVALID_ARGUMENT"));
}

TEST(ReadAuthorizationsTest, CountsOneLongValue) {
  const std::string value(kMetadataSizeMax - 32, 'v');
  EXPECT_THAT(ReadAuthorizations({{"", value}}), IsOk());
  EXPECT_THAT(ReadAuthorizations({{"k", value}}), HasReason("INVALID_ARGUMENT"));
}

}  // namespace
}  // namespace topup::api
