// What the fuzzing of requests depends on: every change leaves a message that parses, nothing is
// left alone for ever, and the same seed makes the same changes.
#include "tests/fuzz/message_mutator.h"

#include <gtest/gtest.h>

#include <set>

#include "topup/v1/topup_service.pb.h"

namespace topup::fuzz {
namespace {

std::string AppendByte(const std::string& before) { return before + "\xff"; }

v1::SendTopupRequest MakeRequest() {
  v1::SendTopupRequest request;
  request.set_ref("order-1");
  request.set_phone_number("0612345678");
  request.set_amount_dzd(500);
  (*request.mutable_labels())["till"] = "7";
  return request;
}

TEST(MessageMutatorTest, ReachesEveryFieldAndKindOfField) {
  MessageMutator mutator(1, {"word"}, AppendByte);
  std::set<std::string> changed;
  std::vector<const google::protobuf::FieldDescriptor*> present;
  for (int i = 0; i < 2000; ++i) {
    v1::SendTopupRequest request;
    mutator.Mutate(request);
    request.GetReflection()->ListFields(request, &present);
    for (const auto* field : present) changed.insert(field->name());
  }
  EXPECT_EQ(changed.size(), static_cast<size_t>(v1::SendTopupRequest::descriptor()->field_count()));
}

TEST(MessageMutatorTest, LeavesAMessageThatParsesMostly) {
  MessageMutator mutator(2, {"word", "é"}, AppendByte);
  int parsed = 0;
  for (int i = 0; i < 1000; ++i) {
    v1::SendTopupRequest request = MakeRequest();
    for (int changes = 0; changes < 3; ++changes) mutator.Mutate(request);
    parsed += v1::SendTopupRequest().ParseFromString(request.SerializeAsString()) ? 1 : 0;
  }
  // One text in eight may be none.
  EXPECT_GT(parsed, 800);
  EXPECT_LT(parsed, 1000);
}

TEST(MessageMutatorTest, MakesListsLongerAndShorter) {
  MessageMutator mutator(3, {}, AppendByte);
  std::set<int> sizes;
  v1::ListTopupsRequest request;
  for (int i = 0; i < 2000; ++i) {
    mutator.Mutate(request);
    sizes.insert(request.statuses_size());
  }
  EXPECT_TRUE(sizes.count(0) == 1 && sizes.count(1) == 1 && *sizes.rbegin() > 10);
}

TEST(MessageMutatorTest, TheSameSeedMakesTheSameChanges) {
  const auto run = [](uint64_t seed) {
    MessageMutator mutator(seed, {"word"}, AppendByte);
    v1::SendTopupRequest request = MakeRequest();
    for (int i = 0; i < 50; ++i) mutator.Mutate(request);
    return request.DebugString();
  };
  EXPECT_EQ(run(4), run(4));
  EXPECT_NE(run(4), run(5));
}

}  // namespace
}  // namespace topup::fuzz
