#include "server/engine/offer_desk.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/id.h"
#include "server/base/status_macros.h"
#include "server/core/protocol.h"

namespace topup::engine {
namespace {

using base::MakeError;

// How long one request answers for its number, and keeps the next from being made.
constexpr absl::Duration kMenuAge = absl::Minutes(10);
constexpr absl::Duration kPatienceMax = absl::Seconds(60);

bool HasOffers(const core::Topup& menu) {
  return !menu.suggested_offers.empty() || core::IsSettled(menu.status);
}

absl::Status TimedOut() {
  return MakeError(absl::StatusCode::kDeadlineExceeded,
                   "The operator did not answer in time: ask again, the request goes on.",
                   {.reason = "OFFERS_TIMEOUT", .retry_after = absl::Seconds(5)});
}

absl::Status NoAnswer() {
  return MakeError(absl::StatusCode::kDeadlineExceeded,
                   "The operator was not asked, or gave no answer for this number.",
                   {.reason = "OFFERS_TIMEOUT", .retry_after = kMenuAge});
}

}  // namespace

OfferDesk::OfferDesk(const EngineParts& parts, const EngineOptions& options,
                     const PlanCatalogue& catalogue, const Intake& intake, TopupWaiters& waiters,
                     Recorded recorded)
    : parts_(parts),
      options_(options),
      catalogue_(catalogue),
      intake_(intake),
      waiters_(waiters),
      recorded_(std::move(recorded)) {}

absl::StatusOr<core::Plan> OfferDesk::FindMenuPlan(const OffersCommand& command) const {
  RETURN_IF_ERROR(catalogue_.CheckAge(parts_.clock.Now()));
  const core::Operator network = command.phone.NetworkOperator();
  const core::Operator op = command.op == core::Operator::kUnknown ? network : command.op;
  if (core::NetworkOf(op) != network) {
    const std::string number_operator(core::OperatorName(network));
    const std::string plan_operator(core::OperatorName(op));
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("The number is of ", number_operator, ", not of ", plan_operator, "."),
        {.reason = "OPERATOR_MISMATCH",
         .metadata = {{"number_operator", number_operator}, {"plan_operator", plan_operator}}});
  }
  const std::shared_ptr<const core::Catalogue> plans = catalogue_.Snapshot();
  const std::string code = absl::StrCat("GETMENU_", core::OperatorName(op));
  const core::Plan* found = plans->Find(code);
  for (const core::Plan& plan : plans->plans) {
    if (found == nullptr && plan.kind == core::PlanKind::kMenu && plan.op == op) found = &plan;
  }
  if (found == nullptr || !found->enabled) {
    return MakeError(
        found == nullptr ? absl::StatusCode::kNotFound : absl::StatusCode::kFailedPrecondition,
        absl::StrCat("The provider ", found == nullptr ? "has no plan " : "has switched off plan ",
                     code, ", which asks for offers."),
        {.reason = found == nullptr ? "PLAN_NOT_FOUND" : "PLAN_DISABLED",
         .metadata = {{"plan_code", code}}});
  }
  return *found;
}

void OfferDesk::List(const OffersCommand& command, Done done) {
  const absl::StatusOr<core::Plan> plan = FindMenuPlan(command);
  if (!plan.ok()) {
    done(plan.status());
    return;
  }
  const absl::StatusOr<std::optional<core::Topup>> recent =
      parts_.store.FindMenu(command.phone, plan->code, parts_.clock.Now() - kMenuAge);
  if (!recent.ok()) {
    done(recent.status());
    return;
  }
  // One that never left may be made again; one that the provider refused it would refuse again.
  const bool left =
      recent->has_value() && (*recent)->rejection_reason != core::RejectionReason::kExpired;
  if (left) {
    Await(**recent, command, std::move(done));
    return;
  }
  Open(*plan, command, std::move(done));
}

// So that no more than that wait to be sent, whatever becomes of them.
bool OfferDesk::TakePlace() {
  const absl::Duration now = parts_.clock.Elapsed();
  while (!recent_.empty() && recent_.front() <= now - kMenuSendWindow) recent_.pop_front();
  if (recent_.size() >= static_cast<size_t>(kMenusPerWindow)) return false;
  recent_.push_back(now);
  return true;
}

