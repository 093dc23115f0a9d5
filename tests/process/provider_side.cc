#include "tests/process/provider_side.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/base/random.h"

namespace topup::process {
namespace {

using Shown = core::ProviderTopup::Status;

constexpr char kEnvironment[] = "SANDBOX";  // of the one key that it knows

// Enough for millions of top-ups.
constexpr int64_t kBalanceCentimes = 1'000'000'000'000;

constexpr char kLife[] = "behaviour { pending_ms: 400 handling_ms: 400 }\n";
constexpr char kTrouble[] = R"(
  rules { endpoints: SEND kind: CLOSE moment: AFTER_ACCEPTANCE per_mille: 20 }
  rules { endpoints: SEND kind: CLOSE attempts: FIRST per_mille: 20 }
  rules { endpoints: SEND kind: HANG moment: AFTER_ACCEPTANCE per_mille: 3 }
  rules { endpoints: SEND kind: REFUSE http_status: 500 error_code: 'INTERNAL_ERROR'
          moment: AFTER_ACCEPTANCE per_mille: 10 }
  rules { endpoints: SEND kind: REFUSE error_code: 'ERR_PHONE' attempts: FIRST per_mille: 15 }
  rules { endpoints: SEND kind: REFUSE error_code: 'ERR_PHONE' moment: AFTER_ACCEPTANCE
          attempts: FIRST per_mille: 5 }
  rules { endpoints: SEND kind: DELAY delay_ms: 100 moment: AFTER_ACCEPTANCE per_mille: 400 }
  rules { endpoints: CHECK_REF endpoints: CHECK_ID kind: CLOSE per_mille: 30 }
  rules { endpoints: LIST kind: CLOSE per_mille: 20 }
)";

Shown StatusOf(const std::string& word) {
  if (word == "PENDING") return Shown::kPending;
  if (word == "HANDLING") return Shown::kHandling;
  if (word == "FULFILLED") return Shown::kFulfilled;
  if (word == "REFUNDED") return Shown::kRefunded;
  if (word == "UNKNOWN_ERROR") return Shown::kUnknownError;
  return Shown::kUnrecognised;
}

}  // namespace

ProviderSide::ProviderSide(const StepClock& clock, StoreReader& reader, Problems& problems,
                           uint64_t seed)
    : clock_(clock), reader_(reader), problems_(problems), dice_(seed) {}

ProviderSide::~ProviderSide() {
  if (sandbox_ != nullptr) sandbox_->Stop();
}

absl::Status ProviderSide::Start() {
  sandbox::SandboxOptions options;
  options.api_keys = {kKey};
  options.faults = absl::StrCat(kTrouble, kLife);
  options.balance_centimes = kBalanceCentimes;
  options.on_send = [this](const sandbox::ArrivedSend& send) { OnSend(send); };
  options.on_decided = [this](const sandbox::DecidedRequest& request) { OnDecided(request); };
  sandbox_ = std::make_unique<sandbox::Sandbox>(options, clock_.clock(), base::SystemRandom());
  return sandbox_->Start();
}

std::string ProviderSide::url() const {
  return absl::StrCat("http://127.0.0.1:", sandbox_->port());
}

void ProviderSide::OnSend(const sandbox::ArrivedSend& send) {
  // The look comes first: what is committed later does not count.
  const absl::StatusOr<int64_t> attempts = reader_.CountAttempts(send.ref);
  if (!attempts.ok()) {
    problems_.Add(absl::StrCat("the store could not be read when a POST arrived: ",
                               attempts.status().ToString()));
  }
  sim::LedgerPost post;
  post.provider_ref = send.ref;
  post.phone = send.phone;
  post.plan_code = send.plan_code;
  post.amount_dzd = send.amount_dzd.value_or(-1);
  post.committed_attempts = static_cast<int>(attempts.value_or(0));
  post.environment = kEnvironment;
  const std::lock_guard<std::mutex> lock(mutex_);
  post.step = clock_.Step();
  post.begin = post.end = absl::Nanoseconds(post.step);
  posts_of_ref_[send.ref].push_back(posts_.size());
  posts_.push_back(std::move(post));
  post_arrived_.notify_all();
}

void ProviderSide::OnDecided(const sandbox::DecidedRequest& request) {
  if (request.endpoint == "send") {
    NoteDecision(request);
    if (request.accepted) ChooseEnd(request.ref);
    return;
  }
  // A read that does not arrive shows nothing.
  if (request.fault.empty()) NoteReads(request);
}

