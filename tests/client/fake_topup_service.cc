#include "tests/client/fake_topup_service.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace topup::tests {
namespace {

constexpr char kSold[] = "PREPAID_MOBILIS";

v1::PriceBreakdown PriceOf(int64_t amount_dzd) {
  v1::PriceBreakdown price;
  const auto set = [](v1::Money* money, int64_t centimes) {
    money->set_currency_code("DZD");
    money->set_centimes(centimes);
  };
  set(price.mutable_face_value(), amount_dzd * 100);
  set(price.mutable_cost(), amount_dzd * 98);
  set(price.mutable_price(), amount_dzd * 103);
  set(price.mutable_profit(), amount_dzd * 5);
  v1::PricingStrategy* strategy = price.add_strategies();
  strategy->set_strategy_id("dz.topup.percentage_markup");
  strategy->set_version("1.0.0");
  v1::PriceStep* step = price.add_steps();
  step->set_description("markup 5 %");
  *step->mutable_price_after() = price.price();
  return price;
}

v1::TopupStatus LastStatus(const std::string& phone_number) {
  if (phone_number == "0600000001") return v1::TOPUP_STATUS_REFUNDED;
  if (phone_number == "0600000003") return v1::TOPUP_STATUS_UNKNOWN_ERROR;
  if (phone_number == "0600000009") return v1::TOPUP_STATUS_REJECTED;
  return v1::TOPUP_STATUS_FULFILLED;
}

// Moves `topup` on by one revision; false where it stays as it is.
bool Advance(v1::Topup& topup) {
  const v1::TopupStatus last = LastStatus(topup.phone_number());
  if (topup.status() == last || topup.has_settle_time()) return false;
  topup.set_revision(topup.revision() + 1);
  if (topup.status() == v1::TOPUP_STATUS_QUEUED) {
    topup.set_status(v1::TOPUP_STATUS_SUBMITTING);
    return true;
  }
  if (topup.status() == v1::TOPUP_STATUS_SUBMITTING && last != v1::TOPUP_STATUS_REJECTED) {
    topup.set_status(v1::TOPUP_STATUS_PENDING);
    return true;
  }
  topup.set_status(last);
  if (last == v1::TOPUP_STATUS_UNKNOWN_ERROR) {
    topup.mutable_review_time()->set_seconds(1'700'086'400);
    return true;
  }
  topup.mutable_settle_time()->set_seconds(1'700'000'020);
  topup.set_refund_advice(last == v1::TOPUP_STATUS_FULFILLED ? v1::REFUND_ADVICE_NONE
                                                             : v1::REFUND_ADVICE_REFUND);
  if (last == v1::TOPUP_STATUS_REFUNDED) {
    topup.set_refund_message("تم استرجاع المبلغ");
    (*topup.mutable_customer_message())["ar"] = "تم استرجاع المبلغ";
    (*topup.mutable_customer_message())["en"] = "The top-up was not delivered.";
  }
  if (last == v1::TOPUP_STATUS_REJECTED) topup.set_rejection_reason("PROVIDER_VALIDATION");
  return true;
}

void AddPlan(v1::ListPlansResponse& response, const std::string& code, const std::string& name,
             int64_t min, int64_t max) {
  v1::Plan* plan = response.add_plans();
  plan->set_plan_code(code);
  plan->set_display_name(name);
  plan->set_operator_(v1::OPERATOR_MOBILIS);
  plan->set_kind(min == max ? v1::PLAN_KIND_FIXED : v1::PLAN_KIND_DYNAMIC);
  plan->set_min_amount_dzd(min);
  plan->set_max_amount_dzd(max);
  plan->set_enabled(true);
  plan->set_sellable(true);
  if (min == max) *plan->mutable_price() = PriceOf(min);
}

grpc::Status NotFound() {
  return MakeErrorStatus(grpc::StatusCode::NOT_FOUND, "TOPUP_NOT_FOUND",
                         "There is no such top-up.");
}

}  // namespace

grpc::Status MakeErrorStatus(grpc::StatusCode code, const std::string& reason,
                             const std::string& message, const ErrorContent& content) {
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_domain(content.domain);
  info.set_reason(reason);
  for (const auto& [name, value] : content.metadata) (*info.mutable_metadata())[name] = value;
  details.add_details()->PackFrom(info);
  if (!content.field_violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const auto& [field, description] : content.field_violations) {
      auto* violation = bad_request.add_field_violations();
      violation->set_field(field);
      violation->set_description(description);
    }
    details.add_details()->PackFrom(bad_request);
  }
  if (content.retry_after.has_value()) {
    google::rpc::RetryInfo retry;
    const int64_t millis = absl::ToInt64Milliseconds(*content.retry_after);
    retry.mutable_retry_delay()->set_seconds(millis / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int>(millis % 1000) * 1'000'000);
    details.add_details()->PackFrom(retry);
  }
  return grpc::Status(code, message, details.SerializeAsString());
}

void FakeTopupService::FailNext(const std::string& method, grpc::Status status) {
  std::lock_guard lock(mutex_);
  failures_[method].push_back(std::move(status));
}

void FakeTopupService::LoseNextAnswer(const std::string& method, grpc::Status status) {
  std::lock_guard lock(mutex_);
  lost_answers_[method].push_back(std::move(status));
}

void FakeTopupService::AddStream(StreamScript<v1::WatchTopupResponse> script) {
  std::lock_guard lock(mutex_);
  streams_.push_back(std::move(script));
}

void FakeTopupService::AddStream(StreamScript<v1::WatchTopupsResponse> script) {
  std::lock_guard lock(mutex_);
  streams_of_all_.push_back(std::move(script));
}

std::vector<v1::SendTopupRequest> FakeTopupService::sends() const {
  std::lock_guard lock(mutex_);
  return sends_;
}

std::vector<v1::WatchTopupRequest> FakeTopupService::watches() const {
  std::lock_guard lock(mutex_);
  return watches_;
}

std::vector<v1::WatchTopupsRequest> FakeTopupService::watches_of_all() const {
  std::lock_guard lock(mutex_);
  return watches_of_all_;
}

std::string FakeTopupService::last_authorization() const {
  std::lock_guard lock(mutex_);
  return last_authorization_;
}

bool FakeTopupService::last_had_deadline() const {
  std::lock_guard lock(mutex_);
  return last_had_deadline_;
}

int FakeTopupService::recorded_topups() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(topups_.size());
}

