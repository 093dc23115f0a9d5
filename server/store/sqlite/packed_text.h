// Short lists of texts and numbers in one column.
//
// Each item is its length in bytes, a colon, and the bytes: "5:hello2:42". Nothing has to be
// escaped, it can be read in a database shell, and it costs far less than JSON on the path of
// every send and every read.
#ifndef TOPUP_SERVER_STORE_SQLITE_PACKED_TEXT_H_
#define TOPUP_SERVER_STORE_SQLITE_PACKED_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace topup::store::sqlite {

class PackedWriter {
 public:
  PackedWriter& Text(absl::string_view text);
  PackedWriter& Number(int64_t number);
  const std::string& packed() const { return packed_; }

 private:
  std::string packed_;
};

// Items must be read as they were written. Once something does not fit, every item is empty
// or 0 and ok() is false. The text read must outlive the reader and what it returns.
class PackedReader {
 public:
  explicit PackedReader(absl::string_view packed) : rest_(packed) {}

  bool AtEnd() const { return rest_.empty(); }
  bool ok() const { return ok_; }
  absl::string_view Text();
  int64_t Number();

 private:
  absl::string_view Fail();

  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_PACKED_TEXT_H_
