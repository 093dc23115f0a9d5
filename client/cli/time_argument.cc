#include "client/cli/time_argument.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"

namespace topup::cli {
namespace {

// UTC+1 all year, no daylight saving.
constexpr int kAlgiersOffsetSeconds = 3600;

// A date in digits, as the first ten characters; absl takes looser forms, and words.
bool BeginsWithADate(absl::string_view text) {
  constexpr absl::string_view kForm = "0000-00-00";
  if (text.size() < kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '-' ? text[i] != '-' : !absl::ascii_isdigit(text[i])) return false;
  }
  return true;
}

}  // namespace

std::optional<TimeSpan> ParseTime(absl::string_view text) {
  if (!BeginsWithADate(text)) return std::nullopt;
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text.substr(0, 10), &day)) return std::nullopt;
  // What a protobuf timestamp holds, whatever the offset.
  if (day.year() < 2 || day.year() > 9998) return std::nullopt;
  const absl::TimeZone algiers = absl::FixedTimeZone(kAlgiersOffsetSeconds);
  if (text.size() == 10) {
    return TimeSpan{absl::FromCivil(day, algiers), absl::FromCivil(day + 1, algiers)};
  }
  // The format takes blanks around, and a blank for the T.
  absl::Time instant;
  std::string problem;
  if (absl::ascii_toupper(static_cast<unsigned char>(text[10])) != 'T' ||
      absl::ascii_isspace(static_cast<unsigned char>(text.back())) ||
      !absl::ParseTime(absl::RFC3339_full, text, &instant, &problem)) {
    return std::nullopt;
  }
  return TimeSpan{instant, instant};
}

}  // namespace topup::cli
