// An entry is one line of JSON, whatever is in it, and never shows a whole number.
#include <nlohmann/json.hpp>

#include "server/base/log.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

// A number on its own, in the forms that the log knows.
bool ShowsNumber(const std::string& value) {
  const auto digit = [&](size_t at) {
    return at < value.size() && value[at] >= '0' && value[at] <= '9';
  };
  for (size_t at = 0; at + 10 <= value.size(); ++at) {
    if (value[at] != '0' || value[at + 1] < '5' || value[at + 1] > '7') continue;
    size_t end = at;
    while (digit(end)) ++end;
    const bool alone = at == 0 || !digit(at - 1);
    if (alone && end - at == 10) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using topup::fuzz::Promise;
  const std::string text = topup::fuzz::TextOf(data, size);
  const size_t half = text.size() / 2;
  const std::string line =
      topup::base::FormatLogLine(absl::FromUnixSeconds(1790000000), topup::base::LogSeverity::kInfo,
                                 text.substr(0, half), {{"text", text}, {text.substr(half), 7}});
  for (const char c : line) {
    Promise(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no control character");
  }
  const auto json = nlohmann::json::parse(line, nullptr, false);
  Promise(!json.is_discarded() && json.is_object(), "a line is a JSON object");
  for (const auto& [name, value] : json.items()) {
    if (name == "text" && value.is_string()) {
      Promise(!ShowsNumber(value.get<std::string>()), "no whole number in a value");
    }
  }
  return 0;
}