void ProviderSide::NoteDecision(const sandbox::DecidedRequest& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::vector<size_t>& posts = posts_of_ref_[request.ref];
  if (request.posts_of_ref < 1 || request.posts_of_ref > static_cast<int>(posts.size())) {
    problems_.Add(absl::StrCat("POST ", request.posts_of_ref, " of ", request.ref,
                               " was decided and had not arrived"));
    return;
  }
  sim::LedgerPost& post = posts_[posts[static_cast<size_t>(request.posts_of_ref) - 1]];
  post.accepted = request.accepted;
  if (request.accepted) accepted_at_.emplace(request.ref, clock_.Step());
  post.end = clock_.Elapsed() + request.held_back;
}

void ProviderSide::NoteReads(const sandbox::DecidedRequest& request) {
  std::vector<std::string> seen_unknown;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int64_t step = clock_.Step();
    for (const sandbox::DecidedRequest::Shown& shown : request.shown) {
      const Shown status = StatusOf(shown.status);
      reads_.push_back({.step = step,
                        .provider_ref = shown.ref,
                        .status = status,
                        .begin = absl::Nanoseconds(step),
                        .provider_time = request.time});
      if (status == Shown::kUnknownError) seen_unknown.push_back(shown.ref);
    }
  }
  for (const std::string& ref : seen_unknown) SettleUnknown(ref);
}

// Most are FULFILLED by themselves.
void ProviderSide::ChooseEnd(const std::string& ref) {
  const char* status = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t chance = dice_.Below(1000);
    if (chance < 60) {
      status = "REFUNDED";
    } else if (chance < 90) {
      status = "UNKNOWN_ERROR";
      unknown_.insert(ref);
    }
  }
  if (status == nullptr) return;
  if (const absl::Status set = sandbox_->SetStatus(ref, status); !set.ok()) {
    problems_.Add(absl::StrCat(ref, " could not be made ", status, ": ", set.ToString()));
  }
}

// Once it was shown, so that our side has had to deal with it.
void ProviderSide::SettleUnknown(const std::string& ref) {
  bool refunded = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (unknown_.erase(ref) == 0) return;
    refunded = dice_.Chance(500);
  }
  const absl::Status set = sandbox_->SetStatus(ref, refunded ? "REFUNDED" : "FULFILLED");
  if (!set.ok()) problems_.Add(absl::StrCat(ref, " could not be settled: ", set.ToString()));
}

void ProviderSide::Heal() {
  if (const absl::Status set = sandbox_->SetFaults(kLife); !set.ok()) {
    problems_.Add(absl::StrCat("the faults could not be taken back: ", set.ToString()));
  }
}

void ProviderSide::AwaitPosts(int64_t count, absl::Duration patience) {
  std::unique_lock<std::mutex> lock(mutex_);
  const size_t goal = posts_.size() + static_cast<size_t>(count);
  post_arrived_.wait_for(lock, absl::ToChronoNanoseconds(patience),
                         [&] { return posts_.size() >= goal; });
}

void ProviderSide::WriteHistory(sim::History& history) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  history.balance_before = core::Money::Centimes(kBalanceCentimes);
  for (const sandbox::AcceptedTopup& accepted : sandbox_->AcceptedTopups()) {
    sim::LedgerTopup entry;
    const auto step = accepted_at_.find(accepted.ref);
    entry.step = step == accepted_at_.end() ? 0 : step->second;
    entry.id = accepted.id;
    entry.provider_ref = accepted.ref;
    entry.phone = accepted.phone;
    entry.plan_code = accepted.plan_code;
    entry.amount_dzd = accepted.amount_dzd;
    entry.charge = core::Money::Centimes(accepted.charge_centimes);
    entry.given_back = accepted.given_back;
    entry.status = StatusOf(accepted.status);
    history.accepted.push_back(std::move(entry));
  }
  history.balance_after = core::Money::Centimes(sandbox_->BalanceCentimes());

  history.reads = reads_;
  history.posts = posts_;
  const auto rows = history.RowsByProviderRef();
  for (sim::LedgerPost& post : history.posts) {
    // Where our end may have given up sooner than the stand-in knows, it was open for no time
    // that could be sworn to.
    const auto row = rows.find(post.provider_ref);
    const std::vector<core::Attempt>* attempts =
        row == rows.end() ? nullptr : &history.attempts[row->second->id];
    const bool answered = attempts != nullptr && attempts->size() == 1 &&
                          attempts->front().evidence == core::Attempt::Evidence::kAnswered;
    if (!answered) post.end = post.begin;
  }
}

}  // namespace topup::process
