// The provider's words, in tables: what it calls things, and what we take them for.
#ifndef TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_NAMES_H_
#define TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/core/plan.h"
#include "server/core/provider_answer.h"

namespace topup::upstream::oneclickdz {

// Both sets of words: PENDING, HANDLING, FULFILLED, REFUNDED, UNKNOWN_ERROR, and the Arabic
// pages' SUCCESS and FAILED. Case does not matter. Any other word is kUnrecognised.
core::ProviderTopup::Status StatusFromWord(absl::string_view word);

// One spelling for each error code: upper case, '-' as '_' ("DUPLICATED-REF" was seen live
// where the documents say "DUPLICATED_REF"). What is not of letters, digits, '-' and '_', or
// longer than 64, is no code: empty.
std::string NormaliseErrorCode(absl::string_view code);

// The kind of a plan in the catalogue's list `listed` (kDynamic or kFixed): a code that
// begins with GETMENU_ is a menu wherever it is listed.
core::PlanKind KindOfPlan(absl::string_view plan_code, core::PlanKind listed);

// True for "up" and "ok", as /ping says them; case does not matter.
bool IsUpWord(absl::string_view word);

}  // namespace topup::upstream::oneclickdz

#endif  // TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_NAMES_H_
