#include "tests/sim/sim_link.h"

#include <algorithm>
#include <utility>

namespace topup::sim {
namespace {

constexpr absl::Duration kReadTimeout = absl::Seconds(20);

core::Exchange Silence(const char* why, bool left) {
  core::Exchange exchange;
  exchange.request_left = left;
  exchange.transport_error = why;
  return exchange;
}

}  // namespace

const Network::Period* Network::Down() const {
  const absl::Duration now = run.Elapsed();
  for (const Period& period : down) {
    if (period.begin <= now && now < period.end) return &period;
  }
  return nullptr;
}

struct SimLink::Flight {
  Network& network;
  std::shared_ptr<NearEnd> near_end;
  upstream::SendRequest request;
  std::string key;
  Treatment treatment;
  absl::Time start_time;
  absl::Duration start_elapsed;  // on the machine's clock
  absl::Duration begin;          // since the start of the run, like `end`
  absl::Duration end;            // once it is over
  absl::Duration watchdog_end;   // on Clock::Elapsed()
  bool over = false;
  std::vector<size_t> posts;  // its places in the ledger
  Done<core::SendAnswer> done;
};

SimLink::~SimLink() {
  near_end_->alive = false;
  near_end_->cut = network_.run.Elapsed();
}

absl::Duration SimLink::Latency() {
  Dice& dice = network_.run.dice;
  const bool slow = network_.run.Happens(Fault::kSlow);
  const absl::Duration usual = dice.Between(absl::Milliseconds(5), absl::Milliseconds(150));
  const absl::Duration long_one = dice.Between(absl::Seconds(1), absl::Seconds(25));
  return slow ? long_one : usual;
}

void SimLink::Send(const upstream::SendRequest& request, absl::Duration watchdog_end,
                   Done<core::SendAnswer> done) {
  RunContext& run = network_.run;
  auto flight = std::shared_ptr<Flight>(new Flight{.network = network_,
                                                   .near_end = near_end_,
                                                   .request = request,
                                                   .key = key_,
                                                   .treatment = network_.far_end.ChooseTreatment(),
                                                   .start_time = run.clock.Now(),
                                                   .start_elapsed = run.clock.Elapsed(),
                                                   .begin = run.Elapsed(),
                                                   .watchdog_end = watchdog_end,
                                                   .done = std::move(done)});
  const bool unsent = run.Happens(Fault::kUnsent);
  const Network::Period* down = network_.Down();
  if (unsent || watchdog_end <= run.clock.Elapsed() || (down != nullptr && down->refuses)) {
    network_.loop.PostAfter(absl::Milliseconds(3), [flight] {
      Finish(flight, {.exchange = Silence("connection refused", false)});
    });
    return;
  }
  Depart(flight);
}

void SimLink::Depart(const std::shared_ptr<Flight>& flight) {
  RunContext& run = network_.run;
  const absl::Duration patience = flight->watchdog_end - run.clock.Elapsed();
  network_.loop.PostAfter(
      patience, [flight] { Finish(flight, {.exchange = Silence("no answer in time", true)}); });
  // All throws first: one fault more or less leaves the others as they were.
  const bool lost = run.Happens(Fault::kLostBefore);
  const bool answer_lost = run.Happens(Fault::kLostAfter);
  const bool late = run.Happens(Fault::kLateArrival);
  const bool copied = run.Happens(Fault::kCopies);
  const bool copy_answers = copied && run.dice.Chance(500);
  // Where a request also waits at the provider before it is taken, both together have to stay
  // below the grace: that is what the grace is for.
  const absl::Duration lateness_max =
      run.options.Has(Fault::kQueueing) ? absl::Seconds(20) : absl::Minutes(1);
  const absl::Duration lateness = run.dice.Between(absl::ZeroDuration(), lateness_max);
  const absl::Duration gap = run.dice.Between(absl::Milliseconds(1), absl::Milliseconds(1500));
  const absl::Duration usual_way = Latency();
  const absl::Duration way = late ? patience + lateness : usual_way;
  if (lost || network_.Down() != nullptr) return;
  network_.loop.PostAfter(way, [flight, answers = !answer_lost && !copy_answers] {
    Arrive(flight, /*copy=*/false, answers);
  });
  if (copied) {
    network_.loop.PostAfter(way + gap, [flight, answers = !answer_lost && copy_answers] {
      Arrive(flight, /*copy=*/true, answers);
    });
  }
}

void SimLink::Arrive(const std::shared_ptr<Flight>& flight, bool copy, bool answers) {
  Network& network = flight->network;
  flight->posts.push_back(network.run.history.posts.size());
  const core::SendAnswer answer = network.far_end.Receive(
      flight->request, flight->treatment, flight->key,
      {.copied_on_the_way = copy, .begin = flight->begin, .end = flight->end});
  const absl::Duration way =
      network.run.dice.Between(absl::Milliseconds(5), absl::Milliseconds(300));
  if (answers) network.loop.PostAfter(way, [flight, answer] { Finish(flight, answer); });
}

void SimLink::Finish(const std::shared_ptr<Flight>& flight, core::SendAnswer answer) {
  if (std::exchange(flight->over, true)) return;
  flight->network.run.AtTheMachine([flight, answer = std::move(answer)] { End(flight, answer); });
}

void SimLink::End(const std::shared_ptr<Flight>& flight, core::SendAnswer answer) {
  RunContext& run = flight->network.run;
  const bool alive = flight->near_end->alive;
  flight->end = alive ? run.Elapsed() : flight->near_end->cut;
  for (const size_t place : flight->posts) run.history.posts[place].end = flight->end;
  if (!alive) return;
  run.trace.Add(static_cast<uint64_t>(answer.exchange.http_status));
  answer.exchange.start_time = flight->start_time;
  answer.exchange.start_elapsed = flight->start_elapsed;
  answer.exchange.end_time = run.clock.Now();
  flight->done(std::move(answer));
}

std::optional<core::Exchange> SimLink::Mangled() {
  RunContext& run = network_.run;
  const bool mangles = run.Happens(Fault::kReadFaults);
  const uint64_t which = run.dice.Below(11);
  if (!mangles) return std::nullopt;
  switch (which) {
    case 0:
    case 1:
      return Silence("no answer in time", true);
    case 2:
      return Silence("connection refused", false);
    case 3:
      return network_.far_end.Failure(500, "INTERNAL_SERVER_ERROR");
    case 4:
      return network_.far_end.Bare(502);
    case 5:
      return network_.far_end.Failure(429, "RATE_LIMIT_EXCEEDED");
    case 6:
      return network_.far_end.Bare(200);
    case 7: {
      // 401 and 403 stop everything for a quarter of an hour: rarely.
      const bool rarely = run.dice.Chance(100);
      return rarely ? network_.far_end.Failure(403, "IP_NOT_ALLOWED") : network_.far_end.Bare(500);
    }
    case 8:
      return run.dice.Chance(200) ? network_.far_end.Bare(404) : network_.far_end.Bare(503);
    case 9:
      // A not-found that is not the provider's.
      return network_.far_end.Failure(404, "ROUTE_NOT_FOUND");
    default: {
      core::Exchange cut = network_.far_end.Success();
      cut.response_complete = false;
      return cut;
    }
  }
}

template <typename Answer>
void SimLink::Ask(std::function<Answer(const std::string& key, absl::Duration asked)> work,
                  Done<Answer> done) {
  RunContext& run = network_.run;
  const absl::Time start_time = run.clock.Now();
  const absl::Duration start_elapsed = run.clock.Elapsed();
  const std::string key = key_;
  const absl::Duration asked = run.Elapsed();
  const absl::Duration there = Latency();
  const absl::Duration back = run.dice.Between(absl::Milliseconds(5), absl::Milliseconds(150));
  const Network::Period* down = network_.Down();
  std::optional<core::Exchange> fault = Mangled();
  if (down != nullptr) fault = Silence("nothing gets through", !down->refuses);
  const bool silent = (fault.has_value() && !fault->response_complete && fault->request_left) ||
                      there + back >= kReadTimeout;
  if (silent) fault = Silence("no answer in time", true);
  const auto arrive = [&run, near_end = near_end_, start_time, start_elapsed, done](Answer answer) {
    if (!near_end->alive) return;
    answer.exchange.start_time = start_time;
    answer.exchange.start_elapsed = start_elapsed;
    answer.exchange.end_time = run.clock.Now();
    run.trace.Add(static_cast<uint64_t>(answer.exchange.http_status));
    done(std::move(answer));
  };
  const auto deliver = [&run, arrive](Answer answer) {
    run.AtTheMachine([arrive, answer = std::move(answer)] { arrive(answer); });
  };
  if (fault.has_value()) {
    network_.loop.PostAfter(silent ? kReadTimeout : back, [deliver, fault] {
      Answer answer;
      answer.exchange = *fault;
      deliver(std::move(answer));
    });
    return;
  }
  network_.loop.PostAfter(
      there, [&network = network_, near_end = near_end_, key, asked, back, work, deliver] {
        if (!near_end->alive) return;
        network.loop.PostAfter(back, [answer = work(key, asked), deliver] { deliver(answer); });
      });
}

void SimLink::ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) {
  Ask<core::ReadAnswer>(
      [&far_end = network_.far_end, provider_ref](const std::string& key, absl::Duration asked) {
        return far_end.Read(provider_ref, /*by_ref=*/true, key, asked);
      },
      std::move(done));
}

