#include "tests/integration/fault_world.h"

#include <chrono>
#include <future>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/store/open_store.h"
#include "server/upstream/build_provider.h"

namespace topup::integration {
namespace {

// Of the machine's time, for what is on its way.
constexpr absl::Duration kArrivalPatience = absl::Minutes(2);
constexpr std::chrono::milliseconds kRetrySend(20);

}  // namespace

engine::EngineOptions FastOptions() {
  engine::EngineOptions options;
  options.rules.provider_timeout = absl::Seconds(10);
  options.rules.poll_interval = absl::Seconds(1);
  options.rules.resend_grace = absl::Seconds(5);
  options.rules.refusal_check_after = absl::Seconds(1);
  options.rules.send_window = absl::Hours(100);
  options.rules.max_attempts = 50;
  options.deployment_id = "FAULTS01";
  options.breaker_failures = 1000000;
  return options;
}

FaultWorld::FaultWorld(const std::string& faults) {
  sandbox::SandboxOptions options;
  options.faults = faults;
  options.on_send = [this](const sandbox::ArrivedSend& send) { OnSend(send); };
  sandbox_ = std::make_unique<sandbox::Sandbox>(options, clock_, base::SystemRandom());
  const absl::Status started = sandbox_->Start();
  EXPECT_TRUE(started.ok()) << started;
  store_ = *store::OpenStore({.location = absl::StrCat("sqlite:", dir_.File("topup.db"))}, clock_,
                             metrics_);
  store_->SetListener(this);
  const engine::EngineOptions engine_options = FastOptions();
  upstream::UpstreamOptions upstream_options;
  upstream_options.address = {.host = "127.0.0.1", .port = sandbox_->port(), .tls = false};
  upstream_options.request_timeout = engine_options.rules.provider_timeout;
  provider_ = *upstream::BuildProvider(upstream_options, base::Secret("sandbox"), clock_, metrics_);
  budget_ = std::make_unique<upstream::RequestBudget>(1'000'000);
  reads_ = std::make_unique<base::WorkerPool>("reads", 2, 1000);
  loop_ = std::make_unique<support::FasterTaskLoop>("engine", kPace);
  log_ = std::make_unique<base::Log>(clock_, [this](absl::string_view line) { OnLog(line); });
  engine_ = std::make_unique<engine::TopupEngine>(
      engine::EngineParts{clock_, base::SystemRandom(), *log_, metrics_, *loop_, *reads_, *store_,
                          *provider_, *budget_, pricer_, signer_},
      engine_options);
  std::promise<absl::Status> up;
  engine_->Start([&up](absl::Status status) { up.set_value(std::move(status)); });
  const absl::Status status = up.get_future().get();
  EXPECT_TRUE(status.ok()) << status;
}

FaultWorld::~FaultWorld() {
  Stop();
  loop_->Stop();
  sandbox_->Stop();
  store_.reset();
}

void FaultWorld::Stop() {
  if (provider_ == nullptr) return;
  std::promise<void> drained;
  engine_->Drain([&drained] { drained.set_value(); });
  drained.get_future().wait();
  provider_.reset();
  reads_->Stop();
}

std::string FaultWorld::Send(const std::string& ref, const std::string& phone) {
  engine::SendCommand command;
  command.caller = "matrix";
  command.ref = ref;
  command.phone = *core::PhoneNumber::Parse(phone);
  command.plan_code = "PREPAID_MOBILIS";
  command.amount_dzd = 100;
  for (;;) {
    const int log_lines = LogLines();
    std::promise<absl::StatusOr<engine::SendResult>> sent;
    engine_->Send(command, [&sent](absl::StatusOr<engine::SendResult> result) {
      sent.set_value(std::move(result));
    });
    const absl::StatusOr<engine::SendResult> result = sent.get_future().get();
    if (result.ok()) return result->topup.id;
    if (base::ErrorReason(result.status()) == "PROVIDER_BALANCE_LOW") {
      // Another one was refused for want of money, and the balance is being read: whatever
      // comes of that is logged.
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_for(lock, kRetrySend, [&] { return log_lines_ != log_lines; });
      continue;
    }
    ADD_FAILURE() << ref << ": " << result.status();
    return "";
  }
}

void FaultWorld::OnCommitted(const std::vector<core::Event>& events) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const core::Event& event : events) events_[event.topup.id].push_back(event.topup);
  changed_.notify_all();
}

void FaultWorld::OnFatal(const absl::Status& reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  violations_.push_back(absl::StrCat("the store failed: ", reason.ToString()));
}

void FaultWorld::OnSend(const sandbox::ArrivedSend& send) {
  std::string problem;
  const absl::StatusOr<core::Topup> topup = store_->FindByProviderRef(send.ref);
  if (!topup.ok()) {
    problem = "a POST of a top-up that is not recorded";
  } else if (store_->Attempts(topup->id)->size() < static_cast<size_t>(send.posts_of_ref)) {
    problem = "a POST without its attempt";
  } else if (send.phone != topup->phone.National() || send.plan_code != topup->plan_code) {
    problem = "a POST of something else than what was ordered";
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  ++posts_[send.ref];
  if (!problem.empty()) violations_.push_back(absl::StrCat(send.ref, ": ", problem));
  changed_.notify_all();
}

int FaultWorld::LogLines() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return log_lines_;
}

