#include "tests/fakes/fake_provider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"

namespace topup::fakes {

using core::ProviderTopup;

namespace {

// How long an answer that never comes is waited for, where the call has no watchdog.
constexpr absl::Duration kReadTimeout = absl::Seconds(20);

void Refuse(int http_status, const std::string& code, core::Exchange& exchange) {
  exchange.http_status = http_status;
  exchange.success = false;
  exchange.error_code = code;
  exchange.error_message = "refused by the fake provider: " + code;
}

}  // namespace

FakeProvider::FakeProvider(base::TaskLoop& loop, const base::Clock& clock)
    : loop_(loop), clock_(clock) {}

FakeProvider::Turn FakeProvider::Begin(Call call) {
  calls_[call].push_back(clock_.Now());
  Turn turn;
  std::deque<Behaviour>& script = scripts_[call];
  if (script.empty()) {
    turn.behaviour = behaviours_[call];
  } else {
    turn.behaviour = script.front();
    script.pop_front();
  }
  turn.start = clock_.Now();
  turn.latency = turn.behaviour.latency.value_or(latency_);
  turn.start_elapsed = clock_.Elapsed();
  const Mood mood = turn.behaviour.mood;
  if (mood == Mood::kLostAnswer || mood == Mood::kLostBefore) turn.latency = kReadTimeout;
  Progress();
  return turn;
}

bool FakeProvider::Works(const Turn& turn) const {
  const Mood mood = turn.behaviour.mood;
  return (mood == Mood::kWell && turn.behaviour.refuse_status == 0) || mood == Mood::kLostAnswer;
}

core::Exchange FakeProvider::MakeExchange(const Turn& turn) const {
  core::Exchange exchange;
  exchange.start_time = turn.start;
  exchange.start_elapsed = turn.start_elapsed;
  switch (turn.behaviour.mood) {
    case Mood::kDown:
      exchange.request_left = false;
      exchange.transport_error = "connection refused";
      return exchange;
    case Mood::kLostAnswer:
    case Mood::kLostBefore:
      exchange.transport_error = "no answer in time";
      return exchange;
    case Mood::kServerError:
      exchange.response_complete = true;
      exchange.http_status = 500;
      return exchange;
    case Mood::kWell:
      break;
  }
  exchange.response_complete = true;
  exchange.enveloped = true;
  exchange.success = true;
  exchange.http_status = 200;
  exchange.request_id = absl::StrFormat("req_fake_%d", ids_made_);
  exchange.provider_time = clock_.Now() + clock_skew_;
  exchange.retry_after = turn.behaviour.retry_after;
  if (turn.behaviour.refuse_status != 0) {
    Refuse(turn.behaviour.refuse_status, turn.behaviour.refuse_code, exchange);
    exchange.enveloped = !turn.behaviour.bare;
  }
  return exchange;
}

template <typename Answer>
void FakeProvider::Finish(const Turn& turn, Answer answer, Done<Answer> done) {
  loop_.PostAfter(turn.latency, [this, answer = std::move(answer), done = std::move(done)] {
    Answer dated = answer;
    dated.exchange.end_time = clock_.Now();
    // An answer that never came brought nothing along.
    if (!dated.exchange.response_complete) {
      dated = Answer();
      dated.exchange = answer.exchange;
      dated.exchange.end_time = clock_.Now();
    }
    done(std::move(dated));
  });
}

void FakeProvider::Progress() {
  const absl::Time now = clock_.Now();
  for (auto& [ref, entry] : entries_) {
    if (entry.shown.status == ProviderTopup::Status::kPending &&
        now - entry.accept_time >= fulfil_after_) {
      entry.shown.status = ProviderTopup::Status::kFulfilled;
      entry.shown.status_word = "FULFILLED";
    }
  }
}

void FakeProvider::Accept(const upstream::SendRequest& request, const Turn& turn,
                          core::SendAnswer& answer, Post& post) {
  if (entries_.count(request.provider_ref) > 0) {
    Refuse(403, "DUPLICATED_REF", answer.exchange);
    return;
  }
  core::Money charge;
  for (const core::Plan& plan : plans_) {
    const std::optional<core::Money> face = core::Money::Dinars(request.amount_dzd);
    if (plan.code == request.plan_code && face.has_value()) {
      charge = core::MultiplyRoundedUp(*face, plan.cost_ppm.value_or(1'000'000)).value_or(*face);
    }
  }
  if (charge > balance_) {
    Refuse(403, "INSUFFICIENT_BALANCE", answer.exchange);
    return;
  }
  balance_ = core::Money::Centimes(balance_.centimes() - charge.centimes());
  post.accepted = true;
  Entry& entry = entries_[request.provider_ref];
  entry.accept_time = clock_.Now();
  entry.charge_taken = true;
  entry.shown.id = absl::StrFormat("%024x", ++ids_made_);
  entry.shown.ref = request.provider_ref;
  entry.shown.status = ProviderTopup::Status::kPending;
  entry.shown.status_word = "PENDING";
  entry.shown.plan_code = request.plan_code;
  entry.shown.phone = request.phone.National();
  entry.shown.amount_dzd = request.amount_dzd;
  entry.shown.charge = charge;
  entry.shown.create_time = entry.accept_time;
  answer.provider_topup_id = entry.shown.id;
  answer.echoed_ref = turn.behaviour.wrong_ref.value_or(request.provider_ref);
}

void FakeProvider::Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
                        Done<core::SendAnswer> done) {
  std::lock_guard<std::mutex> lock(mutex_);
  Turn turn = Begin(Call::kSend);
  const absl::Duration left = watchdog_end - clock_.Elapsed();
  if (left <= absl::ZeroDuration()) turn.behaviour.mood = Mood::kDown;
  Post post;
  post.request = request;
  post.time = turn.start;
  post.watchdog_end = watchdog_end;
  post.left = turn.behaviour.mood != Mood::kDown;
  core::SendAnswer answer;
  answer.exchange = MakeExchange(turn);
  if (Works(turn)) Accept(request, turn, answer, post);
  const bool silent =
      turn.behaviour.mood == Mood::kLostAnswer || turn.behaviour.mood == Mood::kLostBefore;
  if (post.left && (silent || turn.latency > left)) {
    // The watchdog closes the socket before any answer comes.
    turn.latency = left;
    answer.exchange = core::Exchange();
    answer.exchange.start_time = turn.start;
    answer.exchange.start_elapsed = turn.start_elapsed;
    answer.exchange.transport_error = "no answer in time";
  }
  posts_.push_back(std::move(post));
  Finish(turn, std::move(answer), std::move(done));
}

