#include "server/engine/intake.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/id.h"
#include "server/base/status_macros.h"
#include "server/core/protocol.h"
#include "server/engine/send_answers.h"

namespace topup::engine {
namespace {

using base::MakeError;

absl::Status CheckSendBefore(absl::Time send_before, absl::Time now, absl::Duration window) {
  // A caller that means "the whole window" reckons on its own clock.
  constexpr absl::Duration kClockTolerance = absl::Seconds(5);
  if (send_before > now && send_before <= now + window + kClockTolerance) {
    return absl::OkStatus();
  }
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("send_before has to be in the future, and at most ",
                   absl::FormatDuration(window), " away."),
      {.reason = "SEND_BEFORE_PASSED",
       .field_violations = {{"send_before", send_before <= now
                                                ? "is in the past"
                                                : "is beyond the server's send window"}}});
}

}  // namespace

Intake::Intake(const EngineParts& parts, const EngineOptions& options,
               const PlanCatalogue& catalogue, const ProviderAccount& account,
               const QuoteBook& quotes, RefBook& refs, const pricing::CallerVolumes& volumes,
               Unsure unsure)
    : parts_(parts),
      options_(options),
      catalogue_(catalogue),
      account_(account),
      quotes_(quotes),
      refs_(refs),
      volumes_(volumes),
      unsure_(std::move(unsure)) {}

void Intake::Take(SendCommand command, Taken taken) const {
  if (command.validate_only) {
    Prepared prepared = Prepare(command, parts_.clock.Now());
    ReplayOrRefuse(std::move(command), std::move(prepared), std::move(taken));
    return;
  }
  // Before the price, which may take as long as a strategy likes.
  refs_.BeginSend(command.caller, command.ref);
  Prepared prepared = Prepare(command, parts_.clock.Now());
  if (prepared.refusal.ok()) {
    Create(std::move(command), std::move(prepared.topup), std::move(taken));
  } else {
    refs_.EndSend(command.caller, command.ref);
    ReplayOrRefuse(std::move(command), std::move(prepared), std::move(taken));
  }
}

Intake::Prepared Intake::Prepare(const SendCommand& command, absl::Time now) const {
  Prepared prepared;
  core::Topup& topup = prepared.topup;
  const absl::StatusOr<Sale> sale = ChooseSubject(command, now, topup);
  if (!sale.ok()) {
    prepared.refusal = sale.status();
    return prepared;
  }
  prepared.refusal = SetPrice(command, *sale, topup);
  prepared.guard_first = !prepared.refusal.ok();
  topup.id = base::MakeTimeOrderedId(now, parts_.random);
  topup.ref = command.ref;
  topup.caller = command.caller;
  topup.labels = command.labels;
  topup.create_time = now;
  topup.provider_ref = MakeProviderRef(now);
  topup = core::MakeQueued(std::move(topup));
  return prepared;
}

// What is sold to whom until when, and whether we can pay for it: everything before the price.
// A quote brings its price along.
absl::StatusOr<Intake::Sale> Intake::ChooseSubject(const SendCommand& command, absl::Time now,
                                                   core::Topup& topup) const {
  topup.send_before = now + options_.rules.send_window;
  if (command.send_before.has_value()) {
    RETURN_IF_ERROR(CheckSendBefore(*command.send_before, now, options_.rules.send_window));
    topup.send_before = std::min(*command.send_before, topup.send_before);
  }
  ASSIGN_OR_RETURN(Sale sale,
                   ChooseSale(command.phone, command.plan_code, command.amount_dzd, now));
  topup.phone = command.phone;
  topup.op = sale.plan.op;
  topup.plan_code = sale.plan.code;
  topup.plan_kind = sale.plan.kind;
  topup.amount_dzd = sale.amount_dzd;
  const core::Money face = core::Money::Dinars(sale.amount_dzd).value_or(core::Money());
  core::Money cost = core::MultiplyRoundedUp(face, *sale.plan.cost_ppm).value_or(face);
  if (!command.quote_id.empty()) {
    ASSIGN_OR_RETURN(topup.price, quotes_.Redeem(command.quote_id,
                                                 {.caller = command.caller,
                                                  .phone = command.phone,
                                                  .plan_code = sale.plan.code,
                                                  .amount_dzd = sale.amount_dzd},
                                                 now));
    cost = topup.price.cost;
  }
  if (account_.CannotPay(cost)) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "Our balance at the provider cannot pay for more sends now.",
                     {.reason = "PROVIDER_BALANCE_LOW", .retry_after = absl::Minutes(1)});
  }
  return sale;
}

