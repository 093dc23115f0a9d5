#include "server/base/log.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

namespace topup::base {
namespace {

constexpr size_t kValueSizeMax = 1024;  // bytes, before escaping
// A number that begins inside the cut value must be recognised to its end.
constexpr size_t kNumberSizeMax = 16;
constexpr char32_t kReplacement = 0xFFFD;

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// "[567]" and eight digits: a number without its leading zero.
bool StartsWithSubscriber(absl::string_view text) {
  return text.size() >= 9 && text[0] >= '5' && text[0] <= '7' && AllDigits(text.substr(0, 9));
}

// Masks all but the first and the last two national digits, wherever in a run of digits a
// number stands: an encoded space (%20) or an id may touch it.
void MaskPhoneNumbers(std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const absl::string_view rest = absl::string_view(text).substr(i);
    size_t prefix = 0;
    if (absl::StartsWith(rest, "213")) {
      prefix = 3;
    } else if (rest[0] == '0') {
      prefix = 1;
    } else {
      continue;
    }
    if (StartsWithSubscriber(rest.substr(prefix))) text.replace(i + prefix + 1, 6, 6, '*');
  }
}

// The code point at the start of `text`, and its size in bytes. Overlong forms, surrogates
// and everything else that is not UTF-8 give the replacement character for one byte.
char32_t DecodeUtf8(absl::string_view text, size_t& size) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  size = 1;
  if (lead < 0x80) return lead;
  size_t length = 0;
  char32_t point = 0;
  char32_t least = 0;
  if ((lead & 0xE0) == 0xC0) {
    length = 2, point = lead & 0x1F, least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3, point = lead & 0x0F, least = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    length = 4, point = lead & 0x07, least = 0x10000;
  }
  if (length == 0 || text.size() < length) return kReplacement;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kReplacement;
    point = (point << 6) | (byte(i) & 0x3F);
  }
  if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
    return kReplacement;
  }
  size = length;
  return point;
}

// Control characters, line separators and marks that change the direction of text: they could
// make one line look like two, or like another.
bool NeedsEscape(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x061C ||
         (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
}

void AppendQuoted(absl::string_view text, std::string& line) {
  line += '"';
  while (!text.empty()) {
    size_t size = 0;
    const char32_t point = DecodeUtf8(text, size);
    if (point == '"' || point == '\\') {
      line += '\\';
      line += static_cast<char>(point);
    } else if (NeedsEscape(point) || (point == kReplacement && size == 1)) {
      absl::StrAppendFormat(&line, "\\u%04x", static_cast<unsigned>(point));
    } else {
      line.append(text.data(), size);
    }
    text.remove_prefix(size);
  }
  line += '"';
}

std::string MaskedAndCut(absl::string_view value) {
  std::string text(value.substr(0, kValueSizeMax + kNumberSizeMax));
  MaskPhoneNumbers(text);
  if (text.size() <= kValueSizeMax) return text;
  size_t end = kValueSizeMax;
  // Steps back over continuation bytes, so that no character is cut in two.
  while (end > kValueSizeMax - 4 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

bool IsJsonLiteral(absl::string_view text) {
  if (text == "true" || text == "false") return true;
  if (absl::StartsWith(text, "-")) text.remove_prefix(1);
  return !text.empty() && text.size() <= 19 && AllDigits(text) && (text == "0" || text[0] != '0');
}

// A long number may hold by chance what looks like a phone number (a time in microseconds
// does), so that only a whole one is taken for it.
bool IsPhoneNumber(absl::string_view digits) {
  return digits.size() == 12 && absl::StartsWith(digits, "213") &&
         StartsWithSubscriber(digits.substr(3));
}

void AppendValue(const LogField& field, std::string& line) {
  if (field.is_number && IsJsonLiteral(field.value) && !IsPhoneNumber(field.value)) {
    line += field.value;
  } else {
    AppendQuoted(MaskedAndCut(field.value), line);
  }
}

absl::string_view SeverityName(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::kInfo:
      return "INFO";
    case LogSeverity::kWarning:
      return "WARNING";
    case LogSeverity::kError:
      return "ERROR";
  }
  return "ERROR";
}

}  // namespace

struct Log::State {
  explicit State(Sink line_sink) : sink(std::move(line_sink)) {}

  std::mutex mutex;  // guards sink, so that lines do not mix
  Sink sink;
};

Log::Log(const Clock& clock, Sink sink)
    : clock_(clock), state_(std::make_shared<State>(std::move(sink))) {}

void Log::Info(absl::string_view event, std::initializer_list<LogField> fields) {
  Write(LogSeverity::kInfo, event, fields);
}

void Log::Warning(absl::string_view event, std::initializer_list<LogField> fields) {
  Write(LogSeverity::kWarning, event, fields);
}

void Log::Error(absl::string_view event, std::initializer_list<LogField> fields) {
  Write(LogSeverity::kError, event, fields);
}

void Log::Write(LogSeverity severity, absl::string_view event,
                const std::vector<LogField>& fields) {
  const std::string line = FormatLogLine(clock_.Now(), severity, event, fields);
  std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->sink) state_->sink(line);
}

Log::Sink StandardErrorSink() {
  return [](absl::string_view line) {
    std::string text(line);
    text += '\n';
    size_t written = 0;
    while (written < text.size()) {
      const ssize_t count = write(STDERR_FILENO, text.data() + written, text.size() - written);
      if (count < 0 && errno == EINTR) continue;
      // There is no other place to complain to; the service goes on without its log.
      if (count <= 0) return;
      written += static_cast<size_t>(count);
    }
  };
}

std::string FormatLogLine(absl::Time time, LogSeverity severity, absl::string_view event,
                          const std::vector<LogField>& fields) {
  std::string line = absl::StrCat(
      R"({"time":")", absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", time, absl::UTCTimeZone()),
      R"(","severity":")", SeverityName(severity), R"(","event":)");
  AppendQuoted(MaskedAndCut(event), line);
  for (const LogField& field : fields) {
    line += ',';
    AppendQuoted(MaskedAndCut(field.name), line);
    line += ':';
    AppendValue(field, line);
  }
  line += '}';
  return line;
}

}  // namespace topup::base
