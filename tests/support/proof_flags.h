// The sizes of a proof, from its command line: --name=value or --name value.
#ifndef TOPUP_TESTS_SUPPORT_PROOF_FLAGS_H_
#define TOPUP_TESTS_SUPPORT_PROOF_FLAGS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace topup::support {

class ProofFlags {
 public:
  // A flag without a value is "true".
  ProofFlags(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      absl::string_view text = argv[i];
      if (!absl::StartsWith(text, "--")) {
        Refuse(text);
        continue;
      }
      text.remove_prefix(2);
      const size_t equals = text.find('=');
      if (equals != absl::string_view::npos) {
        values_[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
      } else if (i + 1 < argc && !absl::StartsWith(argv[i + 1], "--")) {
        values_[std::string(text)] = argv[++i];
      } else {
        values_[std::string(text)] = "true";
      }
    }
  }

  // Each takes its flag away; what nobody takes is a problem, and so is a value that does not
  // fit: then `otherwise`.
  int Number(const std::string& name, int otherwise, int min, int max) {
    const std::string text = Text(name, "");
    if (text.empty()) return otherwise;
    int value = 0;
    if (absl::SimpleAtoi(text, &value) && value >= min && value <= max) return value;
    Refuse(name);
    return otherwise;
  }
  uint64_t Seed(const std::string& name, uint64_t otherwise) {
    const std::string text = Text(name, "");
    uint64_t value = otherwise;
    if (!text.empty() && !absl::SimpleAtoi(text, &value)) Refuse(name);
    return value;
  }
  bool Switch(const std::string& name) {
    const std::string text = Text(name, "");
    if (text != "" && text != "true") Refuse(name);
    return text == "true";
  }
  std::string Text(const std::string& name, const std::string& otherwise) {
    const auto found = values_.find(name);
    if (found == values_.end()) return otherwise;
    const std::string text = found->second;
    values_.erase(found);
    return text;
  }

  // The first thing that is wrong; empty where nothing is. Ask it last.
  std::string problem() const {
    return problem_.empty() && !values_.empty() ? values_.begin()->first : problem_;
  }

 private:
  void Refuse(absl::string_view what) {
    if (problem_.empty()) problem_ = std::string(what);
  }

  std::map<std::string, std::string> values_;
  std::string problem_;
};

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_PROOF_FLAGS_H_