absl::Status Intake::SetPrice(const SendCommand& command, const Sale& sale,
                              core::Topup& topup) const {
  if (command.quote_id.empty()) {
    ASSIGN_OR_RETURN(topup.price, Price(sale.plan, sale.amount_dzd, command.caller));
  }
  if (!command.max_price.has_value() || topup.price.price <= *command.max_price) {
    return absl::OkStatus();
  }
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("The price is ", topup.price.price.ToString(), ", above the cap of ",
                   command.max_price->ToString(), "."),
      {.reason = "PRICE_ABOVE_CAP",
       .metadata = {{"price_centimes", absl::StrCat(topup.price.price.centimes())},
                    {"max_price_centimes", absl::StrCat(command.max_price->centimes())}}});
}

absl::StatusOr<Intake::Sale> Intake::ChooseSale(const core::PhoneNumber& phone,
                                                const std::string& plan_code,
                                                std::optional<int64_t> amount_dzd,
                                                absl::Time now) const {
  RETURN_IF_ERROR(catalogue_.CheckAge(now));
  const std::shared_ptr<const core::Catalogue> plans = catalogue_.Snapshot();
  const core::Plan* plan = plans->Find(plan_code);
  if (plan == nullptr) {
    return MakeError(absl::StatusCode::kNotFound,
                     absl::StrCat("There is no plan ", plan_code, ": ListPlans shows them all."),
                     {.reason = "PLAN_NOT_FOUND", .metadata = {{"plan_code", plan_code}}});
  }
  RETURN_IF_ERROR(CheckPlan(*plan, phone));
  ASSIGN_OR_RETURN(const int64_t amount, ChooseAmount(*plan, amount_dzd));
  return Sale{.plan = *plan, .amount_dzd = amount};
}

absl::StatusOr<core::PriceBreakdown> Intake::Price(const core::Plan& plan, int64_t amount_dzd,
                                                   const std::string& caller) const {
  const absl::Time now = parts_.clock.Now();
  return parts_.pricer.Price({.plan = &plan,
                              .amount_dzd = amount_dzd,
                              .caller = caller,
                              .time = now,
                              .caller_volume = volumes_.VolumeOf(caller, now)});
}

absl::StatusOr<Quote> Intake::QuoteTopup(const QuoteCommand& command) const {
  const absl::Time now = parts_.clock.Now();
  ASSIGN_OR_RETURN(const Sale sale,
                   ChooseSale(command.phone, command.plan_code, command.amount_dzd, now));
  ASSIGN_OR_RETURN(core::PriceBreakdown price, Price(sale.plan, sale.amount_dzd, command.caller));
  // Kept to the microsecond everywhere, so that what is shown is what is compared.
  const absl::Time expire_time = absl::FromUnixMicros(absl::ToUnixMicros(now + options_.quote_ttl));
  Quote quote{.price = std::move(price), .expire_time = expire_time};
  quote.quote_id = quotes_.Issue({.caller = command.caller,
                                  .phone = command.phone,
                                  .plan_code = sale.plan.code,
                                  .amount_dzd = sale.amount_dzd},
                                 quote.price, expire_time);
  return quote;
}

std::string Intake::MakeProviderRef(absl::Time now) const {
  // Its first letter shows in the provider's own lists which environment it was meant for.
  const std::string environment = account_.environment();
  const char letter = environment.empty() ? 'n' : absl::ascii_tolower(environment.front());
  return absl::StrCat(std::string(1, letter), "-", options_.deployment_id, "-",
                      base::MakeTimeOrderedId(now, parts_.random));
}

