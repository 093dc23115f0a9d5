#include "server/base/error.h"

#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace topup::base {
namespace {

// Details travel inside the status as text: one line each, its first character says which.
//   r<reason>   m<name><tab><value>   f<field><tab><description>   a<nanoseconds>
// Backslash, tab and newline inside a value are escaped.
constexpr absl::string_view kPayloadUrl = "topup.base/ErrorDetails";
constexpr char kReason = 'r';
constexpr char kMetadata = 'm';
constexpr char kFieldViolation = 'f';
constexpr char kRetryAfter = 'a';

void AppendEscaped(absl::string_view value, std::string& text) {
  for (char c : value) {
    switch (c) {
      case '\\':
        text += "\\\\";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\n':
        text += "\\n";
        break;
      default:
        text += c;
    }
  }
}

void AppendLine(char kind, absl::string_view first, const std::string* second, std::string& text) {
  text += kind;
  AppendEscaped(first, text);
  if (second != nullptr) {
    text += '\t';
    AppendEscaped(*second, text);
  }
  text += '\n';
}

std::string Unescape(absl::string_view text) {
  std::string value;
  value.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      value += text[i];
      continue;
    }
    ++i;
    value += text[i] == 't' ? '\t' : text[i] == 'n' ? '\n' : text[i];
  }
  return value;
}

std::pair<std::string, std::string> UnescapePair(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> halves =
      absl::StrSplit(text, absl::MaxSplits('\t', 1));
  return {Unescape(halves.first), Unescape(halves.second)};
}

std::string Encode(const ErrorDetails& details) {
  std::string text;
  AppendLine(kReason, details.reason, nullptr, text);
  for (const auto& [name, value] : details.metadata) AppendLine(kMetadata, name, &value, text);
  for (const FieldViolation& violation : details.field_violations) {
    AppendLine(kFieldViolation, violation.field, &violation.description, text);
  }
  if (details.retry_after.has_value()) {
    const int64_t nanoseconds = absl::ToInt64Nanoseconds(*details.retry_after);
    AppendLine(kRetryAfter, absl::StrCat(nanoseconds), nullptr, text);
  }
  return text;
}

ErrorDetails Decode(absl::string_view text) {
  ErrorDetails details;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const absl::string_view rest = line.substr(1);
    int64_t nanoseconds = 0;
    switch (line[0]) {
      case kReason:
        details.reason = Unescape(rest);
        break;
      case kMetadata:
        details.metadata.push_back(UnescapePair(rest));
        break;
      case kFieldViolation: {
        auto [field, description] = UnescapePair(rest);
        details.field_violations.push_back({std::move(field), std::move(description)});
        break;
      }
      case kRetryAfter:
        if (absl::SimpleAtoi(rest, &nanoseconds)) {
          details.retry_after = absl::Nanoseconds(nanoseconds);
        }
        break;
      default:
        break;
    }
  }
  return details;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view message, ErrorDetails details) {
  // An error that counts as success would be the worst of lies; it is our bug, and says so.
  if (code == absl::StatusCode::kOk) code = absl::StatusCode::kInternal;
  absl::Status status(code, message);
  status.SetPayload(kPayloadUrl, absl::Cord(Encode(details)));
  return status;
}

absl::Status OverloadedError(absl::string_view limit, absl::string_view message) {
  return MakeError(absl::StatusCode::kResourceExhausted, message,
                   {.reason = "OVERLOADED",
                    .metadata = {{"limit", std::string(limit)}},
                    .retry_after = absl::Seconds(1)});
}

std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  return Decode(std::string(*payload));
}

std::string ErrorReason(const absl::Status& status) {
  std::optional<ErrorDetails> details = GetErrorDetails(status);
  return details.has_value() ? std::move(details->reason) : std::string();
}

}  // namespace topup::base
