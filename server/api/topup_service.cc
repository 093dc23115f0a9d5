#include "server/api/topup_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "server/api/proto_convert.h"
#include "server/api/request_checks.h"

namespace topup::api {
namespace {

// A page ends before its message outgrows what a client takes (4 MiB by default).
constexpr size_t kPageBytesMax = 3 << 20;

}  // namespace

TopupService::TopupService(const ApiOptions& options, const ApiParts& parts, CallGate& gate)
    : engine_(parts.engine),
      gate_(gate),
      page_tokens_(parts.signer),
      watch_(options, parts, gate) {}

grpc::ServerUnaryReactor* TopupService::ListPlans(grpc::CallbackServerContext* context,
                                                  const v1::ListPlansRequest* request,
                                                  v1::ListPlansResponse* response) {
  const UnaryCall call(gate_, context, Method::kListPlans);
  if (!call.admitted()) return call.reactor();
  const auto command = CheckListPlans(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  const auto after = page_tokens_.OpenForPlans(command->query, request->page_token());
  if (!after.ok()) return call.Finish(after.status());
  const auto listing = engine_.ListPlans(command->query);
  if (!listing.ok()) return call.Finish(listing.status());

  const auto& plans = listing->plans;
  auto plan = std::upper_bound(plans.begin(), plans.end(), *after,
                               [](const std::string& code, const engine::PricedPlan& priced) {
                                 return code < priced.plan.code;
                               });
  size_t bytes = 0;
  for (; plan != plans.end() && bytes < kPageBytesMax; ++plan) {
    if (response->plans_size() == command->page_size) break;
    FillPlan(*plan, call.caller().roles.see_cost, *response->add_plans());
    bytes += response->plans(response->plans_size() - 1).ByteSizeLong();
  }
  if (plan != plans.end() && response->plans_size() > 0) {
    response->set_next_page_token(page_tokens_.ForPlans(
        command->query, response->plans(response->plans_size() - 1).plan_code()));
  }
  if (listing->catalogue_time != absl::InfinitePast()) {
    FillTimestamp(listing->catalogue_time, *response->mutable_catalogue_time());
  }
  response->set_stale(listing->stale);
  return call.Finish(absl::OkStatus());
}

grpc::ServerUnaryReactor* TopupService::ListOffers(grpc::CallbackServerContext* context,
                                                   const v1::ListOffersRequest* request,
                                                   v1::ListOffersResponse* response) {
  const UnaryCall call(gate_, context, Method::kListOffers);
  if (!call.admitted()) return call.reactor();
  auto command = CheckListOffers(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  command->answer_by = call.AnswerBy();
  engine_.ListOffers(*std::move(command),
                     [call, response](absl::StatusOr<std::vector<engine::PricedOffer>> offers) {
                       if (!offers.ok()) return static_cast<void>(call.Finish(offers.status()));
                       for (const engine::PricedOffer& offer : *offers) {
                         FillOffer(offer, call.caller().roles.see_cost, *response->add_offers());
                       }
                       call.Finish(absl::OkStatus());
                     });
  return call.reactor();
}

grpc::ServerUnaryReactor* TopupService::QuoteTopup(grpc::CallbackServerContext* context,
                                                   const v1::QuoteTopupRequest* request,
                                                   v1::QuoteTopupResponse* response) {
  const UnaryCall call(gate_, context, Method::kQuoteTopup);
  if (!call.admitted()) return call.reactor();
  const auto command = CheckQuoteTopup(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  const auto quote = engine_.QuoteTopup(*command);
  if (!quote.ok()) return call.Finish(quote.status());
  FillQuote(*quote, call.caller().roles.see_cost, *response->mutable_quote());
  return call.Finish(absl::OkStatus());
}

grpc::ServerUnaryReactor* TopupService::SendTopup(grpc::CallbackServerContext* context,
                                                  const v1::SendTopupRequest* request,
                                                  v1::SendTopupResponse* response) {
  const UnaryCall call(gate_, context, Method::kSendTopup);
  if (!call.admitted()) return call.reactor();
  auto command = CheckSendTopup(*request, call.caller().name);
  if (!command.ok()) return call.Finish(command.status());
  if (absl::Status open = gate_.CheckOpen(); !open.ok()) return call.Finish(open);
  command->answer_by = call.AnswerBy();
  engine_.Send(*std::move(command),
               [this, call, response](absl::StatusOr<engine::SendResult> result) {
                 if (!result.ok()) return static_cast<void>(call.Finish(result.status()));
                 Show(result->topup, call.caller(), *response->mutable_topup());
                 response->set_replayed(result->replayed);
                 call.Finish(absl::OkStatus());
               });
  return call.reactor();
}

grpc::ServerUnaryReactor* TopupService::CancelTopup(grpc::CallbackServerContext* context,
                                                    const v1::CancelTopupRequest* request,
                                                    v1::CancelTopupResponse* response) {
  const UnaryCall call(gate_, context, Method::kCancelTopup);
  if (!call.admitted()) return call.reactor();
  auto key = CheckCancelTopup(*request, call.caller().name);
  if (!key.ok()) return call.Finish(key.status());
  key->answer_by = call.AnswerBy();
  engine_.Cancel(*std::move(key), [this, call, response](absl::StatusOr<core::Topup> topup) {
    if (topup.ok()) Show(*topup, call.caller(), *response->mutable_topup());
    call.Finish(topup.status());
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* TopupService::GetTopup(grpc::CallbackServerContext* context,
                                                 const v1::GetTopupRequest* request,
                                                 v1::GetTopupResponse* response) {
  const UnaryCall call(gate_, context, Method::kGetTopup);
  if (!call.admitted()) return call.reactor();
  auto key = CheckGetTopup(*request, call.caller().name);
  if (!key.ok()) return call.Finish(key.status());
  key->answer_by = call.AnswerBy();
  engine_.Get(*std::move(key), [this, call, response](absl::StatusOr<core::Topup> topup) {
    if (topup.ok()) Show(*topup, call.caller(), *response->mutable_topup());
    call.Finish(topup.status());
  });
  return call.reactor();
}

grpc::ServerUnaryReactor* TopupService::ListTopups(grpc::CallbackServerContext* context,
                                                   const v1::ListTopupsRequest* request,
                                                   v1::ListTopupsResponse* response) {
  const UnaryCall call(gate_, context, Method::kListTopups);
  if (!call.admitted()) return call.reactor();
  auto filter = CheckListTopups(*request, call.caller().name);
  if (!filter.ok()) return call.Finish(filter.status());
  auto after = page_tokens_.OpenForTopups(*filter, request->page_token());
  if (!after.ok()) return call.Finish(after.status());
  filter->after_id = *std::move(after);
  engine_.List(*filter,
               [this, call, response, filter = *filter](absl::StatusOr<store::ListResult> result) {
                 if (result.ok()) ShowPage(filter, *result, call.caller(), *response);
                 call.Finish(result.status());
               });
  return call.reactor();
}

void TopupService::ShowPage(const store::ListFilter& filter, const store::ListResult& result,
                            const core::Caller& caller, v1::ListTopupsResponse& response) const {
  size_t bytes = 0;
  size_t shown = 0;
  for (; shown < result.topups.size() && bytes < kPageBytesMax; ++shown) {
    v1::Topup& added = *response.add_topups();
    Show(result.topups[shown], caller, added);
    bytes += added.ByteSizeLong();
  }
  if (shown > 0 && (result.more || shown < result.topups.size())) {
    response.set_next_page_token(page_tokens_.ForTopups(filter, result.topups[shown - 1].id));
  }
  response.set_resume_token(
      watch_.resume_tokens.Make(caller.name, result.sequence, MakeStatusSet({})));
}

grpc::ServerWriteReactor<v1::WatchTopupResponse>* TopupService::WatchTopup(
    grpc::CallbackServerContext* context, const v1::WatchTopupRequest* request) {
  return StartWatchTopup(watch_, context, *request);
}

grpc::ServerWriteReactor<v1::WatchTopupsResponse>* TopupService::WatchTopups(
    grpc::CallbackServerContext* context, const v1::WatchTopupsRequest* request) {
  return StartWatchTopups(watch_, context, *request);
}

void TopupService::Show(const core::Topup& topup, const core::Caller& caller,
                        v1::Topup& message) const {
  ShowTopup(engine_, topup, caller.roles.see_cost, message);
}

}  // namespace topup::api
