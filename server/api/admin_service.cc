#include "server/api/admin_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/case_checks.h"
#include "server/api/case_convert.h"
#include "server/api/proto_convert.h"
#include "server/api/topup_view.h"

namespace topup::api {
namespace {

// A page ends before its message outgrows what a client takes (4 MiB by default).
constexpr size_t kPageBytesMax = 3 << 20;

}  // namespace

grpc::ServerUnaryReactor* AdminService::GetProvider(grpc::CallbackServerContext* context,
                                                    const admin::v1::GetProviderRequest*,
                                                    admin::v1::GetProviderResponse* response) {
  const UnaryCall call(gate_, context, Method::kGetProvider);
  if (!call.admitted()) return call.reactor();
  FillProvider(engine_.GetProvider(), *response);
  return call.Finish(absl::OkStatus());
}

grpc::ServerUnaryReactor* AdminService::RefreshPlans(grpc::CallbackServerContext* context,
                                                     const admin::v1::RefreshPlansRequest*,
                                                     admin::v1::RefreshPlansResponse* response) {
  const UnaryCall call(gate_, context, Method::kRefreshPlans);
  if (!call.admitted()) return call.reactor();
  engine_.RefreshPlans([call, response](absl::StatusOr<engine::RefreshResult> result) {
    if (!result.ok()) return static_cast<void>(call.Finish(result.status()));
    response->set_plans(result->plans);
    for (const std::string& change : result->changes) {
      response->add_changes(DescribeChange(change, call.caller().roles.see_cost));
    }
    call.Finish(absl::OkStatus());
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* AdminService::ListUnsettled(
    grpc::CallbackServerContext* context, const admin::v1::ListUnsettledRequest* request,
    admin::v1::ListUnsettledResponse* response) {
  const UnaryCall call(gate_, context, Method::kListUnsettled);
  if (!call.admitted()) return call.reactor();
  auto page = CheckListUnsettled(*request);
  if (!page.ok()) return call.Finish(page.status());
  const std::string list = absl::StrCat("unsettled|", call.caller().name);
  auto after = page_tokens_.OpenForCases(list, request->page_token());
  if (!after.ok()) return call.Finish(after.status());
  page->after_id = *std::move(after);
  engine_.ListUnsettled(*std::move(page), [this, call, list, response](
                                              absl::StatusOr<engine::UnsettledListing> read) {
    if (read.ok()) ShowUnsettled(*read, list, call.caller().roles.see_cost, *response);
    call.Finish(read.status());
  });
  return call.reactor();
}

void AdminService::ShowUnsettled(const engine::UnsettledListing& listing, const std::string& list,
                                 bool see_cost, admin::v1::ListUnsettledResponse& response) {
  size_t bytes = 0;
  size_t shown = 0;
  for (; shown < listing.topups.size() && bytes < kPageBytesMax; ++shown) {
    const engine::UnsettledTopup& unsettled = listing.topups[shown];
    admin::v1::UnsettledTopup& added = *response.add_topups();
    ShowTopup(engine_, unsettled.topup, see_cost, *added.mutable_topup());
    FillCase(unsettled, added);
    bytes += added.ByteSizeLong();
  }
  if (shown > 0 && (listing.more || shown < listing.topups.size())) {
    response.set_next_page_token(page_tokens_.ForCases(list, listing.topups[shown - 1].topup.id));
  }
  response.set_total(listing.total);
  FillMoney(listing.value_at_risk, *response.mutable_value_at_risk());
}

grpc::ServerUnaryReactor* AdminService::ResolveTopup(grpc::CallbackServerContext* context,
                                                     const admin::v1::ResolveTopupRequest* request,
                                                     admin::v1::ResolveTopupResponse* response) {
  const UnaryCall call(gate_, context, Method::kResolveTopup);
  if (!call.admitted()) return call.reactor();
  auto command = CheckResolveTopup(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  engine_.Resolve(*std::move(command), [this, call,
                                        response](absl::StatusOr<engine::Resolved> resolved) {
    if (resolved.ok()) {
      ShowTopup(engine_, resolved->topup, call.caller().roles.see_cost, *response->mutable_topup());
      FillResolution(resolved->resolution, *response->mutable_resolution());
    }
    call.Finish(resolved.status());
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* AdminService::ListIncidents(
    grpc::CallbackServerContext* context, const admin::v1::ListIncidentsRequest* request,
    admin::v1::ListIncidentsResponse* response) {
  const UnaryCall call(gate_, context, Method::kListIncidents);
  if (!call.admitted()) return call.reactor();
  auto page = CheckListIncidents(*request);
  if (!page.ok()) return call.Finish(page.status());
  const bool include_closed = request->include_closed();
  const std::string list = absl::StrCat("incidents|", include_closed, "|", call.caller().name);
  auto after = page_tokens_.OpenForCases(list, request->page_token());
  if (!after.ok()) return call.Finish(after.status());
  page->after_id = *std::move(after);
  engine_.ListIncidents(
      *std::move(page), include_closed,
      [this, call, list, response](absl::StatusOr<engine::IncidentListing> read) {
        if (!read.ok()) return static_cast<void>(call.Finish(read.status()));
        for (const core::Incident& incident : read->incidents) {
          FillIncident(incident, call.caller().roles.see_cost, *response->add_incidents());
        }
        if (read->more) {
          response->set_next_page_token(page_tokens_.ForCases(list, read->incidents.back().id));
        }
        call.Finish(absl::OkStatus());
      });
  return call.reactor();
}

grpc::ServerUnaryReactor* AdminService::CloseIncident(
    grpc::CallbackServerContext* context, const admin::v1::CloseIncidentRequest* request,
    admin::v1::CloseIncidentResponse* response) {
  const UnaryCall call(gate_, context, Method::kCloseIncident);
  if (!call.admitted()) return call.reactor();
  auto command = CheckCloseIncident(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  engine_.CloseIncident(
      *std::move(command), [call, response](absl::StatusOr<core::Incident> closed) {
        if (closed.ok()) {
          FillIncident(*closed, call.caller().roles.see_cost, *response->mutable_incident());
        }
        call.Finish(closed.status());
      });
  return call.reactor();
}

}  // namespace topup::api
