#include "pricing_plugins/lua_rules/whole_numbers.h"

#include <cstddef>

namespace topup {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsNameCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Walks over a Lua text, token by token, as far as that is needed to know numbers and operators
// from what only looks like them.
class Walk {
 public:
  explicit Walk(const std::string& source) : source_(source) {}

  std::optional<std::string> Find() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '-' && Next() == '-') {
        SkipComment();
      } else if (c == '"' || c == '\'') {
        SkipText(c);
      } else if (c == '[' && LongBracket().has_value()) {
        SkipLongText(*LongBracket());
      } else if (IsDigit(c) || (c == '.' && IsDigit(Next()))) {
        if (auto problem = ReadNumber(); problem.has_value()) return problem;
      } else if (IsNameCharacter(c)) {
        while (at_ < source_.size() && IsNameCharacter(source_[at_])) ++at_;
      } else if (c == '/' && Next() == '/') {
        at_ += 2;
      } else if (c == '/') {
        return Problem("'/' makes a floating-point number: use '//', which rounds down");
      } else if (c == '^') {
        return Problem("'^' makes a floating-point number: multiply");
      } else {
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  char Next() const { return at_ + 1 < source_.size() ? source_[at_ + 1] : '\0'; }

  std::string Problem(const std::string& what) const {
    size_t line = 1;
    for (size_t i = 0; i < at_; ++i) line += source_[i] == '\n' ? 1 : 0;
    return "line " + std::to_string(line) + ": " + what;
  }

  // How many '=' a long bracket that opens here has; nothing where none opens.
  std::optional<size_t> LongBracket() const {
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] == '=') ++end;
    if (end >= source_.size() || source_[end] != '[') return std::nullopt;
    return end - at_ - 1;
  }

  void SkipLongText(size_t level) {
    const size_t end = source_.find("]" + std::string(level, '=') + "]", at_);
    at_ = end == std::string::npos ? source_.size() : end + level + 2;
  }

  void SkipComment() {
    at_ += 2;
    if (at_ < source_.size() && source_[at_] == '[' && LongBracket().has_value()) {
      SkipLongText(*LongBracket());
      return;
    }
    const size_t end = source_.find('\n', at_);
    at_ = end == std::string::npos ? source_.size() : end;
  }

  void SkipText(char quote) {
    ++at_;
    while (at_ < source_.size() && source_[at_] != quote) at_ += source_[at_] == '\\' ? 2 : 1;
    ++at_;
  }

  std::optional<std::string> ReadNumber() {
    const size_t begin = at_;
    const bool is_hex = source_[at_] == '0' && (Next() == 'x' || Next() == 'X');
    if (is_hex) at_ += 2;
    const std::string exponents = is_hex ? "pP" : "eE";
    bool is_float = false;
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '.' || exponents.find(c) != std::string::npos) {
        is_float = true;
      } else if (!(is_hex ? IsHexDigit(c) : IsDigit(c))) {
        break;
      }
      ++at_;
    }
    const std::string written = source_.substr(begin, at_ - begin);
    if (is_float) {
      return Problem(written +
                     " is a floating-point number: use whole centimes and parts per million");
    }
    static const std::string kMax = "9223372036854775807";
    const std::string digits = written.substr(written.find_first_not_of('0') == std::string::npos
                                                  ? written.size() - 1
                                                  : written.find_first_not_of('0'));
    if (!is_hex &&
        (digits.size() > kMax.size() || (digits.size() == kMax.size() && digits > kMax))) {
      return Problem(written.substr(0, 40) + " is too large for a whole number");
    }
    return std::nullopt;
  }

  const std::string& source_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::string> FindFloatingPoint(const std::string& source) {
  return Walk(source).Find();
}

}  // namespace topup
