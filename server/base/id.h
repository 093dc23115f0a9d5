// Identifiers that sort by the time they were made.
//
// 26 characters of Crockford's base 32 (upper case, no I, L, O, U): 48 bits of milliseconds
// since 1970, then 80 random bits. Two ids made in one millisecond sort at random.
#ifndef TOPUP_SERVER_BASE_ID_H_
#define TOPUP_SERVER_BASE_ID_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/random.h"

namespace topup::base {

std::string MakeTimeOrderedId(absl::Time now, RandomSource& random);

// The first ten characters of the ids that are made in that millisecond. Those made before it sort
// before them, all others after them.
std::string TimePrefixOfId(absl::Time time);

// True for text of the form that MakeTimeOrderedId gives.
bool IsTimeOrderedId(absl::string_view text);

// `size` random characters of the same alphabet, for names that need no order.
std::string MakeRandomName(int size, RandomSource& random);

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_ID_H_