void FaultWorld::OnLog(absl::string_view line) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++log_lines_;
    changed_.notify_all();
  }
  // What a person does about it: the key is good, go on.
  if (absl::StrContains(line, "account.paused")) engine_->KeyChanged();
}

std::set<std::string> FaultWorld::AwaitSettled(const std::vector<std::string>& ids,
                                               absl::Duration patience) {
  std::set<std::string> open(ids.begin(), ids.end());
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(patience), [&] {
    for (auto id = open.begin(); id != open.end();) {
      const std::vector<core::Topup>& seen = events_[*id];
      id = !seen.empty() && core::IsSettled(seen.back().status) ? open.erase(id) : std::next(id);
    }
    return open.empty();
  });
  return open;
}

// A caller sees each revision once, in order, never a step back, and one end.
void FaultWorld::CheckEvents(const core::Topup& topup, std::vector<std::string>& violations) {
  int64_t revision = 0;
  int rank = 0;
  bool settled = false;
  for (const core::Topup& event : events_[topup.id]) {
    const std::string at = absl::StrCat(topup.ref, " revision ", event.revision, ": ");
    if (event.revision != ++revision) violations.push_back(at + "out of order");
    // Back to QUEUED where the POST was proven not to have been taken.
    const bool requeued = event.status == core::TopupStatus::kQueued;
    if (core::Rank(event.status) < rank && !requeued) violations.push_back(at + "back in rank");
    if (settled) violations.push_back(at + "changed after it was settled");
    rank = core::Rank(event.status);
    settled = core::IsSettled(event.status);
  }
  if (revision != topup.revision) violations.push_back(topup.ref + ": revisions are missing");
}

void FaultWorld::CheckAgainstProvider(const core::Topup& topup,
                                      const std::vector<sandbox::AcceptedTopup>& accepted,
                                      std::vector<std::string>& violations) {
  using core::TopupStatus;
  const auto break_of = [&](absl::string_view what) {
    violations.push_back(
        absl::StrCat(topup.ref, " (", core::StatusName(topup.status), "): ", what));
  };
  int count = 0;
  bool as_ordered = true;
  std::string status;
  for (const sandbox::AcceptedTopup& one : accepted) {
    if (!core::IsOurRef(one.ref, topup.provider_ref)) continue;
    ++count;
    status = one.status;
    as_ordered = one.phone == topup.phone.National() && one.amount_dzd == topup.amount_dzd &&
                 one.plan_code == topup.plan_code;
  }
  if (count > 1) break_of("accepted more than once");
  if (topup.status == TopupStatus::kFulfilled && status != "FULFILLED") break_of("not delivered");
  if (topup.status == TopupStatus::kFulfilled && !as_ordered) break_of("something else was sold");
  if (topup.advice == core::RefundAdvice::kRefund && count > 0 && status != "REFUNDED") {
    break_of(absl::StrCat("refund advised, and the provider has it as ", status));
  }
  if (!core::IsSettled(topup.status) && topup.progress.next_action == core::NextAction::kNone) {
    break_of("forgotten");
  }
}

void FaultWorld::CheckPosts(const core::Topup& topup, std::vector<std::string>& violations) {
  const std::vector<core::Attempt> attempts = store_->Attempts(topup.id).value();
  int sent = 0;
  for (const core::Attempt& attempt : attempts) {
    sent += attempt.evidence != core::Attempt::Evidence::kUnsent;
    if (attempt.evidence == core::Attempt::Evidence::kInFlight) {
      violations.push_back(topup.ref + ": an attempt has no end");
    }
  }
  std::unique_lock<std::mutex> lock(mutex_);
  const int& posts = posts_[topup.provider_ref];
  changed_.wait_for(lock, absl::ToChronoNanoseconds(kArrivalPatience),
                    [&] { return posts >= sent; });
  if (posts != sent) {
    violations.push_back(absl::StrCat(topup.ref, ": ", attempts.size(), " attempts, of which ",
                                      sent, " may have left, and ", posts, " POSTs arrived"));
  }
}

std::vector<std::string> FaultWorld::FindViolations() {
  Stop();
  const store::ListResult all = store_->List({.caller = "matrix", .limit = 1000}).value();
  std::vector<std::string> violations;
  for (const core::Topup& listed : all.topups) CheckPosts(listed, violations);
  const std::vector<sandbox::AcceptedTopup> accepted = sandbox_->AcceptedTopups();
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const core::Topup& listed : all.topups) {
    const core::Topup topup = store_->FindById(listed.id).value();
    CheckEvents(topup, violations);
    CheckAgainstProvider(topup, accepted, violations);
  }
  for (const sandbox::AcceptedTopup& one : accepted) {
    // Refs are shown behind the account's name.
    const size_t place = one.ref.find("s-FAULTS01-");
    if (place == std::string::npos || !store_->FindByProviderRef(one.ref.substr(place)).ok()) {
      violations.push_back(one.ref + ": accepted, and not in the store");
    }
  }
  violations.insert(violations.end(), violations_.begin(), violations_.end());
  return violations;
}

}  // namespace topup::integration
