#include "tests/process/service_side.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/signer.h"
#include "server/base/status_macros.h"

namespace topup::process {
namespace {

// How long a start or an end may take on a machine that has other work; far above what it takes.
constexpr absl::Duration kPatience = absl::Minutes(2);
// Streams of a thousand watchers, and calls, over a few connections.
constexpr int kChannels = 8;

std::string LogPath(const std::string& folder) { return folder + "/topupd.log"; }

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  std::error_code ignored;
  // Some are keys.
  std::filesystem::permissions(path, std::filesystem::perms(0600), ignored);
  return file ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(path, " is not written"));
}

std::shared_ptr<Connections> Connect(const std::string& address, int generation) {
  auto connections = std::make_shared<Connections>();
  connections->generation = generation;
  for (int i = 0; i < kChannels; ++i) {
    grpc::ChannelArguments arguments;
    // Otherwise all channels to one address would share a connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    connections->stubs.push_back(v1::TopupService::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  return connections;
}

}  // namespace

std::vector<CallerName> MakeCallers(int count) {
  std::vector<CallerName> callers;
  for (int i = 0; i < count; ++i) {
    callers.push_back(
        {absl::StrCat("shop-", i), absl::StrCat("bearer-token-of-shop-", i, "-only")});
  }
  return callers;
}

ServiceSide::ServiceSide(ServiceOptions options, const StepClock& clock, StoreReader& reader,
                         CommitWatch& watch)
    : options_(std::move(options)), clock_(clock), reader_(reader), watch_(watch) {}

absl::Status ServiceSide::Launch() {
  const std::string& folder = options_.folder;
  RETURN_IF_ERROR(WriteFile(folder + "/key", options_.provider_key));
  std::string callers;
  for (const CallerName& caller : options_.callers) {
    absl::StrAppend(&callers, "caller { name: '", caller.name, "' token_sha256: '",
                    base::Sha256Hex(caller.token),
                    "' role: 'send' role: 'read' role: 'see_cost' }\n");
  }
  RETURN_IF_ERROR(WriteFile(folder + "/callers", callers));
  Program program;
  program.path = options_.program;
  program.folder = folder;
  program.log_path = LogPath(folder);
  // The provider's ceiling and the protocol's times are made small, so that minutes are enough.
  program.flags = {"--listen=127.0.0.1:0", "--ops_listen=127.0.0.1:0",
                   absl::StrCat("--store=sqlite:", StorePath(folder)),
                   absl::StrCat("--provider_url=", options_.provider_url),
                   absl::StrCat("--provider_key_file=", folder, "/key"),
                   absl::StrCat("--callers=", folder, "/callers"),
                   absl::StrCat("--submit_concurrency=", options_.submit_concurrency),
                   "--provider_requests_per_minute=60000", "--provider_timeout=2s",
                   "--poll_interval=300ms", "--resend_grace=3s", "--refusal_check_after=300ms",
                   // The reads of UNKNOWN_ERROR come sooner with it.
                   "--unknown_review_after=3m"};
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(program));
  ++generation_;
  return absl::OkStatus();
}

absl::Status ServiceSide::Publish() {
  const absl::StatusOr<std::string> line = process_->ReadLine(kPatience);
  RETURN_IF_ERROR(line.status());
  absl::string_view address = *line;
  if (!absl::ConsumePrefix(&address, "listening on ")) {
    return absl::UnavailableError(absl::StrCat("its first line is: ", *line));
  }
  auto connections = Connect(std::string(address), generation_);
  // Nobody gets hold of an old one any more, so what nobody has is given up here.
  connections_.erase(std::remove_if(connections_.begin(), connections_.end(),
                                    [](const auto& old) { return old.use_count() == 1; }),
                     connections_.end());
  connections_.push_back(connections);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    current_ = std::move(connections);
    changed_.notify_all();
  }
  watch_.Resume();
  return absl::OkStatus();
}

void ServiceSide::Withdraw() {
  watch_.Rest();
  reader_.Disconnect();
  const std::lock_guard<std::mutex> lock(mutex_);
  current_ = nullptr;
}

absl::Status ServiceSide::Start() {
  RETURN_IF_ERROR(Launch());
  return Publish();
}

absl::Status ServiceSide::StartAndKill(absl::Duration after) {
  RETURN_IF_ERROR(Launch());
  const absl::StatusOr<std::string> line = process_->ReadLine(after);
  if (!line.ok() && !absl::IsDeadlineExceeded(line.status())) return line.status();
  return Kill();
}

absl::Status ServiceSide::Kill() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (killed_at_ == absl::InfiniteDuration()) killed_at_ = clock_.Elapsed();
    killed_generation_ = generation_;
  }
  const bool was_running = process_->Kill();
  Withdraw();
  return was_running ? absl::OkStatus() : absl::UnavailableError("it had ended by itself");
}

absl::Status ServiceSide::Stop() {
  const absl::StatusOr<int> exit_status = process_->Terminate(kPatience);
  Withdraw();
  RETURN_IF_ERROR(exit_status.status());
  if (*exit_status == 0) return absl::OkStatus();
  return absl::UnknownError(absl::StrCat("it ended with status ", *exit_status));
}

std::shared_ptr<Connections> ServiceSide::Current() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return current_;
}

std::shared_ptr<Connections> ServiceSide::AwaitOtherThan(int generation,
                                                         absl::Duration patience) const {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(patience),
                    [&] { return current_ != nullptr && current_->generation != generation; });
  return current_;
}

void ServiceSide::Answered(int generation) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // What the killed one had answered in its last moment does not count.
  if (killed_at_ == absl::InfiniteDuration() || generation <= killed_generation_) return;
  times_to_serving_.push_back(clock_.Elapsed() - killed_at_);
  killed_at_ = absl::InfiniteDuration();
}

std::vector<absl::Duration> ServiceSide::TimesToServing() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return times_to_serving_;
}

std::vector<std::string> ServiceSide::LogLines() const {
  std::vector<std::string> lines;
  std::ifstream log(LogPath(options_.folder));
  for (std::string line; std::getline(log, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace topup::process
