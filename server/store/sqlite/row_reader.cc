#include "server/store/sqlite/row_reader.h"

#include <limits>

namespace topup::store::sqlite {

int64_t EncodeTime(absl::Time time) {
  // ToUnixMicros saturates, and rounds towards the past.
  return absl::ToUnixMicros(time);
}

absl::Time DecodeTime(int64_t stored) {
  if (stored == std::numeric_limits<int64_t>::max()) return absl::InfiniteFuture();
  if (stored == std::numeric_limits<int64_t>::min()) return absl::InfinitePast();
  return absl::FromUnixMicros(stored);
}

void BindOptionalTime(Query& query, const std::optional<absl::Time>& time) {
  if (time.has_value()) {
    query.Int(EncodeTime(*time));
  } else {
    query.Null();
  }
}

}  // namespace topup::store::sqlite
