#include "tests/sim/sim_provider.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/fakes/fake_provider.h"

namespace topup::sim {
namespace {

using core::ProviderTopup;

constexpr const char* kStatusWords[] = {"SOMETHING_NEW", "PENDING",  "HANDLING",
                                        "FULFILLED",     "REFUNDED", "UNKNOWN_ERROR"};

}  // namespace

SimProvider::SimProvider(RunContext& run, base::TaskLoop& loop, CountAttempts count_attempts)
    : run_(run),
      loop_(loop),
      count_attempts_(std::move(count_attempts)),
      skew_(run.dice.Between(-absl::Minutes(10), absl::Minutes(10))),
      balance_(core::Money::Centimes(50'000'000)) {
  run_.history.balance_before = balance_;
}

std::vector<core::Plan> SimProvider::Plans() { return fakes::FakeProvider::SomePlans(); }

absl::Time SimProvider::Now() const { return run_.wall_start + skew_ + run_.Elapsed(); }

core::Exchange SimProvider::Success() const {
  core::Exchange exchange;
  exchange.response_complete = exchange.enveloped = exchange.success = true;
  exchange.http_status = 200;
  exchange.provider_time = Now();
  return exchange;
}

core::Exchange SimProvider::Failure(int http_status, const std::string& code) const {
  core::Exchange exchange = Success();
  exchange.http_status = http_status;
  exchange.success = false;
  exchange.error_code = code;
  return exchange;
}

core::Exchange SimProvider::Bare(int http_status) const {
  core::Exchange exchange;
  exchange.response_complete = true;
  exchange.http_status = http_status;
  return exchange;
}

void SimProvider::Move(int64_t centimes) {
  // A balance does not go below nothing, whoever spends.
  centimes = std::max(centimes, -balance_.centimes());
  balance_ = core::Money::Centimes(balance_.centimes() + centimes);
  run_.history.other_movements =
      core::Money::Centimes(run_.history.other_movements.centimes() + centimes);
}

Treatment SimProvider::ChooseTreatment() {
  using Kind = Treatment::Kind;
  static const Treatment kErrors[] = {{Kind::kFailBefore, 500, ""},
                                      {Kind::kFailAfter, 500, ""},
                                      {Kind::kFailBefore, 502, ""},
                                      {Kind::kFailAfter, 504, ""},
                                      {Kind::kRefuse, 500, "INTERNAL_SERVER_ERROR"}};
  static const Treatment kThrottles[] = {{Kind::kRefuse, 429, "RATE_LIMIT_EXCEEDED"},
                                         {Kind::kRefuseBare, 429, ""},
                                         {Kind::kRefuse, 503, "SERVICE_UNAVAILABLE"}};
  static const Treatment kConfigurations[] = {{Kind::kRefuse, 401, "INVALID_ACCESS_TOKEN"},
                                              {Kind::kRefuse, 403, "IP_NOT_ALLOWED"},
                                              {Kind::kRefuse, 403, "IP_BLOCKED"},
                                              {Kind::kRefuseBare, 404, ""},
                                              {Kind::kRefuseBare, 302, ""}};
  static const Treatment kRefusals[] = {{Kind::kRefuse, 400, "ERR_VALIDATION"},
                                        {Kind::kRefuse, 400, "ERR_PHONE"},
                                        {Kind::kRefuse, 403, "NO_BALANCE"},
                                        {Kind::kRefuse, 403, "SOMETHING_NEW"}};
  static const Treatment kGarbage[] = {
      {Kind::kHtml, 200, ""}, {Kind::kCut, 200, ""}, {Kind::kWrongEcho, 200, ""}};
  const bool error = run_.Happens(Fault::kServerError);
  const bool throttle = run_.Happens(Fault::kThrottled);
  const bool configuration = run_.Happens(Fault::kConfiguration);
  const bool refusal = run_.Happens(Fault::kRefused);
  const bool garbage = run_.Happens(Fault::kGarbage);
  if (error) return run_.dice.OneOf(kErrors);
  if (throttle) return run_.dice.OneOf(kThrottles);
  if (configuration) return run_.dice.OneOf(kConfigurations);
  if (refusal) return run_.dice.OneOf(kRefusals);
  if (garbage) return run_.dice.OneOf(kGarbage);
  return {};
}

core::SendAnswer SimProvider::Receive(const upstream::SendRequest& request,
                                      const Treatment& treatment, const std::string& environment,
                                      LedgerPost post) {
  using Kind = Treatment::Kind;
  post.step = run_.NextStep();
  post.provider_ref = request.provider_ref;
  post.phone = request.phone.National();
  post.plan_code = request.plan_code;
  post.amount_dzd = request.amount_dzd;
  post.environment = environment;
  post.committed_attempts = count_attempts_(request.provider_ref);
  run_.trace.AddText(request.provider_ref);

  core::SendAnswer answer;
  const bool known = entries_.count(request.provider_ref) > 0;
  // What the first one was told holds for its copies: nothing of ours could tell them apart.
  const bool too_poor = post.copied_on_the_way ? too_poor_.count(request.provider_ref) > 0
                                               : CostOf(request) > balance_;
  if (treatment.kind == Kind::kFailBefore || treatment.kind == Kind::kRefuseBare) {
    answer.exchange = Bare(treatment.http_status);
  } else if (treatment.kind == Kind::kRefuse) {
    answer.exchange = Failure(treatment.http_status, treatment.code);
  } else if (known && !(too_poor && run_.faults.Has(Fault::kBalanceFirst))) {
    answer.exchange = Failure(403, "DUPLICATED_REF");
  } else if (too_poor) {
    answer.exchange = Failure(403, "INSUFFICIENT_BALANCE");
    too_poor_.insert(request.provider_ref);
  } else {
    post.accepted = true;
    if (run_.Happens(Fault::kQueueing)) {
      // The answer comes before the work, and nobody looks for the ref again.
      queue_.push_back({request, environment});
      loop_.PostAfter(run_.dice.Between(absl::Seconds(1), absl::Minutes(1)),
                      [this, place = queue_.size() - 1] { TakeQueued(place); });
    } else {
      Take(request, environment);
    }
    answer.exchange = Success();
    answer.echoed_ref = treatment.kind == Kind::kWrongEcho
                            ? "S-OTHER-0000"
                            : absl::StrCat("API-7-", request.provider_ref);
    if (treatment.kind == Kind::kFailAfter) answer = {.exchange = Bare(treatment.http_status)};
    if (treatment.kind == Kind::kHtml) answer = {.exchange = Bare(200)};
    if (treatment.kind == Kind::kCut) answer.exchange.response_complete = false;
  }
  run_.trace.Add(static_cast<uint64_t>(answer.exchange.http_status * 2 + post.accepted));
  run_.history.posts.push_back(std::move(post));
  return answer;
}

core::Money SimProvider::CostOf(const upstream::SendRequest& request) const {
  for (const core::Plan& plan : Plans()) {
    if (plan.code != request.plan_code) continue;
    return *core::MultiplyRoundedUp(*core::Money::Dinars(request.amount_dzd),
                                    plan.cost_ppm.value_or(kUnlistedCost));
  }
  return core::Money();
}

void SimProvider::Take(const upstream::SendRequest& request, const std::string& environment) {
  LedgerTopup taken{.step = run_.NextStep(),
                    .id = absl::StrFormat("%024x", run_.history.accepted.size() + 1),
                    .provider_ref = request.provider_ref,
                    .phone = request.phone.National(),
                    .plan_code = request.plan_code,
                    .amount_dzd = request.amount_dzd,
                    .charge = CostOf(request),
                    .taken = run_.Elapsed()};
  balance_ = *core::Money::Subtract(balance_, taken.charge);
  Entry entry{.place = run_.history.accepted.size(),
              .request = request,
              .environment = environment,
              .charge = taken.charge,
              .accepted = run_.Elapsed()};
  PlanStatuses(entry, request.amount_dzd == 0);
  run_.history.accepted.push_back(std::move(taken));
  if (entry.statuses.back().second == Status::kRefunded) {
    loop_.PostAfter(entry.statuses.back().first - run_.Elapsed(),
                    [this, place = entry.place, charge = entry.charge] {
                      balance_ = *core::Money::Add(balance_, charge);
                      run_.history.accepted[place].given_back = true;
                    });
  }
  entries_.emplace(request.provider_ref, std::move(entry));
}

void SimProvider::TakeQueued(size_t place) {
  Queued& queued = queue_[place];
  if (std::exchange(queued.taken, true)) return;
  Take(queued.request, queued.environment);
}

void SimProvider::PlanStatuses(Entry& entry, bool is_menu) {
  const bool is_long = run_.options.fault_time > absl::Hours(1);
  absl::Duration time = entry.accepted;
  entry.statuses.emplace_back(time, Status::kPending);
  time += run_.dice.Between(absl::Milliseconds(200), absl::Seconds(20));
  if (!is_menu && run_.dice.Chance(600)) entry.statuses.emplace_back(time, Status::kHandling);
  if (run_.Happens(Fault::kLateSettlement)) {
    time += run_.dice.Between(absl::Minutes(1), is_long ? absl::Hours(8) : absl::Minutes(30));
  }
  time += run_.dice.Between(absl::Milliseconds(200), absl::Seconds(30));
  if (run_.Happens(Fault::kUnknownError)) {
    entry.statuses.emplace_back(time, Status::kUnknownError);
    time += run_.dice.Between(absl::Seconds(1), is_long ? absl::Hours(30) : absl::Minutes(30));
  }
  const bool refunded = !is_menu && run_.dice.Chance(150);
  entry.statuses.emplace_back(time, refunded ? Status::kRefunded : Status::kFulfilled);
  entry.flaps = run_.Happens(Fault::kRefundedFlap);
}

std::optional<SimProvider::Status> SimProvider::StatusAt(const Entry& entry,
                                                         absl::Duration time) const {
  std::optional<Status> status;
  for (const auto& [from, next] : entry.statuses) {
    if (from <= time) status = next;
  }
  return status;
}

absl::Duration SimProvider::ChooseLag() {
  const bool lags = run_.Happens(Fault::kLaggingReads);
  const absl::Duration lag = run_.dice.Between(absl::ZeroDuration(), absl::Minutes(3));
  return lags ? lag : absl::ZeroDuration();
}

std::optional<ProviderTopup> SimProvider::Show(Entry& entry, absl::Duration lag,
                                               absl::Duration asked) {
  std::optional<Status> status = StatusAt(entry, run_.Elapsed() - lag);
  if (!status.has_value()) return std::nullopt;
  if (entry.flaps && status != Status::kFulfilled && status != Status::kRefunded) {
    entry.flaps = false;
    status = Status::kRefunded;
  }
  if (run_.Happens(Fault::kUnknownWords)) status = Status::kUnrecognised;
  const LedgerTopup& taken = run_.history.accepted[entry.place];
  ProviderTopup shown;
  shown.id = taken.id;
  shown.ref = absl::StrCat("API-7-", taken.provider_ref);
  shown.status = *status;
  shown.status_word = kStatusWords[static_cast<int>(*status)];
  shown.plan_code = taken.plan_code;
  shown.phone = taken.phone;
  shown.amount_dzd = taken.amount_dzd;
  shown.charge = status == Status::kRefunded ? core::Money() : taken.charge;
  shown.create_time = run_.wall_start + skew_ + entry.accepted;
  if (taken.amount_dzd == 0 && status == Status::kFulfilled) {
    shown.suggested_offers = {{"an offer", "PREPAID_MOBILIS", 1000}};
  }
  if (run_.Happens(Fault::kWrongFields)) {
    // With which amount a menu request is recorded nobody knows: any is right.
    switch (run_.dice.Below(taken.amount_dzd == 0 ? 2 : 3)) {
      case 0:
        shown.phone = "0699999999";
        break;
      case 1:
        shown.plan_code = "SOMETHING_ELSE";
        break;
      default:
        shown.amount_dzd = taken.amount_dzd + 100;
    }
    shown.status = Status::kFulfilled;  // the worst that could be believed
  } else {
    run_.history.reads.push_back({.step = run_.NextStep(),
                                  .provider_ref = taken.provider_ref,
                                  .status = *status,
                                  .begin = asked,
                                  .provider_time = Now()});
  }
  return shown;
}

core::ReadAnswer SimProvider::Read(const std::string& name, bool by_ref,
                                   const std::string& environment, absl::Duration asked) {
  core::ReadAnswer answer;
  for (auto& [ref, entry] : entries_) {
    const std::string& id = run_.history.accepted[entry.place].id;
    if (entry.environment == environment && (by_ref ? ref : id) == name) {
      answer.topup = Show(entry, ChooseLag(), asked);
    }
  }
  answer.exchange = answer.topup.has_value() ? Success() : Failure(404, "NOT_FOUND");
  return answer;
}

core::ListAnswer SimProvider::List(const upstream::ListRequest& request,
                                   const std::string& environment, absl::Duration asked) {
  core::ListAnswer answer{.exchange = Success(), .decoded = true, .total_pages = 1};
  const absl::Duration lag = ChooseLag();
  for (auto& [ref, entry] : entries_) {
    const absl::Time made = run_.wall_start + skew_ + entry.accepted;
    if (entry.environment != environment || (request.from && made < *request.from) ||
        (request.to && made > *request.to) ||
        static_cast<int>(answer.topups.size()) >= request.page_size) {
      continue;
    }
    if (auto shown = Show(entry, lag, asked)) answer.topups.push_back(*std::move(shown));
  }
  return answer;
}

void SimProvider::CloseBooks() {
  for (size_t place = 0; place < queue_.size(); ++place) TakeQueued(place);
  run_.history.balance_after = balance_;
  for (const auto& [ref, entry] : entries_) {
    LedgerTopup& taken = run_.history.accepted[entry.place];
    taken.status = StatusAt(entry, run_.Elapsed()).value_or(Status::kPending);
    for (const auto& [from, status] : entry.statuses) {
      if (from <= run_.Elapsed()) taken.final_from = from;
    }
  }
}

}  // namespace topup::sim