void SimLink::ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) {
  Ask<core::ReadAnswer>(
      [&far_end = network_.far_end, provider_topup_id](const std::string& key,
                                                       absl::Duration asked) {
        return far_end.Read(provider_topup_id, /*by_ref=*/false, key, asked);
      },
      std::move(done));
}

void SimLink::List(const upstream::ListRequest& request, Done<core::ListAnswer> done) {
  Ask<core::ListAnswer>(
      [&far_end = network_.far_end, request](const std::string& key, absl::Duration asked) {
        return far_end.List(request, key, asked);
      },
      std::move(done));
}

void SimLink::ReadPlans(Done<core::PlansAnswer> done) {
  Ask<core::PlansAnswer>(
      [&far_end = network_.far_end](const std::string&, absl::Duration) {
        return core::PlansAnswer{
            .exchange = far_end.Success(), .decoded = true, .plans = SimProvider::Plans()};
      },
      std::move(done));
}

void SimLink::ReadBalance(Done<core::BalanceAnswer> done) {
  Ask<core::BalanceAnswer>(
      [&far_end = network_.far_end](const std::string&, absl::Duration) {
        return core::BalanceAnswer{.exchange = far_end.Success(), .balance = far_end.balance()};
      },
      std::move(done));
}

void SimLink::Ping(Done<core::PingAnswer> done) {
  Ask<core::PingAnswer>(
      [&far_end = network_.far_end](const std::string&, absl::Duration) {
        return core::PingAnswer{
            .exchange = far_end.Success(), .api_up = true, .operator_up = {{"mobilis", true}}};
      },
      std::move(done));
}

void SimLink::Validate(Done<core::ValidateAnswer> done) {
  Ask<core::ValidateAnswer>(
      [&far_end = network_.far_end](const std::string& key, absl::Duration) {
        return core::ValidateAnswer{.exchange = far_end.Success(),
                                    .decoded = true,
                                    .key_enabled = true,
                                    .key_type = key,
                                    .scope = "READ-WRITE"};
      },
      std::move(done));
}

}  // namespace topup::sim