void Intake::Create(SendCommand command, core::Topup topup, Taken taken) const {
  store::CreateRequest request{.topup = topup, .queue_limit = options_.queue_limit};
  if (!command.allow_repeat && options_.repeat_window > absl::ZeroDuration()) {
    request.guard = store::DuplicateGuard{topup.create_time - options_.repeat_window};
  }
  parts_.store.Create(std::move(request),
                      [this, command = std::move(command), topup = std::move(topup),
                       taken = std::move(taken)](absl::StatusOr<store::CreateResult> result) {
                        refs_.EndSend(command.caller, command.ref);
                        Created(command, topup, std::move(result), taken);
                      });
}

void Intake::Created(const SendCommand& command, const core::Topup& topup,
                     absl::StatusOr<store::CreateResult> result, const Taken& taken) const {
  if (absl::IsResourceExhausted(result.status())) {
    // No room for a new one; but the ref may name an old one.
    ReplayOrRefuse(command, {.topup = topup, .refusal = result.status()}, taken);
    return;
  }
  if (!result.ok()) {
    if (absl::IsUnavailable(result.status())) unsure_(topup);
    taken(result.status());
    return;
  }
  switch (result->kind) {
    case store::CreateResult::Kind::kCreated:
      taken(SendResult{.topup = std::move(result->topup)});
      return;
    case store::CreateResult::Kind::kExists:
      taken(ReplayOf(result->topup, command));
      return;
    // Another send of the ref may have begun, and be recorded where this one was not.
    case store::CreateResult::Kind::kDuplicate:
      ReplayOrRefuse(
          command,
          {.topup = topup, .refusal = DuplicateError(result->topup, options_.repeat_window)},
          taken);
      return;
    case store::CreateResult::Kind::kQueueFull:
      ReplayOrRefuse(command, {.topup = topup, .refusal = QueueFullError()}, taken);
      return;
  }
}

absl::StatusOr<std::optional<core::Topup>> Intake::FindDuplicate(const SendCommand& command,
                                                                 const core::Topup& topup) const {
  if (command.allow_repeat || options_.repeat_window <= absl::ZeroDuration()) return std::nullopt;
  return parts_.store.FindDuplicate(topup, {topup.create_time - options_.repeat_window});
}

void Intake::ReplayOrRefuse(SendCommand command, Prepared prepared, Taken taken) const {
  const auto found = [this, command, prepared, taken](const absl::StatusOr<core::Topup>& known) {
    if (known.ok()) {
      taken(ReplayOf(*known, command));
    } else if (absl::IsNotFound(known.status())) {
      taken(Refuse(command, prepared));
    } else {
      taken(known.status());
    }
  };
  // Not OVERLOADED: the ref may name a top-up, and then nothing may be refused for load.
  if (!refs_.Find(command.caller, command.ref, command.answer_by, found)) {
    taken(MakeError(absl::StatusCode::kUnavailable,
                    "The ref could not be looked up: repeat with the same ref.",
                    {.reason = "STORAGE_UNAVAILABLE", .retry_after = absl::Seconds(1)}));
  }
}

absl::StatusOr<SendResult> Intake::Refuse(const SendCommand& command,
                                          const Prepared& prepared) const {
  if (prepared.refusal.ok() || prepared.guard_first) {
    ASSIGN_OR_RETURN(const std::optional<core::Topup> first,
                     FindDuplicate(command, prepared.topup));
    // A send of this ref that began after the ref was looked up is no duplicate of itself.
    if (first.has_value() && first->ref == command.ref) return ReplayOf(*first, command);
    if (first.has_value()) return DuplicateError(*first, options_.repeat_window);
  }
  if (!prepared.refusal.ok()) return prepared.refusal;
  // Only validated, nothing is recorded: what is shown has no name at the provider and no
  // revision.
  core::Topup shown = prepared.topup;
  shown.id.clear();
  shown.provider_ref.clear();
  shown.revision = 0;
  return SendResult{.topup = std::move(shown)};
}

}  // namespace topup::engine