grpc::Status FakeTopupService::Enter(const grpc::ServerContext& context,
                                     const std::string& method) {
  std::lock_guard lock(mutex_);
  const auto token = context.client_metadata().find("authorization");
  last_authorization_ = token == context.client_metadata().end()
                            ? ""
                            : std::string(token->second.data(), token->second.size());
  last_had_deadline_ = context.deadline() < std::chrono::system_clock::time_point::max();
  std::deque<grpc::Status>& scripted = failures_[method];
  if (scripted.empty()) return grpc::Status::OK;
  const grpc::Status status = scripted.front();
  scripted.pop_front();
  return status;
}

grpc::Status FakeTopupService::TakeLostAnswer(const std::string& method) {
  std::deque<grpc::Status>& scripted = lost_answers_[method];
  if (scripted.empty()) return grpc::Status::OK;
  const grpc::Status status = scripted.front();
  scripted.pop_front();
  return status;
}

v1::Topup* FakeTopupService::Find(const std::string& topup_id, const std::string& ref) {
  const auto found = std::find_if(topups_.begin(), topups_.end(), [&](const v1::Topup& topup) {
    return topup_id.empty() ? topup.ref() == ref : topup.topup_id() == topup_id;
  });
  return found == topups_.end() ? nullptr : &*found;
}

