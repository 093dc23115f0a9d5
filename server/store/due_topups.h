// What has to be done next, as the store gives it: see TopupStore::ReadDue.
#ifndef TOPUP_SERVER_STORE_DUE_TOPUPS_H_
#define TOPUP_SERVER_STORE_DUE_TOPUPS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/core/topup.h"

namespace topup::store {

// Rows that one read leaves out at most, since what is stored of them cannot be what was written.
// With more of them it fails: then the store is at fault, not a row.
inline constexpr size_t kUnreadableMax = 1000;

struct DueTopups {
  std::vector<core::Topup> topups;  // the longest due first
  // Due too, and left out. They do not count towards the limit, or a few that nobody can read
  // would stop what is due after them. Ids as far as they can be read: "?" for what is no id.
  std::vector<std::string> unreadable_ids;
};

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_DUE_TOPUPS_H_
