#include "server/pricing/schema/strict_json.h"

#include <cstdint>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace topup::pricing {
namespace {

using Json = nlohmann::json;

// Follows the parser through the text, to see what the finished value does not show any more.
class Follower {
 public:
  // As nlohmann's parser_callback_t. Keeps everything.
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth >= kJsonDepthMax) too_deep_ = true;
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) doubled_.insert(key);
    }
    return true;
  }

  void AddProblems(std::vector<JsonProblem>& problems) const {
    if (too_deep_) {
      problems.push_back({"", absl::StrCat("has more than ", kJsonDepthMax,
                                           " levels of objects and lists: use fewer")});
    }
    for (const std::string& key : doubled_) {
      problems.push_back({"", absl::StrCat("has the key \"", key,
                                           "\" twice in one object: keep "
                                           "one")});
    }
  }

 private:
  bool too_deep_ = false;
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  std::set<std::string> doubled_;
};

void FindInexactNumbers(const Json& value, const std::string& path,
                        std::vector<JsonProblem>& problems) {
  if (value.is_number_float()) {
    problems.push_back({path,
                        "is a number with a fraction or an exponent, or beyond 64 bits, which is "
                        "not exact: give a whole number, or a text in quotes where one is taken"});
  } else if (value.is_number_unsigned() &&
             value.get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()}) {
    problems.push_back({path, absl::StrCat("is ", value.get<uint64_t>(), ": give at most ",
                                           std::numeric_limits<int64_t>::max())});
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      FindInexactNumbers(value[i], PathTo(path, absl::StrCat(i)), problems);
    }
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      FindInexactNumbers(member, PathTo(path, key), problems);
    }
  }
}

}  // namespace

std::optional<Json> ReadStrictJson(absl::string_view text, std::vector<JsonProblem>& problems) {
  // The parser stops at the first and skips the second, and a strategy's own may not.
  if (absl::StrContains(text, '\0') || absl::StartsWith(text, "\xef\xbb\xbf")) {
    problems.push_back({"", "has a NUL byte or a byte order mark: leave it out"});
    return std::nullopt;
  }
  Follower follower;
  std::vector<JsonProblem> found;
  Json value;
  try {
    value = Json::parse(text.begin(), text.end(), std::ref(follower));
  } catch (const Json::parse_error& error) {
    problems.push_back({"", absl::StrCat("is not JSON at byte ", error.byte,
                                         ": give a JSON "
                                         "object in UTF-8")});
    return std::nullopt;
  } catch (const Json::exception&) {
    problems.push_back({"", "has a number that no computer can hold: give a whole number"});
    return std::nullopt;
  }
  follower.AddProblems(found);
  // What is too deep is not walked through either.
  if (found.empty()) FindInexactNumbers(value, "", found);
  problems.insert(problems.end(), found.begin(), found.end());
  if (!found.empty()) return std::nullopt;
  return value;
}

std::string PathTo(const std::string& path, absl::string_view key) {
  std::string longer = absl::StrCat(path, "/");
  for (const char c : key) {
    if (c == '~') {
      longer += "~0";
    } else if (c == '/') {
      longer += "~1";
    } else {
      longer += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return longer;
}

}  // namespace topup::pricing
