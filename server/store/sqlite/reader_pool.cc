#include "server/store/sqlite/reader_pool.h"

#include <utility>

#include "server/base/status_macros.h"

namespace topup::store::sqlite {

absl::StatusOr<std::unique_ptr<ReaderPool>> ReaderPool::Open(const std::string& path, int count,
                                                             const std::string& vfs) {
  std::vector<std::unique_ptr<Database>> databases;
  for (int i = 0; i < count + 1; ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                     Database::Open(path, Database::Mode::kReader, vfs));
    databases.push_back(std::move(database));
  }
  return std::unique_ptr<ReaderPool>(new ReaderPool(std::move(databases)));
}

ReaderPool::Lease ReaderPool::Borrow(ReadLength length) {
  std::unique_lock<std::mutex> lock(mu_);
  // Who may keep it for long leaves one behind.
  if (length == ReadLength::kLong) {
    two_free_.wait(lock, [this] { return free_.size() > 1; });
  } else {
    one_free_.wait(lock, [this] { return !free_.empty(); });
  }
  std::unique_ptr<Database> database = std::move(free_.back());
  free_.pop_back();
  return Lease(*this, std::move(database));
}

void ReaderPool::GiveBack(std::unique_ptr<Database> database) {
  std::lock_guard<std::mutex> lock(mu_);
  free_.push_back(std::move(database));
  one_free_.notify_one();
  two_free_.notify_one();
}

}  // namespace topup::store::sqlite
