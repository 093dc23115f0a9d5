// Writes JSON text with the keys in the order given and decimals digit by digit.
//
// The provider's answers hold money as decimal numbers; going through a floating point value
// could change the last digit, and a general JSON library would sort the keys.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_JSON_WRITER_H_
#define TOPUP_SERVER_SANDBOX_WORLD_JSON_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace topup::sandbox {

// `text` (UTF-8) as a JSON string, quotes included.
std::string JsonString(absl::string_view text);

// 49625 as 496.25, 49000 as 490, as JavaScript prints numbers.
std::string JsonCentimes(int64_t centimes);

// Parts per million as a decimal: 992500 as 0.9925.
std::string JsonPpm(int64_t ppm);

// "2025-01-01T00:00:00.000Z", quotes included.
std::string JsonTime(absl::Time time);

// One object or array. The value of Add is JSON text.
class JsonObject {
 public:
  JsonObject& Add(absl::string_view key, absl::string_view json);
  JsonObject& AddText(absl::string_view key, absl::string_view text);
  JsonObject& AddNumber(absl::string_view key, int64_t number);
  JsonObject& AddBool(absl::string_view key, bool value);
  std::string Text() const;

 private:
  std::string members_;
};

class JsonArray {
 public:
  JsonArray& Add(absl::string_view json);
  std::string Text() const;

 private:
  std::string elements_;
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_JSON_WRITER_H_
