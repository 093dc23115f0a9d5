// The form of an operator's requests about cases; as request_checks.h. Pure.
#ifndef TOPUP_SERVER_API_CASE_CHECKS_H_
#define TOPUP_SERVER_API_CASE_CHECKS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/engine/cases.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::api {

// Cases in a page at most, since each brings its evidence; more are given as so many.
inline constexpr int kCasePageSizeMax = 200;

// Without the page token.
absl::StatusOr<engine::CasePage> CheckListUnsettled(const admin::v1::ListUnsettledRequest& request);
absl::StatusOr<engine::CasePage> CheckListIncidents(const admin::v1::ListIncidentsRequest& request);
// `caller` decides.
absl::StatusOr<engine::ResolveCommand> CheckResolveTopup(
    const admin::v1::ResolveTopupRequest& request, const std::string& caller);
absl::StatusOr<engine::CloseCommand> CheckCloseIncident(
    const admin::v1::CloseIncidentRequest& request, const std::string& caller);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_CASE_CHECKS_H_
