// Changes protobuf messages field by field, so that what comes out still is one: bytes changed
// at random rarely get past the parser.
#ifndef TOPUP_TESTS_FUZZ_MESSAGE_MUTATOR_H_
#define TOPUP_TESTS_FUZZ_MESSAGE_MUTATOR_H_

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace topup::fuzz {

// Deterministic by its seed and `mutate_bytes`. Not thread-safe.
class MessageMutator {
 public:
  // Another text of about the same kind: what a fuzzing engine does to bytes.
  using MutateBytes = std::function<std::string(const std::string&)>;

  // `words`: texts that are worth trying as the value of any field.
  MessageMutator(uint64_t seed, std::vector<std::string> words, MutateBytes mutate_bytes)
      : random_(seed), words_(std::move(words)), mutate_bytes_(std::move(mutate_bytes)) {}

  // Sets, clears or changes one field or one element, here or in a message within `message`.
  // Strings stay UTF-8, seven times in eight.
  void Mutate(google::protobuf::Message& message);

 private:
  using Field = google::protobuf::FieldDescriptor;

  // 0 to `bound` - 1.
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  void MutateSingular(google::protobuf::Message& message, const Field& field);
  void MutateRepeated(google::protobuf::Message& message, const Field& field);
  void AddElement(google::protobuf::Message& message, const Field& field);
  void MutateElement(google::protobuf::Message& message, const Field& field, int at);
  int64_t Number(int64_t before);
  int EnumNumber(const Field& field);
  std::string Text(const Field& field, const std::string& before);

  std::mt19937_64 random_;
  const std::vector<std::string> words_;
  const MutateBytes mutate_bytes_;
};

}  // namespace topup::fuzz

#endif  // TOPUP_TESTS_FUZZ_MESSAGE_MUTATOR_H_
