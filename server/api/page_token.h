// Tokens of the lists and the streams: places that we hand out and recognise again. Each is
// signed and belongs to one caller and one filter.
#ifndef TOPUP_SERVER_API_PAGE_TOKEN_H_
#define TOPUP_SERVER_API_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/signer.h"
#include "server/core/topup.h"
#include "server/engine/engine.h"

namespace topup::api {

// Pages. Thread-safe: constant after construction. `signer` is borrowed.
class PageTokens {
 public:
  explicit PageTokens(const base::Signer& signer) : signer_(signer) {}

  // The page after the item named `after`.
  std::string ForTopups(const store::ListFilter& filter, absl::string_view after) const;
  std::string ForPlans(const engine::PlanQuery& query, absl::string_view after) const;

  // `list`: which of the operators' lists, and whose.
  std::string ForCases(absl::string_view list, absl::string_view after) const;

  // The item after which the page starts; empty for an empty token. PAGE_TOKEN_INVALID.
  absl::StatusOr<std::string> OpenForTopups(const store::ListFilter& filter,
                                            absl::string_view token) const;
  absl::StatusOr<std::string> OpenForPlans(const engine::PlanQuery& query,
                                           absl::string_view token) const;
  absl::StatusOr<std::string> OpenForCases(absl::string_view list, absl::string_view token) const;

 private:
  std::string Sign(absl::string_view filter, absl::string_view after) const;
  absl::StatusOr<std::string> Open(absl::string_view filter, absl::string_view token) const;

  const base::Signer& signer_;
};

// The states that a watch keeps, as a set of bits; 0 keeps all.
using StatusSet = uint32_t;
StatusSet MakeStatusSet(const std::vector<core::TopupStatus>& statuses);

// Places in a caller's history. Thread-safe: constant after construction.
class ResumeTokens {
 public:
  explicit ResumeTokens(const base::Signer& signer) : signer_(signer) {}

  // Everything of `caller` in one of `statuses` up to `sequence` has been shown.
  std::string Make(absl::string_view caller, int64_t sequence, StatusSet statuses) const;

  // The sequence. RESUME_TOKEN_INVALID: not ours, altered, another caller's, or made by a watch
  // that left out states which this one is to show.
  absl::StatusOr<int64_t> Open(absl::string_view caller, absl::string_view token,
                               StatusSet statuses) const;

 private:
  const base::Signer& signer_;
};

// RESUME_TOKEN_INVALID.
absl::Status ResumeTokenInvalidError();

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_PAGE_TOKEN_H_
