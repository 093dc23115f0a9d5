#include "server/api/case_convert.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/api/proto_convert.h"

namespace topup::api {
namespace {

void FillAttempt(const core::Attempt& attempt, admin::v1::Attempt& message) {
  FillTimestamp(attempt.start_time, *message.mutable_start_time());
  if (attempt.end_time.has_value()) {
    FillTimestamp(*attempt.end_time, *message.mutable_end_time());
  }
  // In flight is UNSPECIFIED: there is no evidence yet.
  message.set_evidence(static_cast<admin::v1::Attempt::Evidence>(attempt.evidence));
  message.set_http_status(attempt.http_status);
  message.set_provider_error_code(attempt.error_code);
  message.set_provider_request_id(attempt.request_id);
  message.set_detail(attempt.detail);
}

void FillCheck(const core::Check& check, admin::v1::Check& message) {
  FillTimestamp(check.time, *message.mutable_time());
  message.set_http_status(check.http_status);
  message.set_provider_error_code(check.error_code);
  message.set_valid_not_found(check.valid_not_found);
  message.set_detail(check.detail);
}

constexpr char kChargeIsHidden[] = "the charge is shown to callers that may see costs";

bool IsAboutACharge(const core::Incident& incident) {
  return incident.kind == "CHARGE_MISMATCH" || incident.kind == "MENU_CHARGED";
}

}  // namespace

std::string DescribeChange(const std::string& change, bool see_cost) {
  if (see_cost) return change;
  for (const char* end : {" is new", " is gone", " is switched on", " is switched off"}) {
    if (absl::EndsWith(change, end)) return change;
  }
  // Whatever else there is to tell, now or one day, may be a cost.
  return absl::StrCat(change.substr(0, change.find(' ')), " changed");
}

void FillCase(const engine::UnsettledTopup& unsettled, admin::v1::UnsettledTopup& message) {
  for (const core::Attempt& attempt : unsettled.attempts) {
    FillAttempt(attempt, *message.add_attempts());
  }
  for (const core::Check& check : unsettled.checks) FillCheck(check, *message.add_checks());
  message.mutable_age()->set_seconds(absl::ToInt64Seconds(unsettled.age));
  const absl::Time next = unsettled.topup.progress.next_action_time;
  if (next != absl::InfiniteFuture() && next != absl::InfinitePast()) {
    FillTimestamp(next, *message.mutable_next_check_time());
  }
  message.set_reason(unsettled.reason);
}

void FillResolution(const core::Resolution& resolution, admin::v1::Resolution& message) {
  message.set_decided_by(resolution.decided_by);
  message.set_reason(resolution.reason);
  FillTimestamp(resolution.time, *message.mutable_decide_time());
}

void FillIncident(const core::Incident& incident, bool see_cost, admin::v1::Incident& message) {
  message.set_incident_id(incident.id);
  message.set_topup_id(incident.topup_id);
  message.set_kind(incident.kind);
  message.set_detail(see_cost || !IsAboutACharge(incident) ? incident.detail : kChargeIsHidden);
  FillTimestamp(incident.create_time, *message.mutable_create_time());
  if (incident.close_time.has_value()) {
    FillResolution({.decided_by = incident.closed_by,
                    .reason = incident.close_reason,
                    .time = *incident.close_time},
                   *message.mutable_resolution());
  }
}

}  // namespace topup::api
