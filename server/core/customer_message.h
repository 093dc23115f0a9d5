// What to tell the person whose number it is.
#ifndef TOPUP_SERVER_CORE_CUSTOMER_MESSAGE_H_
#define TOPUP_SERVER_CORE_CUSTOMER_MESSAGE_H_

#include "absl/strings/string_view.h"
#include "server/core/topup.h"

namespace topup::core {

// One sentence or two in each language that customers read; live for ever.
struct CustomerMessage {
  absl::string_view ar;
  absl::string_view fr;
  absl::string_view en;
};

// Never promises money back before the top-up is settled as not delivered.
const CustomerMessage& CustomerMessageFor(TopupStatus status);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_CUSTOMER_MESSAGE_H_
