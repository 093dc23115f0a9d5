#include "server/api/case_checks.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "server/api/form_error.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace topup::api {
namespace {

constexpr int kPageSizeDefault = 50;
constexpr size_t kReasonSizeMax = 1000;

using Violations = std::vector<base::FieldViolation>;

// It is kept for ever, and read by whoever asks later why.
void CheckReason(const std::string& reason, Violations& wrong) {
  const bool blank = absl::StripAsciiWhitespace(reason).empty();
  const bool has_control = std::any_of(reason.begin(), reason.end(),
                                       [](unsigned char c) { return absl::ascii_iscntrl(c); });
  if (blank || reason.size() > kReasonSizeMax || has_control) {
    wrong.push_back({"reason", "must be 1 to 1000 bytes without control characters"});
  }
}

absl::StatusOr<engine::CasePage> CheckPage(int page_size) {
  if (page_size < 0) return FormError({{"page_size", "must not be negative"}});
  return engine::CasePage{.limit = page_size == 0 ? kPageSizeDefault
                                                  : std::min(page_size, kCasePageSizeMax)};
}

}  // namespace

absl::StatusOr<engine::CasePage> CheckListUnsettled(
    const admin::v1::ListUnsettledRequest& request) {
  return CheckPage(request.page_size());
}

absl::StatusOr<engine::CasePage> CheckListIncidents(
    const admin::v1::ListIncidentsRequest& request) {
  return CheckPage(request.page_size());
}

absl::StatusOr<engine::ResolveCommand> CheckResolveTopup(
    const admin::v1::ResolveTopupRequest& request, const std::string& caller) {
  Violations wrong;
  CheckId("topup_id", request.topup_id(), wrong);
  if (request.status() != v1::TOPUP_STATUS_FULFILLED &&
      request.status() != v1::TOPUP_STATUS_REFUNDED &&
      request.status() != v1::TOPUP_STATUS_REJECTED) {
    wrong.push_back({"status", "must be FULFILLED, REFUNDED or REJECTED"});
  }
  CheckReason(request.reason(), wrong);
  if (request.expected_revision() < 0) {
    wrong.push_back({"expected_revision", "must not be negative"});
  }
  RETURN_IF_ERROR(FormError(wrong));
  return engine::ResolveCommand{.topup_id = request.topup_id(),
                                .status = static_cast<core::TopupStatus>(request.status()),
                                .decided_by = caller,
                                .reason = request.reason(),
                                .override = request.override(),
                                .expected_revision = request.expected_revision()};
}

absl::StatusOr<engine::CloseCommand> CheckCloseIncident(
    const admin::v1::CloseIncidentRequest& request, const std::string& caller) {
  Violations wrong;
  CheckId("incident_id", request.incident_id(), wrong);
  CheckReason(request.reason(), wrong);
  RETURN_IF_ERROR(FormError(wrong));
  return engine::CloseCommand{
      .incident_id = request.incident_id(), .closed_by = caller, .reason = request.reason()};
}

}  // namespace topup::api