core::Topup OfferDesk::MakeMenu(const core::Plan& plan, const core::PhoneNumber& phone) const {
  const absl::Time now = parts_.clock.Now();
  core::Topup menu;
  menu.id = base::MakeTimeOrderedId(now, parts_.random);
  menu.purpose = core::Purpose::kMenu;
  menu.phone = phone;
  menu.op = plan.op;
  menu.plan_code = plan.code;
  menu.plan_kind = plan.kind;
  menu.amount_dzd = options_.menu_amount;
  menu.create_time = now;
  menu.send_before = now + kMenuSendWindow;
  menu.provider_ref = intake_.MakeProviderRef(now);
  menu.ref = menu.provider_ref;
  return core::MakeQueued(std::move(menu));
}

void OfferDesk::Open(const core::Plan& plan, const OffersCommand& command, Done done) {
  const std::string key = absl::StrCat(command.phone.National(), "/", plan.code);
  const auto opening = opening_.find(key);
  if (opening != opening_.end()) {
    opening->second.push_back({command, std::move(done)});
    return;
  }
  if (!TakePlace()) {
    done(base::OverloadedError("offers", "Too many numbers were asked about: try again later."));
    return;
  }
  opening_[key].push_back({command, std::move(done)});
  const core::Topup menu = MakeMenu(plan, command.phone);
  parts_.store.Create({.topup = menu, .queue_limit = options_.queue_limit},
                      [this, key, menu](absl::StatusOr<store::CreateResult> result) {
                        parts_.loop.Post([this, key, menu, result = std::move(result)] {
                          Opened(key, menu, result);
                        });
                      });
}

void OfferDesk::Opened(const std::string& key, const core::Topup& menu,
                       const absl::StatusOr<store::CreateResult>& result) {
  std::vector<Pending> waiting = std::move(opening_[key]);
  opening_.erase(key);
  const bool created = result.ok() && result->kind == store::CreateResult::Kind::kCreated;
  if (created || absl::IsUnavailable(result.status())) recorded_(menu);
  for (Pending& one : waiting) {
    if (created) {
      Await(menu, one.command, std::move(one.done));
    } else if (!result.ok()) {
      one.done(result.status());
    } else {
      one.done(base::OverloadedError("queue_limit",
                                     "Too many top-ups wait to be sent: try again later."));
    }
  }
}

void OfferDesk::Await(const core::Topup& menu, const OffersCommand& command, Done done) {
  const absl::Duration patience = std::min(command.answer_by - parts_.clock.Now(), kPatienceMax);
  waiters_.Wait(menu, HasOffers, patience,
                [this, caller = command.caller, done = std::move(done)](const core::Topup& latest) {
                  if (!HasOffers(latest)) {
                    done(TimedOut());
                  } else if (latest.status == core::TopupStatus::kRejected) {
                    done(NoAnswer());
                  } else {
                    Answer(latest.suggested_offers, caller, done);
                  }
                });
}

void OfferDesk::Answer(std::vector<core::SuggestedOffer> offers, const std::string& caller,
                       const Done& done) {
  // Not here, on the loop: a price takes as long as its strategy likes.
  const bool queued = parts_.reads.TryPost(
      [this, offers = std::move(offers), caller, done] { done(Price(offers, caller)); });
  if (!queued) done(base::OverloadedError("reads", "Too many reads wait: try again later."));
}

std::vector<PricedOffer> OfferDesk::Price(const std::vector<core::SuggestedOffer>& offers,
                                          const std::string& caller) const {
  const std::shared_ptr<const core::Catalogue> plans = catalogue_.Snapshot();
  std::vector<PricedOffer> priced;
  for (const core::SuggestedOffer& offer : offers) {
    PricedOffer& one = priced.emplace_back(PricedOffer{.offer = offer});
    const core::Plan* plan = plans->Find(offer.plan_code);
    if (plan == nullptr || !plan->cost_ppm.has_value()) continue;
    absl::StatusOr<core::PriceBreakdown> price = intake_.Price(*plan, offer.amount_dzd, caller);
    if (price.ok()) one.price = *std::move(price);
  }
  return priced;
}

}  // namespace topup::engine
