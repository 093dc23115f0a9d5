// Reads and binds the values of a row one after the other. Used by the files that map rows.
#ifndef TOPUP_SERVER_STORE_SQLITE_ROW_READER_H_
#define TOPUP_SERVER_STORE_SQLITE_ROW_READER_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/store/sqlite/sqlite_database.h"

namespace topup::store::sqlite {

// Microseconds since 1970, rounded down; InfiniteFuture and InfinitePast are the largest and
// the smallest integer.
int64_t EncodeTime(absl::Time time);
absl::Time DecodeTime(int64_t stored);

void BindOptionalTime(Query& query, const std::optional<absl::Time>& time);

// The largest number that anything of ours counts to.
inline constexpr int64_t kNumberMax = std::numeric_limits<int64_t>::max() / 2;

// Columns from the first on. Whatever is out of range makes ok() false.
class RowReader {
 public:
  explicit RowReader(const Query& query) : query_(query) {}

  bool ok() const { return ok_; }
  void Fail() { ok_ = false; }

  int64_t Int() { return query_.IntAt(column_++); }
  // At least `least`, and so far from the end of the type that what counts on stays in it.
  int64_t IntFrom(int64_t least) {
    const int64_t number = Int();
    if (number < least || number > kNumberMax) ok_ = false;
    return ok_ ? number : least;
  }
  int Count() {
    const int64_t number = IntFrom(0);
    if (number > std::numeric_limits<int>::max() / 2) ok_ = false;
    return ok_ ? static_cast<int>(number) : 0;
  }
  bool Bool() { return Int() != 0; }
  std::string Text() { return std::string(query_.TextAt(column_++)); }
  // Valid until the query's next step.
  absl::string_view View() { return query_.TextAt(column_++); }
  absl::Time Time() { return DecodeTime(Int()); }

  std::optional<int64_t> OptionalInt() {
    if (query_.IsNullAt(column_)) {
      ++column_;
      return std::nullopt;
    }
    return Int();
  }
  std::optional<absl::Time> OptionalTime() {
    const std::optional<int64_t> stored = OptionalInt();
    if (!stored.has_value()) return std::nullopt;
    return DecodeTime(*stored);
  }

  template <typename Enum>
  Enum Value(Enum first, Enum last) {
    const int64_t number = Int();
    if (number < static_cast<int64_t>(first) || number > static_cast<int64_t>(last)) {
      ok_ = false;
      return first;
    }
    return static_cast<Enum>(number);
  }

 private:
  const Query& query_;
  int column_ = 0;
  bool ok_ = true;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_ROW_READER_H_
