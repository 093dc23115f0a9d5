// What has just been sent: what watchers of one top-up choose from.
#ifndef TOPUP_TESTS_PROCESS_RECENT_TOPUPS_H_
#define TOPUP_TESTS_PROCESS_RECENT_TOPUPS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace topup::process {

// Thread-safe. Knows the newest of each caller.
class RecentTopups {
 public:
  struct Entry {
    int64_t number = 0;  // counts from 1
    std::string topup_id;
    int64_t revision = 0;  // that the sender was shown
  };

  void Add(const std::string& caller, const std::string& topup_id, int64_t revision) {
    const std::lock_guard<std::mutex> lock(mutex_);
    newest_[caller] = {++last_number_, topup_id, revision};
  }

  // The newest of `caller` that came after `number`; nothing where there is none.
  std::optional<Entry> NewestAfter(const std::string& caller, int64_t number) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = newest_.find(caller);
    if (found == newest_.end() || found->second.number <= number) return std::nullopt;
    return found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Entry> newest_;  // by caller
  int64_t last_number_ = 0;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_RECENT_TOPUPS_H_
