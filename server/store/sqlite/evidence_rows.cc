#include "server/store/sqlite/evidence_rows.h"

#include "absl/strings/str_cat.h"
#include "server/store/sqlite/row_reader.h"
#include "server/store/storage_errors.h"

namespace topup::store::sqlite {

absl::StatusOr<core::Attempt> ReadAttempt(const Query& query) {
  using Evidence = core::Attempt::Evidence;
  core::Attempt attempt;
  RowReader row(query);
  attempt.topup_id = row.Text();
  attempt.fence = row.IntFrom(0);
  attempt.start_time = row.Time();
  attempt.end_time = row.OptionalTime();
  attempt.evidence = row.Value(Evidence::kInFlight, Evidence::kInDoubt);
  attempt.http_status = static_cast<int>(row.Int());
  attempt.error_code = row.Text();
  attempt.request_id = row.Text();
  attempt.detail = row.Text();
  if (!row.ok()) return StoredDataError(absl::StrCat("attempt of ", attempt.topup_id));
  return attempt;
}

void BindAttempt(Query& query, int64_t topup_number, const core::Attempt& attempt) {
  query.Int(topup_number).Int(attempt.fence).Int(EncodeTime(attempt.start_time));
  BindOptionalTime(query, attempt.end_time);
  query.Int(static_cast<int64_t>(attempt.evidence)).Int(attempt.http_status);
  query.Text(attempt.error_code).Text(attempt.request_id).Text(attempt.detail);
}

absl::StatusOr<core::Check> ReadCheck(const Query& query) {
  core::Check check;
  RowReader row(query);
  check.topup_id = row.Text();
  check.time = row.Time();
  check.http_status = static_cast<int>(row.Int());
  check.error_code = row.Text();
  check.valid_not_found = row.Bool();
  check.detail = row.Text();
  return check;
}

void BindCheck(Query& query, int64_t topup_number, int64_t position, const core::Check& check) {
  query.Int(topup_number).Int(position).Int(EncodeTime(check.time)).Int(check.http_status);
  query.Text(check.error_code).Int(check.valid_not_found).Text(check.detail);
}

absl::StatusOr<core::Incident> ReadIncident(const Query& query) {
  core::Incident incident;
  RowReader row(query);
  incident.id = row.Text();
  incident.topup_id = row.Text();
  incident.kind = row.Text();
  incident.detail = row.Text();
  incident.create_time = row.Time();
  incident.close_time = row.OptionalTime();
  incident.closed_by = row.Text();
  incident.close_reason = row.Text();
  return incident;
}

void BindIncident(Query& query, const core::Incident& incident) {
  query.Text(incident.id).Text(incident.topup_id).Text(incident.kind).Text(incident.detail);
  query.Int(EncodeTime(incident.create_time));
  BindOptionalTime(query, incident.close_time);
  query.Text(incident.closed_by).Text(incident.close_reason);
}

absl::StatusOr<core::Resolution> ReadResolution(const Query& query) {
  core::Resolution resolution;
  RowReader row(query);
  resolution.topup_id = row.Text();
  resolution.status = row.Value(core::TopupStatus::kFulfilled, core::TopupStatus::kRejected);
  resolution.decided_by = row.Text();
  resolution.reason = row.Text();
  resolution.override = row.Bool();
  resolution.time = row.Time();
  if (!row.ok()) return StoredDataError(absl::StrCat("resolution of ", resolution.topup_id));
  return resolution;
}

void BindResolution(Query& query, int64_t topup_number, const core::Resolution& resolution) {
  query.Int(topup_number).Int(static_cast<int64_t>(resolution.status));
  query.Text(resolution.decided_by).Text(resolution.reason).Int(resolution.override);
  query.Int(EncodeTime(resolution.time));
}

absl::StatusOr<core::Plan> ReadPlan(const Query& query) {
  core::Plan plan;
  RowReader row(query);
  plan.code = row.Text();
  plan.display_name = row.Text();
  plan.op = row.Value(core::Operator::kUnknown, core::Operator::kPixx);
  plan.provider_operator = row.Text();
  plan.kind = row.Value(core::PlanKind::kUnknown, core::PlanKind::kMenu);
  plan.min_amount_dzd = row.Int();
  plan.max_amount_dzd = row.Int();
  plan.enabled = row.Bool();
  plan.cost_ppm = row.OptionalInt();
  if (!row.ok()) return StoredDataError(absl::StrCat("plan ", plan.code));
  return plan;
}

void BindPlan(Query& query, const core::Plan& plan) {
  query.Text(plan.code).Text(plan.display_name).Int(static_cast<int64_t>(plan.op));
  query.Text(plan.provider_operator).Int(static_cast<int64_t>(plan.kind));
  query.Int(plan.min_amount_dzd).Int(plan.max_amount_dzd).Int(plan.enabled);
  if (plan.cost_ppm.has_value()) {
    query.Int(*plan.cost_ppm);
  } else {
    query.Null();
  }
}

}  // namespace topup::store::sqlite
