// The connections that reads use.
#ifndef TOPUP_SERVER_STORE_SQLITE_READER_POOL_H_
#define TOPUP_SERVER_STORE_SQLITE_READER_POOL_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/sqlite/sqlite_database.h"

namespace topup::store::sqlite {

// How long a read may take. Short ones look at a row, or at what is due next: the engine's loop
// makes them, and nothing is decided while it waits. Long ones look at pages, of a list, a history
// or all top-ups.
enum class ReadLength { kShort, kLong };

// Thread-safe.
class ReaderPool {
 public:
  // A connection until the end of its scope.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Database> database)
        : pool_(pool), database_(std::move(database)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.GiveBack(std::move(database_)); }
    Database& database() { return *database_; }

   private:
    ReaderPool& pool_;
    std::unique_ptr<Database> database_;
  };

  // `count` connections for long reads, and one that only short ones take. The file exists, and its
  // writer has it open. `vfs`: see StoreOptions.
  static absl::StatusOr<std::unique_ptr<ReaderPool>> Open(const std::string& path, int count,
                                                          const std::string& vfs = "");

  // Waits until a connection is free; a short read never for a long one. One lease at a time for
  // each thread.
  Lease Borrow(ReadLength length);

 private:
  explicit ReaderPool(std::vector<std::unique_ptr<Database>> databases)
      : free_(std::move(databases)) {}
  void GiveBack(std::unique_ptr<Database> database);

  std::mutex mu_;
  std::condition_variable one_free_;
  std::condition_variable two_free_;
  // By mu_. The last one given back is lent first: its cache is warm.
  std::vector<std::unique_ptr<Database>> free_;
};

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_READER_POOL_H_
