#include "server/api/page_token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/error.h"

namespace topup::api {
namespace {

constexpr absl::string_view kPagePurpose = "page";
constexpr absl::string_view kResumePurpose = "resume";

// The texts below need no escapes: callers' names have no '|', the rest are numbers.
std::string TimeText(const std::optional<absl::Time>& time) {
  return time.has_value() ? absl::StrCat(absl::ToUnixNanos(*time)) : "";
}

std::string PhoneText(const std::optional<core::PhoneNumber>& phone) {
  return phone.has_value() ? phone->National() : "";
}

std::string FilterText(const store::ListFilter& filter) {
  return absl::StrCat("topups|", filter.caller, "|", MakeStatusSet(filter.statuses), "|",
                      PhoneText(filter.phone), "|", TimeText(filter.start_time), "|",
                      TimeText(filter.end_time));
}

std::string FilterText(const engine::PlanQuery& query) {
  return absl::StrCat("plans|", query.caller, "|", PhoneText(query.phone), "|",
                      static_cast<int>(query.op), "|",
                      query.amount_dzd.has_value() ? absl::StrCat(*query.amount_dzd) : "", "|",
                      query.include_unsellable);
}

}  // namespace

std::string PageTokens::ForTopups(const store::ListFilter& filter, absl::string_view after) const {
  return Sign(FilterText(filter), after);
}

std::string PageTokens::ForPlans(const engine::PlanQuery& query, absl::string_view after) const {
  return Sign(FilterText(query), after);
}

absl::StatusOr<std::string> PageTokens::OpenForTopups(const store::ListFilter& filter,
                                                      absl::string_view token) const {
  return Open(FilterText(filter), token);
}

absl::StatusOr<std::string> PageTokens::OpenForPlans(const engine::PlanQuery& query,
                                                     absl::string_view token) const {
  return Open(FilterText(query), token);
}

std::string PageTokens::ForCases(absl::string_view list, absl::string_view after) const {
  return Sign(list, after);
}

absl::StatusOr<std::string> PageTokens::OpenForCases(absl::string_view list,
                                                     absl::string_view token) const {
  return Open(list, token);
}

std::string PageTokens::Sign(absl::string_view filter, absl::string_view after) const {
  // A fingerprint: the filter may hold a phone number, and tokens get into logs.
  return signer_.Sign(kPagePurpose, absl::StrCat(signer_.Fingerprint(filter), "|", after));
}

absl::StatusOr<std::string> PageTokens::Open(absl::string_view filter,
                                             absl::string_view token) const {
  if (token.empty()) return "";
  const std::optional<std::string> payload = signer_.Open(kPagePurpose, token);
  if (payload.has_value()) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*payload, absl::MaxSplits('|', 1));
    if (parts.first == signer_.Fingerprint(filter)) return parts.second;
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      "The page token is not one that was given for this list: start again without it.",
      {.reason = "PAGE_TOKEN_INVALID",
       .field_violations = {{"page_token", "is not ours, was altered, or is for another filter"}}});
}

StatusSet MakeStatusSet(const std::vector<core::TopupStatus>& statuses) {
  StatusSet set = 0;
  for (const core::TopupStatus status : statuses) set |= 1u << static_cast<int>(status);
  return set;
}

std::string ResumeTokens::Make(absl::string_view caller, int64_t sequence,
                               StatusSet statuses) const {
  return signer_.Sign(kResumePurpose, absl::StrCat(sequence, "|", statuses, "|", caller));
}

absl::StatusOr<int64_t> ResumeTokens::Open(absl::string_view caller, absl::string_view token,
                                           StatusSet statuses) const {
  const std::optional<std::string> payload = signer_.Open(kResumePurpose, token);
  if (!payload.has_value()) return ResumeTokenInvalidError();
  const std::vector<std::string> parts = absl::StrSplit(*payload, absl::MaxSplits('|', 2));
  int64_t sequence = 0;
  StatusSet shown = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &sequence) ||
      !absl::SimpleAtoi(parts[1], &shown) || parts[2] != caller) {
    return ResumeTokenInvalidError();
  }
  const bool shows_less = shown == 0 || (statuses != 0 && (statuses & ~shown) == 0);
  if (!shows_less) return ResumeTokenInvalidError();
  return sequence;
}

absl::Status ResumeTokenInvalidError() {
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      "The resume token is not one that was given for this watch: list the top-ups, and watch "
      "from there.",
      {.reason = "RESUME_TOKEN_INVALID",
       .field_violations = {
           {"resume_token", "is not ours, was altered, or is for another filter"}}});
}

}  // namespace topup::api
