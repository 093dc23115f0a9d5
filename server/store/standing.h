// What is known of a store's past beside what is in it: see TopupStore.
#ifndef TOPUP_SERVER_STORE_STANDING_H_
#define TOPUP_SERVER_STORE_STANDING_H_

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace topup::store {

struct Standing {
  // What is stored may be older than what was done with it: a backup was put back, or it cannot
  // be told. So until TopupStore::NoteTakenOver, however often the process starts.
  bool older_copy = false;
  std::string why;  // for people, without a path; empty where it is no older copy

  // Of the time before this, the provider's list has been compared with what is stored. Unset:
  // nothing was sent yet; InfinitePast: nothing has been compared.
  std::optional<absl::Time> swept_through;
};

}  // namespace topup::store

#endif  // TOPUP_SERVER_STORE_STANDING_H_