bool FakeProvider::Visible(const Entry& entry) const {
  return clock_.Now() - entry.accept_time >= visibility_delay_;
}

void FakeProvider::Read(Call call, const std::string& name, Done<core::ReadAnswer> done) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Turn turn = Begin(call);
  core::ReadAnswer answer;
  answer.exchange = MakeExchange(turn);
  if (Works(turn)) {
    for (const auto& [ref, entry] : entries_) {
      const bool named = call == Call::kByRef ? ref == name : entry.shown.id == name;
      if (named && Visible(entry)) answer.topup = entry.shown;
    }
    if (!answer.topup.has_value()) {
      Refuse(404, "NOT_FOUND", answer.exchange);
    } else if (turn.behaviour.wrong_ref.has_value()) {
      answer.topup->ref = *turn.behaviour.wrong_ref;
    }
  }
  Finish(turn, std::move(answer), std::move(done));
}

void FakeProvider::ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) {
  Read(Call::kByRef, provider_ref, std::move(done));
}

void FakeProvider::ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) {
  Read(Call::kById, provider_topup_id, std::move(done));
}

void FakeProvider::List(const upstream::ListRequest& request, Done<core::ListAnswer> done) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Turn turn = Begin(Call::kList);
  core::ListAnswer answer;
  answer.exchange = MakeExchange(turn);
  if (Works(turn)) {
    std::vector<const Entry*> shown;
    for (const auto& [ref, entry] : entries_) {
      const absl::Time made = entry.shown.create_time.value_or(entry.accept_time);
      const bool in_range =
          (!request.from || made >= *request.from) && (!request.to || made <= *request.to);
      if (in_range && entry.listed && Visible(entry)) shown.push_back(&entry);
    }
    // Newest first, as the provider does it.
    std::stable_sort(shown.begin(), shown.end(), [](const Entry* a, const Entry* b) {
      return a->accept_time > b->accept_time;
    });
    const int64_t size = std::max(1, request.page_size);
    const int64_t count = static_cast<int64_t>(shown.size());
    answer.total_pages = std::max<int64_t>(1, (count + size - 1) / size);
    for (int64_t i = (request.page - 1) * size; i < std::min(request.page * size, count); ++i) {
      answer.topups.push_back(shown[i]->shown);
      if (shown[i]->spoils_pages) answer.exchange.enveloped = false;
    }
    answer.decoded = true;
    if (static_cast<int64_t>(answer.topups.size()) > page_max_) {
      answer.exchange.response_complete = false;
      answer.exchange.transport_error = "the answer is too long";
    }
  }
  Finish(turn, std::move(answer), std::move(done));
}

void FakeProvider::ReadPlans(Done<core::PlansAnswer> done) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Turn turn = Begin(Call::kPlans);
  core::PlansAnswer answer;
  answer.exchange = MakeExchange(turn);
  answer.decoded = Works(turn);
  if (answer.decoded) answer.plans = plans_;
  Finish(turn, std::move(answer), std::move(done));
}

void FakeProvider::ReadBalance(Done<core::BalanceAnswer> done) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Turn turn = Begin(Call::kBalance);
  core::BalanceAnswer answer;
  answer.exchange = MakeExchange(turn);
  if (Works(turn)) answer.balance = balance_;
  Finish(turn, std::move(answer), std::move(done));
}

void FakeProvider::Ping(Done<core::PingAnswer> done) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Turn turn = Begin(Call::kPing);
  core::PingAnswer answer;
  answer.exchange = MakeExchange(turn);
  answer.api_up = Works(turn);
  if (answer.api_up) {
    answer.operator_up = {
        {"mobilis", true}, {"djezzy", true}, {"ooredoo", true}, {"mobilisFixedPlans", true}};
  }
  Finish(turn, std::move(answer), std::move(done));
}

void FakeProvider::Validate(Done<core::ValidateAnswer> done) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Turn turn = Begin(Call::kValidate);
  core::ValidateAnswer answer;
  answer.exchange = MakeExchange(turn);
  if (Works(turn)) {
    answer.decoded = true;
    answer.key_enabled = key_enabled_;
    answer.key_type = key_type_;
    answer.scope = key_scope_;
  }
  Finish(turn, std::move(answer), std::move(done));
}

}  // namespace topup::fakes
