// Runs a fuzz target over its corpus and over a fixed number of mutations of it, the same ones
// everywhere: what needs no fuzzing engine. The input of a crash goes to standard error.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

constexpr size_t kLongest = 4096;

int MutationCount() {
  const char* count = std::getenv("FUZZ_MUTATIONS");
  return count == nullptr ? 3000 : std::atoi(count);
}

std::vector<std::string> ReadCorpus() {
  const char* directory = std::getenv("FUZZ_CORPUS");
  std::vector<std::string> names;
  if (directory != nullptr && std::filesystem::is_directory(directory)) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      names.push_back(entry.path().string());
    }
  }
  std::sort(names.begin(), names.end());
  std::vector<std::string> inputs;
  for (const std::string& name : names) {
    std::ifstream file(name, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

const std::string* current = nullptr;

void ShowInput(int signal) {
  if (write(STDERR_FILENO, "input: ", 7) > 0 && current != nullptr) {
    static_cast<void>(write(STDERR_FILENO, current->data(), current->size()) > 0);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Feed(const std::string& input) {
  current = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string Next() {
    std::string input = corpus_[random_() % corpus_.size()];
    const uint64_t changes = 1 + random_() % 6;
    for (uint64_t i = 0; i < changes; ++i) Change(input);
    if (input.size() > kLongest) input.resize(kLongest);
    return input;
  }

 private:
  void Change(std::string& input) {
    const size_t at = random_() % (input.size() + 1);
    const size_t length = std::min<size_t>(input.size() - at, random_() % 16);
    const std::string& other = corpus_[random_() % corpus_.size()];
    const size_t from = random_() % (other.size() + 1);
    switch (random_() % 6) {
      case 0:
        input.insert(at, 1, static_cast<char>(random_()));
        break;
      case 1:
        input.erase(at, length);
        break;
      case 2:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random_() % 8));
        break;
      case 3:
        input.insert(at, other, from, random_() % 32);
        break;
      case 4:
        input.insert(at, input, at, length);
        break;
      default:
        if (at < input.size()) input[at] = "\0\xff\"{}[]\\09-+eE.:,\n"[random_() % 19];
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_{20260924};
};

TEST(FuzzReplayTest, KeepsItsPromisesOverTheCorpusAndItsMutations) {
  const std::vector<std::string> corpus = ReadCorpus();
  ASSERT_FALSE(corpus.empty()) << "no seeds in FUZZ_CORPUS";
  std::signal(SIGABRT, ShowInput);
  std::signal(SIGSEGV, ShowInput);
  Feed("");
  for (const std::string& input : corpus) Feed(input);
  Mutator mutator(corpus);
  for (int left = MutationCount(); left > 0; --left) Feed(mutator.Next());
}

}  // namespace
}  // namespace topup::fuzz
