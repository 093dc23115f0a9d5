#include "server/store/sqlite/packed_text.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace topup::store::sqlite {

PackedWriter& PackedWriter::Text(absl::string_view text) {
  absl::StrAppend(&packed_, text.size(), ":", text);
  return *this;
}

PackedWriter& PackedWriter::Number(int64_t number) { return Text(absl::StrCat(number)); }

absl::string_view PackedReader::Text() {
  const size_t colon = rest_.find(':');
  uint64_t size = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(rest_.substr(0, colon), &size) ||
      size > rest_.size() - colon - 1) {
    return Fail();
  }
  const absl::string_view text = rest_.substr(colon + 1, size);
  rest_.remove_prefix(colon + 1 + size);
  return text;
}

int64_t PackedReader::Number() {
  int64_t number = 0;
  if (!absl::SimpleAtoi(Text(), &number)) Fail();
  return number;
}

absl::string_view PackedReader::Fail() {
  ok_ = false;
  rest_ = absl::string_view();
  return absl::string_view();
}

}  // namespace topup::store::sqlite