grpc::Status FakeTopupService::ListPlans(grpc::ServerContext* context, const v1::ListPlansRequest*,
                                         v1::ListPlansResponse* response) {
  AddPlan(*response, kSold, "Mobilis", 50, 5000);
  AddPlan(*response, "PIXX_500", "عرض 500 دج 🎁", 500, 500);
  return Enter(*context, "ListPlans");
}

grpc::Status FakeTopupService::ListOffers(grpc::ServerContext* context,
                                          const v1::ListOffersRequest*,
                                          v1::ListOffersResponse* response) {
  v1::Offer* offer = response->add_offers();
  offer->set_plan_code("PIXX_500");
  offer->set_display_name("عرض خاص");
  offer->set_amount_dzd(500);
  return Enter(*context, "ListOffers");
}

grpc::Status FakeTopupService::QuoteTopup(grpc::ServerContext* context,
                                          const v1::QuoteTopupRequest* request,
                                          v1::QuoteTopupResponse* response) {
  response->mutable_quote()->set_quote_id("quote-1");
  *response->mutable_quote()->mutable_price() = PriceOf(request->amount_dzd());
  response->mutable_quote()->mutable_expire_time()->set_seconds(1'700'000'600);
  return Enter(*context, "QuoteTopup");
}

grpc::Status FakeTopupService::SendTopup(grpc::ServerContext* context,
                                         const v1::SendTopupRequest* request,
                                         v1::SendTopupResponse* response) {
  {
    std::lock_guard lock(mutex_);
    sends_.push_back(*request);
  }
  if (grpc::Status status = Enter(*context, "SendTopup"); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  v1::Topup* topup = Find("", request->ref());
  response->set_replayed(topup != nullptr);
  if (topup == nullptr && !absl::StartsWith(request->plan_code(), "PREPAID_")) {
    return MakeErrorStatus(grpc::StatusCode::NOT_FOUND, "PLAN_NOT_FOUND", "There is no such plan.",
                           {.metadata = {{"plan_code", request->plan_code()}}});
  }
  v1::Topup made;
  if (topup == nullptr) {
    made.set_ref(request->ref());
    made.set_caller("local");
    made.set_phone_number(request->phone_number());
    made.set_operator_(v1::OPERATOR_MOBILIS);
    made.set_plan_code(request->plan_code());
    *made.mutable_price() = PriceOf(request->amount_dzd());
    made.set_status(v1::TOPUP_STATUS_QUEUED);
    made.set_refund_advice(v1::REFUND_ADVICE_WAIT);
    made.mutable_create_time()->set_seconds(1'700'000'000);
    made.set_revision(1);
    *made.mutable_labels() = request->labels();
    if (request->validate_only()) {
      *response->mutable_topup() = made;
      return grpc::Status::OK;
    }
    made.set_topup_id(absl::StrCat("topup-", topups_.size() + 1));
    topups_.push_back(made);
    topup = &topups_.back();
  }
  if (request->wait_for() == v1::WAIT_FOR_SETTLED) {
    while (Advance(*topup)) {
    }
  }
  *response->mutable_topup() = *topup;
  return TakeLostAnswer("SendTopup");
}

grpc::Status FakeTopupService::CancelTopup(grpc::ServerContext* context,
                                           const v1::CancelTopupRequest* request,
                                           v1::CancelTopupResponse* response) {
  if (grpc::Status status = Enter(*context, "CancelTopup"); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  v1::Topup* topup = Find(request->topup_id(), request->ref());
  if (topup == nullptr) return NotFound();
  if (topup->status() != v1::TOPUP_STATUS_QUEUED) {
    return MakeErrorStatus(grpc::StatusCode::FAILED_PRECONDITION, "NOT_CANCELLABLE",
                           "The top-up has left already or is settled.",
                           {.metadata = {{"status", v1::TopupStatus_Name(topup->status())}}});
  }
  topup->set_status(v1::TOPUP_STATUS_CANCELLED);
  topup->set_refund_advice(v1::REFUND_ADVICE_REFUND);
  topup->set_revision(topup->revision() + 1);
  topup->mutable_settle_time()->set_seconds(1'700'000'010);
  *response->mutable_topup() = *topup;
  return TakeLostAnswer("CancelTopup");
}

grpc::Status FakeTopupService::GetTopup(grpc::ServerContext* context,
                                        const v1::GetTopupRequest* request,
                                        v1::GetTopupResponse* response) {
  if (grpc::Status status = Enter(*context, "GetTopup"); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  const v1::Topup* topup = Find(request->topup_id(), request->ref());
  if (topup == nullptr) return NotFound();
  *response->mutable_topup() = *topup;
  return grpc::Status::OK;
}

// Pages of `page_size`; the page token is the index to go on from.
grpc::Status FakeTopupService::ListTopups(grpc::ServerContext* context,
                                          const v1::ListTopupsRequest* request,
                                          v1::ListTopupsResponse* response) {
  if (grpc::Status status = Enter(*context, "ListTopups"); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  size_t index = request->page_token().empty() ? 0 : std::stoul(request->page_token());
  const size_t page_size = request->page_size() == 0 ? 50 : request->page_size();
  for (; index < topups_.size(); ++index) {
    if (static_cast<size_t>(response->topups_size()) == page_size) {
      response->set_next_page_token(std::to_string(index));
      break;
    }
    *response->add_topups() = topups_[topups_.size() - 1 - index];
  }
  response->set_resume_token("list");
  return grpc::Status::OK;
}

grpc::Status FakeTopupService::WatchTopup(grpc::ServerContext* context,
                                          const v1::WatchTopupRequest* request,
                                          grpc::ServerWriter<v1::WatchTopupResponse>* writer) {
  std::optional<StreamScript<v1::WatchTopupResponse>> script;
  {
    std::lock_guard lock(mutex_);
    watches_.push_back(*request);
    if (!streams_.empty()) {
      script = std::move(streams_.front());
      streams_.pop_front();
    }
  }
  if (grpc::Status status = Enter(*context, "WatchTopup"); !status.ok()) return status;
  if (script.has_value()) return Play(*script, *context, *writer);
  StreamScript<v1::WatchTopupResponse> life;
  {
    std::lock_guard lock(mutex_);
    v1::Topup* topup = Find(request->topup_id(), request->ref());
    if (topup == nullptr) return NotFound();
    do {
      if (topup->revision() <= request->after_revision()) continue;
      *life.messages.emplace_back().mutable_topup() = *topup;
    } while (Advance(*topup));
    life.hangs = !topup->has_settle_time();
  }
  return Play(life, *context, *writer);
}

grpc::Status FakeTopupService::WatchTopups(grpc::ServerContext* context,
                                           const v1::WatchTopupsRequest* request,
                                           grpc::ServerWriter<v1::WatchTopupsResponse>* writer) {
  StreamScript<v1::WatchTopupsResponse> script;
  {
    std::lock_guard lock(mutex_);
    watches_of_all_.push_back(*request);
    if (!streams_of_all_.empty()) {
      script = std::move(streams_of_all_.front());
      streams_of_all_.pop_front();
    } else {
      v1::WatchTopupsResponse& start = script.messages.emplace_back();
      start.mutable_heartbeat();
      start.set_resume_token("start");
      script.hangs = true;
    }
  }
  if (grpc::Status status = Enter(*context, "WatchTopups"); !status.ok()) return status;
  return Play(script, *context, *writer);
}

InProcessServer::InProcessServer(grpc::Service* also_served) {
  grpc::ServerBuilder builder;
  if (also_served != nullptr) builder.RegisterService(also_served);
  builder.RegisterService(&service);
  server_ = builder.BuildAndStart();
}

InProcessServer::~InProcessServer() { server_->Shutdown(std::chrono::system_clock::now()); }

std::shared_ptr<v1::TopupService::StubInterface> InProcessServer::NewStub() {
  return v1::TopupService::NewStub(server_->InProcessChannel({}));
}

}  // namespace topup::tests
