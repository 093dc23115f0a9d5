// When the write-ahead log is written back into the database, and how hard it is tried.
#ifndef TOPUP_SERVER_STORE_SQLITE_CHECKPOINT_RULE_H_
#define TOPUP_SERVER_STORE_SQLITE_CHECKPOINT_RULE_H_

#include <cstdint>
#include <optional>

#include "server/store/store_options.h"

namespace topup::store::sqlite {

// SQLite's words: kPassive writes back what no reader needs any more and waits for nobody;
// kTruncate waits for readers a moment, and gives the log's room back to the file system.
enum class CheckpointMode { kNone, kPassive, kTruncate };

// What there is to decide by, after a commit.
struct LogStanding {
  int pages = 0;                      // in the log and not in the database
  std::optional<int64_t> free_bytes;  // on its file system; none where that is not known
  bool is_idle = false;               // nothing was asked for a moment
  bool found_no_room = false;         // the commit failed for it
};

// Pure. By `options`, and earlier where room is short: what is in the log may need as much room
// once more in the database, and on a disk that the log alone has filled it could never be written
// back.
CheckpointMode ChooseCheckpoint(const LogStanding& standing, const StoreOptions& options);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_CHECKPOINT_RULE_H_
