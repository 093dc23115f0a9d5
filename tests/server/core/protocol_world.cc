#include "tests/server/core/protocol_world.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/server/core/scenario.h"

namespace topup::core {
namespace {

using Phase = Worker::Phase;
using Reply = Worker::Reply;

constexpr int kWindowTicks = 4;
constexpr int kHorizonTicks = 5;

std::string RefName(int ref) { return absl::StrCat("r", ref); }

void Commit(World& world, const Decision& decision) {
  if (decision.changed) world.row = decision.topup;
}

void Release(World& world) {
  world.row.status = TopupStatus::kRejected;
  world.row.progress.next_action = NextAction::kNone;
}

Exchange Timed(Exchange exchange, absl::Time start, absl::Time end) {
  exchange.start_time = start;
  exchange.end_time = end;
  exchange.provider_time = end;
  return exchange;
}

SendAnswer MakeSendAnswer(const Worker& worker, absl::Time now) {
  SendAnswer answer;
  switch (worker.reply) {
    case Reply::kUnsent:
      answer = Unsent();
      break;
    case Reply::kAccepted:
      answer = Accepted(RefName(worker.ref));
      break;
    case Reply::kDuplicate:
      answer = Refused(403, "DUPLICATED_REF");
      break;
    case Reply::kNoBalance:
      answer = Refused(403, "INSUFFICIENT_BALANCE");
      break;
    case Reply::kThrottled:
      answer = Refused(429, "RATE_LIMIT_EXCEEDED");
      break;
    case Reply::kConfiguration:
      answer = Refused(401, "INVALID_ACCESS_TOKEN");
      break;
    default:
      answer = TimedOut();
      break;
  }
  answer.exchange = Timed(answer.exchange, now, now);
  return answer;
}

ReadAnswer MakeReadAnswer(const World& world, const Worker& worker) {
  ReadAnswer answer = NotFound();
  if (worker.reply == Reply::kFound) answer = Shown(world.row, ProviderTopup::Status::kPending);
  answer.exchange = Timed(answer.exchange, world.now, world.now);
  return answer;
}

Decision MakeClaim(const World& world, const Variant& variant) {
  return Claim(world.row, ModelRules(variant), "main", "SANDBOX", {.now = world.now});
}

// The refs of the model run out; by then it has shown enough.
int NewRef(World& world) {
  const int last = static_cast<int>(world.accepted.size()) - 1;
  return world.ref_count < last ? world.ref_count++ : last;
}

void StepClaim(const World& world, size_t index, const Variant& variant, const Visit& visit) {
  const Decision decision = MakeClaim(world, variant);
  if (!decision.changed) {
    return;
  }
  World next = world;
  if (!decision.topup.progress.in_flight) {
    Commit(next, decision);
    visit("the window has closed: back to asking", std::move(next));
    return;
  }
  Worker& worker = next.workers[index];
  worker.phase = Phase::kClaimed;
  worker.fence = decision.topup.progress.fence;
  worker.watchdog = decision.topup.progress.next_action_time;
  if (variant.intent_not_stored) {
    worker.ref = NewRef(next);
    visit("claim in memory", std::move(next));
    return;
  }
  Commit(next, decision);
  if (variant.new_ref_for_each_post) {
    next.ref = NewRef(next);
    next.row.provider_ref = RefName(next.ref);
  }
  worker.ref = next.ref;
  visit("claim", std::move(next));
}

// At any time: its owner may be dead, or only believed to be.
void StepTakeOver(const World& world, const Variant& variant, const Visit& visit) {
  if (!world.row.progress.in_flight) {
    return;
  }
  World next = world;
  Commit(next, TakeOver(world.row, std::nullopt, world.now));
  if (variant.take_over_sends_without_asking &&
      MayResend(next.row, ModelRules(variant), next.now)) {
    next.row.progress.next_action = NextAction::kResend;
  }
  visit("take over", std::move(next));
}

void StepRead(const World& world, size_t index, const Visit& visit) {
  if (world.row.status != TopupStatus::kSubmitting ||
      world.row.progress.next_action != NextAction::kReadByRef) {
    return;
  }
  const auto read = [&](const char* step, Reply reply) {
    World next = world;
    Worker& worker = next.workers[index];
    worker.phase = Phase::kRead;
    worker.reply = reply;
    worker.ref = world.ref;
    visit(step, std::move(next));
  };
  const bool there = world.accepted[world.ref] > 0;
  if (there) read("read: found", Reply::kFound);
  if (!there) read("read: not found", Reply::kNotFound);
  if (there && world.now < world.accept_time[world.ref] + kLagTicks * kTick) {
    read("read that lags: not found", Reply::kNotFound);
  }
}

void Take(World& world, int ref) {
  if (world.accepted[ref]++ == 0) world.accept_time[ref] = world.now;
}

void StepPost(const World& world, size_t index, const Variant& variant, const Visit& visit) {
  const auto post = [&](const char* step, Reply reply, auto change) {
    World next = world;
    Worker& worker = next.workers[index];
    worker.phase = Phase::kAnswered;
    worker.reply = reply;
    change(next);
    visit(step, std::move(next));
  };
  const auto nothing = [](World&) {};
  post("POST: not a byte leaves", Reply::kUnsent, nothing);
  const Worker& worker = world.workers[index];
  if (world.now >= worker.watchdog) {
    return;  // It woke up too late, and sends nothing.
  }
  const int ref = worker.ref;
  post("POST: lost on the way", Reply::kLost, nothing);
  post("POST: 429", Reply::kThrottled, nothing);
  post("POST: 401", Reply::kConfiguration, nothing);
  // The balance is looked at first, then the ref.
  if (!world.has_balance) {
    post("POST: no balance", Reply::kNoBalance, nothing);
    if (variant.atomic_uniqueness) return;
  } else if (world.accepted[ref] > 0) {
    post("POST: duplicate", Reply::kDuplicate, nothing);
  } else {
    post("POST: accepted", Reply::kAccepted, [ref](World& next) { Take(next, ref); });
    post("POST: accepted, reply lost", Reply::kLost, [ref](World& next) { Take(next, ref); });
  }
  const bool passes = world.has_balance && world.accepted[ref] == 0;
  if (variant.atomic_uniqueness || passes) {
    post("POST: waits in a queue, reply lost", Reply::kLost, [ref](World& next) {
      next.queue.push_back({.ref = ref, .deadline = next.now + kQueueTicks * kTick});
    });
  }
}

void StepAnswered(const World& world, size_t index, const Variant& variant, const Visit& visit) {
  World next = world;
  const Worker worker = std::exchange(next.workers[index], Worker());
  if (variant.intent_not_stored) {
    const Decision claim = MakeClaim(world, variant);
    if (!claim.changed) {
      visit("answer for nobody", std::move(next));
      return;
    }
    next.row = claim.topup;
    next.row.provider_ref = RefName(worker.ref);
    next.ref = worker.ref;
  }
  const Progress before = next.row.progress;
  const Decision decision =
      ApplySendAnswer(next.row, ModelRules(variant), before.in_flight ? worker.fence : 0,
                      MakeSendAnswer(worker, world.now), {.now = world.now, .key_proven = true});
  Commit(next, decision);
  const bool released =
      (variant.duplicate_is_failure && worker.reply == Reply::kDuplicate) ||
      (variant.believe_refusal_after_doubt && worker.reply == Reply::kNoBalance && before.doubtful);
  if (decision.changed && released) Release(next);
  if (decision.changed && variant.grace_from_first_post && before.posts > 0) {
    next.row.progress.last_transmission_end = before.last_transmission_end;
    next.row.progress.first_valid_not_found = before.first_valid_not_found;
    next.row.progress.valid_not_founds = before.valid_not_founds;
  }
  visit("commit the answer", std::move(next));
}

void StepReadApplied(const World& world, size_t index, const Variant& variant, const Visit& visit) {
  World next = world;
  const Worker worker = std::exchange(next.workers[index], Worker());
  // A read under another ref says nothing of this one.
  if (worker.ref == world.ref) {
    const Decision decision =
        ApplyDoubtRead(world.row, ModelRules(variant), MakeReadAnswer(world, worker),
                       {.now = world.now, .key_proven = true});
    Commit(next, decision);
    if (variant.release_on_first_not_found && decision.check.has_value() &&
        decision.check->valid_not_found) {
      Release(next);
    }
  }
  visit("commit the read", std::move(next));
}

void StepWorker(const World& world, size_t index, const Variant& variant, const Visit& visit) {
  switch (world.workers[index].phase) {
    case Phase::kIdle:
      StepClaim(world, index, variant, visit);
      StepTakeOver(world, variant, visit);
      StepRead(world, index, visit);
      return;
    case Phase::kClaimed:
      StepPost(world, index, variant, visit);
      break;
    case Phase::kAnswered:
      StepAnswered(world, index, variant, visit);
      break;
    case Phase::kRead:
      StepReadApplied(world, index, variant, visit);
      break;
  }
  World next = world;
  next.workers[index] = Worker();
  visit("crash", std::move(next));
}

void StepProvider(const World& world, const Variant& variant, const Visit& visit) {
  for (size_t i = 0; i < world.queue.size(); ++i) {
    World next = world;
    const int ref = next.queue[i].ref;
    next.queue.erase(next.queue.begin() + i);
    if (!variant.atomic_uniqueness || (world.has_balance && world.accepted[ref] == 0)) {
      Take(next, ref);
    }
    visit("the queue moves", std::move(next));
  }
  if (world.has_balance) {
    World next = world;
    next.has_balance = false;
    visit("the balance runs out", std::move(next));
  }
}

// Time waits for whoever holds an answer, who may still lose it or come too late within the
// tick; a worker that has claimed may sleep past its watchdog.
void StepTime(const World& world, const Visit& visit) {
  for (const World::Waiting& waiting : world.queue) {
    if (waiting.deadline <= world.now) return;
  }
  for (const Worker& worker : world.workers) {
    if (worker.phase == Phase::kAnswered || worker.phase == Phase::kRead) return;
  }
  World next = world;
  next.now += kTick;
  visit("a tick passes", std::move(next));
}

// From `now`; what lies further away than `far` behaves alike.
char Ticks(absl::Duration duration, int far) {
  return static_cast<char>(std::clamp<int64_t>(duration / kTick, -far, far));
}

}  // namespace

ProtocolRules ModelRules(const Variant& variant) {
  ProtocolRules rules;
  rules.provider_timeout = kTick;
  rules.resend_grace = variant.grace_ticks * kTick;
  rules.send_window = kWindowTicks * kTick;
  rules.never_accepted_after = kHorizonTicks * kTick;
  rules.max_attempts = 3;
  return rules;
}

World World::First(const Variant& variant) {
  World world;
  world.workers.resize(static_cast<size_t>(variant.workers));
  world.now = absl::FromUnixSeconds(1'790'000'000);
  Topup topup;
  topup.id = "t";
  topup.phone = *PhoneNumber::Parse("0612345601");
  topup.amount_dzd = 500;
  topup.provider_ref = RefName(0);
  topup.create_time = world.now;
  topup.send_before = world.now + ModelRules(variant).send_window;
  world.row = MakeQueued(std::move(topup));
  return world;
}

int World::AcceptedCount() const { return std::accumulate(accepted.begin(), accepted.end(), 0); }

bool World::IsEnded() const {
  return IsSettled(row.status) || row.progress.next_action == NextAction::kReadStatus;
}

std::string World::Violation() const {
  if (AcceptedCount() > 1) return kAcceptedTwice;
  const bool released = IsSettled(row.status);  // nothing here is ever FULFILLED
  return released && AcceptedCount() > 0 ? kReleasedThoughAccepted : "";
}

std::string World::Key() const {
  const Progress& progress = row.progress;
  std::string key;
  const auto put = [&key](auto value) { key.push_back(static_cast<char>(value)); };
  const auto put_time = [&](const std::optional<absl::Time>& time, int far) {
    put(time.has_value() ? Ticks(*time - now, far) : 100);
  };
  put(row.status);
  put(has_balance);
  put(ref);
  put(ref_count);
  // An ended row moves no more: what it remembers does not matter.
  if (!IsEnded()) {
    put(progress.next_action);
    put(progress.in_flight | progress.doubtful << 1 | progress.duplicate_seen << 2 |
        progress.throttled << 3);
    put(progress.posts);
    put(progress.provisional_rejection);
    put(std::min(progress.valid_not_founds, 2));
    put_time(progress.last_transmission_end, kHorizonTicks + 1);
    put_time(progress.first_valid_not_found, kHorizonTicks + 1);
    put_time(row.create_time, kWindowTicks + 1);
    put(progress.next_action == NextAction::kPost && progress.next_action_time <= now);
    put(progress.in_flight ? Ticks(progress.next_action_time - now, kHorizonTicks + 1) : 0);
  }
  for (size_t i = 0; i < accepted.size(); ++i) {
    put(accepted[i]);
    put(accepted[i] > 0 ? Ticks(accept_time[i] - now, kLagTicks) : 0);
  }
  std::vector<std::string> parts;
  for (const Waiting& waiting : queue) {
    parts.push_back({static_cast<char>(waiting.ref), Ticks(waiting.deadline - now, kQueueTicks)});
  }
  std::sort(parts.begin(), parts.end());
  for (const std::string& part : parts) key += part;
  parts.clear();
  for (const Worker& worker : workers) {
    parts.push_back({static_cast<char>(worker.phase), static_cast<char>(worker.reply),
                     static_cast<char>(worker.ref), worker.fence == progress.fence ? '=' : '<',
                     worker.phase == Phase::kClaimed ? Ticks(worker.watchdog - now, 1) : '0'});
  }
  std::sort(parts.begin(), parts.end());
  for (const std::string& part : parts) key += '|' + part;
  return key;
}

void ForEachStep(const World& world, const Variant& variant, const Visit& visit) {
  for (size_t index = 0; index < world.workers.size(); ++index) {
    StepWorker(world, index, variant, visit);
  }
  StepProvider(world, variant, visit);
  // A claim that is not stored would also let it be cancelled on its way; that is not the point.
  if (variant.intent_not_stored) {
    StepTime(world, visit);
    return;
  }
  for (const auto& [step, decision] :
       {std::pair{"the caller cancels", CancelQueued(world.row, world.now)},
        std::pair{"expire", Expire(world.row, world.now)}}) {
    if (!decision.changed) continue;
    World next = world;
    Commit(next, decision);
    visit(step, std::move(next));
  }
  StepTime(world, visit);
}

}  // namespace topup::core
