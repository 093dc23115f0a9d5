// Where the store is, and its limits.
#ifndef TOPUP_SERVER_STORE_STORE_OPTIONS_H_
#define TOPUP_SERVER_STORE_STORE_OPTIONS_H_

#include <cstdint>
#include <string>

namespace topup::store {

struct StoreOptions {
  // "sqlite:PATH", on a local file system, or "postgresql:...".
  std::string location = "sqlite:topup.db";

  // Which of SQLite's layers over the file system (its word: VFS) to run on, by the name that it
  // is registered with in this process; empty: the system's. The lock beside the file is always
  // taken on the system's.
  std::string vfs;

  // Writes that may wait for their commit; more are refused with OVERLOADED
  // (limit=commit_queue). About half a second of work at full speed, and 32 MiB at most.
  int commit_queue_limit = 16384;

  // Writes in one commit. A larger batch gains nothing and makes its first write wait longer.
  int batch_limit = 512;

  // Connections for reads of lists and histories, each with a page cache of 8 MiB. More reads than
  // these wait their turn: they are served from memory as a rule, and the machine has few cores.
  // There is one more, which only reads of a row or of what is due take: they never wait for a
  // list.
  int reader_count = 4;

  // The write-ahead log is written back once nothing has been asked for a moment and it has
  // this many pages of 4 KiB,
  int idle_checkpoint_pages = 1000;
  // whatever else waits once it has this many (64 MiB),
  int forced_checkpoint_pages = 16000;
  // and readers are waited for, up to a tenth of a second each time, once it has this many
  // (128 MiB): only a read that takes very long lets it grow further.
  int log_limit_pages = 32000;
};

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_STORE_OPTIONS_H_
