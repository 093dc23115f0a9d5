// One structured line per thing that happened.
//
// An entry has an event name ("topup.settled": noun, dot, past tense) and fields. It is
// written as one line of JSON; control characters, invalid UTF-8, line separators and
// bidirectional marks are escaped, and values are cut to 1 KiB. Whatever looks like a phone
// number (0[567] and eight digits, also behind +213, 00213 or 213) is masked in every value
// as a second line of defence; callers pass PhoneNumber::Masked() in the first place.
#ifndef TOPUP_SERVER_BASE_LOG_H_
#define TOPUP_SERVER_BASE_LOG_H_

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/clock.h"

namespace topup::base {

enum class LogSeverity { kInfo, kWarning, kError };

// A field's value: text or a number, decided by the constructor.
struct LogField {
  LogField(absl::string_view name, absl::string_view value) : name(name), value(value) {}
  LogField(absl::string_view name, const std::string& value) : name(name), value(value) {}
  LogField(absl::string_view name, const char* value) : name(name), value(value) {}
  LogField(absl::string_view name, int64_t value)
      : name(name), value(absl::StrCat(value)), is_number(true) {}
  LogField(absl::string_view name, int value) : LogField(name, static_cast<int64_t>(value)) {}
  LogField(absl::string_view name, bool value)
      : name(name), value(value ? "true" : "false"), is_number(true) {}

  std::string name;
  std::string value;
  bool is_number = false;  // written without quotes
};

// Thread-safe. Lives until the end of the process part that logs (owned by main).
class Log {
 public:
  // `sink` receives one line without its newline, under a lock of this object.
  using Sink = std::function<void(absl::string_view line)>;

  Log(const Clock& clock, Sink sink);

  void Info(absl::string_view event, std::initializer_list<LogField> fields = {});
  void Warning(absl::string_view event, std::initializer_list<LogField> fields = {});
  void Error(absl::string_view event, std::initializer_list<LogField> fields = {});
  void Write(LogSeverity severity, absl::string_view event, const std::vector<LogField>& fields);

 private:
  struct State;
  const Clock& clock_;
  std::shared_ptr<State> state_;
};

// Writes to standard error, one write per line.
Log::Sink StandardErrorSink();

// The line that an entry becomes; pure, for tests and fuzzing.
std::string FormatLogLine(absl::Time time, LogSeverity severity, absl::string_view event,
                          const std::vector<LogField>& fields);

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_LOG_H_
