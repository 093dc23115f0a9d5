#include "tests/integration/fault_world.h"

#include <chrono>
#include <fstream>
#include <future>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/store/open_store.h"
#include "server/upstream/build_provider.h"

namespace topup::integration {
namespace {

// How often what is not announced is looked at.
constexpr std::chrono::milliseconds kLookEvery(20);
constexpr std::chrono::minutes kStartPatience(3);
// Further questions after which a top-up that waits for a person stays as it is.
constexpr int64_t kQuestionsWhileHeld = 2;
constexpr int kPostsAtOnce = 8;

// Nothing gives up because the machine is slow.
engine::EngineOptions FastOptions() {
  engine::EngineOptions options;
  options.rules.provider_timeout = absl::Seconds(10);
  options.rules.poll_interval = absl::Seconds(1);
  options.rules.resend_grace = absl::Seconds(5);
  options.rules.refusal_check_after = absl::Seconds(1);
  options.rules.send_window = absl::Hours(100);
  options.rules.max_attempts = 50;
  options.submit_concurrency = kPostsAtOnce;
  options.deployment_id = "FAULTS01";
  options.breaker_failures = 1'000'000;
  return options;
}

// The text between `name` and the next quotation mark.
std::string TextField(absl::string_view line, absl::string_view name) {
  const std::string begin = absl::StrCat("\"", name, "\":\"");
  const size_t place = line.find(begin);
  if (place == absl::string_view::npos) return "";
  const absl::string_view rest = line.substr(place + begin.size());
  return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace

FaultWorld::FaultWorld(const WorldOptions& options) {
  sandbox::SandboxOptions sandbox_options;
  sandbox_options.faults = options.faults;
  sandbox_options.on_send = [this](const sandbox::ArrivedSend& send) { OnSend(send); };
  sandbox_ = std::make_unique<sandbox::Sandbox>(sandbox_options, clock_, base::SystemRandom());
  const absl::Status serving = sandbox_->Start();
  if (!serving.ok()) violations_.push_back("the stand-in: " + serving.ToString());
  store_ = *store::OpenStore({.location = absl::StrCat("sqlite:", dir_.File("topup.db"))}, clock_,
                             metrics_);
  store_->SetListener(this);
  provider_ = BuildProvider(options.detour);
  budget_ = std::make_unique<upstream::RequestBudget>(1'000'000);
  reads_ = std::make_unique<base::WorkerPool>("reads", 2, 1000);
  loop_ = std::make_unique<support::FasterTaskLoop>("engine", kPace);
  log_ = std::make_unique<base::Log>(clock_, [this](absl::string_view line) { OnLog(line); });
  engine_ = std::make_unique<engine::TopupEngine>(
      engine::EngineParts{clock_, base::SystemRandom(), *log_, metrics_, *loop_, *reads_, *store_,
                          *provider_, *budget_, pricer_, signer_},
      FastOptions());
  std::promise<absl::Status> up;
  engine_->Start([&up](absl::Status status) { up.set_value(std::move(status)); });
  const absl::Status started = up.get_future().get();
  std::unique_lock<std::mutex> lock(mutex_);
  if (!started.ok()) violations_.push_back("the engine: " + started.ToString());
  // On a slow machine either may only come with a later try.
  changed_.wait_for(lock, kStartPatience, [this] { return key_validated_ && plans_read_; });
}

FaultWorld::~FaultWorld() {
  Stop();
  loop_->Stop();
  proxy_.reset();
  sandbox_->Stop();
  store_.reset();
}

std::unique_ptr<upstream::Provider> FaultWorld::BuildProvider(const std::optional<Detour>& detour) {
  upstream::UpstreamOptions options;
  options.address = {.host = "127.0.0.1", .port = sandbox_->port(), .tls = false};
  options.request_timeout = FastOptions().rules.provider_timeout;
  options.submit_concurrency = kPostsAtOnce;
  const auto build = [this](const upstream::UpstreamOptions& built) {
    return *upstream::BuildProvider(built, base::Secret("sandbox"), clock_, metrics_);
  };
  std::unique_ptr<upstream::KeyedProvider> direct = build(options);
  if (!detour.has_value()) return direct;
  posts_take_the_detour_ = detour->call == Call::kSend;
  if (detour->tls) {
    certificates_ = std::make_unique<support::ProxyCertificates>();
    options.ca_file = dir_.File("ca.pem");
    std::ofstream(options.ca_file)
        << certificates_->good.CertificatePem() << certificates_->expired.CertificatePem();
  }
  proxy_ =
      std::make_unique<support::ChaosProxy>(sandbox_->port(), *detour->plan, certificates_.get());
  options.address.port = proxy_->port();
  options.address.tls = detour->tls;
  return std::make_unique<DetourProvider>(detour->call, build(options), std::move(direct));
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
    const int64_t log_lines = LogLines();
    std::promise<absl::StatusOr<engine::SendResult>> sent;
    engine_->Send(command, [&sent](absl::StatusOr<engine::SendResult> result) {
      sent.set_value(std::move(result));
    });
    const absl::StatusOr<engine::SendResult> result = sent.get_future().get();
    std::unique_lock<std::mutex> lock(mutex_);
    if (result.ok()) {
      topup_ids_.push_back(result->topup.id);
      return result->topup.id;
    }
    if (base::ErrorReason(result.status()) != "PROVIDER_BALANCE_LOW") {
      violations_.push_back(absl::StrCat(ref, ": refused: ", result.status().ToString()));
      return "";
    }
    // Another one was refused for want of money, and the balance is being read: what comes of
    // that is mostly logged.
    changed_.wait_for(lock, kLookEvery, [&] { return log_lines_ != log_lines; });
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

int64_t FaultWorld::LogLines() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return log_lines_;
}

void FaultWorld::OnLog(absl::string_view line) {
  // What a person does about it: the key is good, go on.
  if (absl::StrContains(line, "account.paused")) engine_->KeyChanged();
  const bool mismatch = absl::StrContains(line, "incident.found") &&
                        absl::StrContains(line, "\"kind\":\"FIELDS_MISMATCH\"");
  const bool duplicate = absl::StrContains(line, "\"meaning\":\"DUPLICATE\"");
  const std::lock_guard<std::mutex> lock(mutex_);
  ++log_lines_;
  key_validated_ = key_validated_ || absl::StrContains(line, "\"key.validated\"");
  plans_read_ = plans_read_ || absl::StrContains(line, "\"plans.read\"");
  if (mismatch || duplicate) {
    held_.emplace(TextField(line, "topup_id"), QuestionsAsked());
  }
  changed_.notify_all();
}

int64_t FaultWorld::QuestionsAsked() const {
  return sandbox_->RequestCount("check_ref") + sandbox_->RequestCount("check_id") +
         sandbox_->RequestCount("list");
}

bool FaultWorld::IsDone(const std::string& id, Held held) {
  const std::vector<core::Topup>& seen = events_[id];
  if (!seen.empty() && core::IsSettled(seen.back().status)) return true;
  const auto since = held_.find(id);
  if (held == Held::kAreOpen || since == held_.end()) return false;
  return QuestionsAsked() - since->second >=
         kQuestionsWhileHeld * static_cast<int64_t>(held_.size());
}

std::set<std::string> FaultWorld::AwaitEnd(const std::vector<std::string>& ids, Held held,
                                           absl::Duration patience) {
  const absl::Duration deadline = base::RealClock().Elapsed() + patience;
  std::set<std::string> open(ids.begin(), ids.end());
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    // As long as the first is open, the others need not be looked at.
    const bool late = base::RealClock().Elapsed() >= deadline;
    for (auto id = open.begin(); id != open.end() && (late || IsDone(*id, held));) {
      id = IsDone(*id, held) ? open.erase(id) : std::next(id);
    }
    if (open.empty() || late) return open;
    changed_.wait_for(lock, kLookEvery);
  }
}

}  // namespace topup::integration
