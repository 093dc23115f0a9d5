// Who calls us: the name that refs, top-ups and tokens belong to, and what it may do.
#ifndef TOPUP_SERVER_CORE_CALLER_H_
#define TOPUP_SERVER_CORE_CALLER_H_

#include <string>

namespace topup::core {

struct Roles {
  bool send = false;      // SendTopup, CancelTopup
  bool read = false;      // plans, quotes, offers, top-ups, watches
  bool see_cost = false;  // cost and profit in what is read
  bool admin = false;     // AdminService

  static constexpr Roles All() {
    return {.send = true, .read = true, .see_cost = true, .admin = true};
  }
  friend bool operator==(const Roles&, const Roles&) = default;
};

struct Caller {
  std::string name;  // 1 to 64 of A-Z a-z 0-9 . _ ~ -; never empty
  Roles roles;
};

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_CALLER_H_
