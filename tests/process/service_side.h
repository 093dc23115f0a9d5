// topupd as a process that is killed and started again on the same store, and the way to it.
#ifndef TOPUP_TESTS_PROCESS_SERVICE_SIDE_H_
#define TOPUP_TESTS_PROCESS_SERVICE_SIDE_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/process/child_process.h"
#include "tests/process/commit_watch.h"
#include "tests/process/step_clock.h"
#include "tests/process/store_reader.h"
#include "topup/v1/topup_service.grpc.pb.h"

namespace topup::process {

// Who calls.
struct CallerName {
  std::string name;
  std::string token;
};
std::vector<CallerName> MakeCallers(int count);

// The channels to one process; they end with it.
struct Connections {
  int generation = 0;
  std::vector<std::unique_ptr<v1::TopupService::Stub>> stubs;

  v1::TopupService::Stub& For(size_t user) const { return *stubs[user % stubs.size()]; }
};

struct ServiceOptions {
  std::string program;
  std::string folder;  // for store, logs and files
  std::string provider_url;
  std::string provider_key;
  int submit_concurrency = 16;
  std::vector<CallerName> callers;
};

// Start, Kill and Stop belong to one thread; the rest is thread-safe. What is given to the
// constructor is borrowed.
class ServiceSide {
 public:
  // The reader and the watch of the store are told when there is nobody to look at.
  ServiceSide(ServiceOptions options, const StepClock& clock, StoreReader& reader,
              CommitWatch& watch);

  static std::string StorePath(const std::string& folder) { return folder + "/topup.db"; }

  // Returns once it serves.
  absl::Status Start();
  // Starts it and kills it so much later, whether or not it serves by then.
  absl::Status StartAndKill(absl::Duration after);
  // Unavailable where it had ended by itself.
  absl::Status Kill();
  // An orderly end.
  absl::Status Stop();

  // Null while no process serves.
  std::shared_ptr<Connections> Current() const;
  // The connections to a process other than this one; those to this one, or none, where there
  // is no other after `patience`.
  std::shared_ptr<Connections> AwaitOtherThan(int generation, absl::Duration patience) const;

  // A call to this process was answered.
  void Answered(int generation);
  // From each kill to the first answer to anybody, where one came before the next kill.
  std::vector<absl::Duration> TimesToServing() const;

  // Of all processes so far.
  std::vector<std::string> LogLines() const;

 private:
  absl::Status Launch();
  absl::Status Publish();
  void Withdraw();

  const ServiceOptions options_;
  const StepClock& clock_;
  StoreReader& reader_;
  CommitWatch& watch_;
  std::unique_ptr<ChildProcess> process_;
  int generation_ = 0;
  // All that were not given up yet. A channel must not end in a thread of gRPC's, which may be
  // the last to use it: that thread would wait for itself.
  std::vector<std::shared_ptr<Connections>> connections_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // By mutex_:
  std::shared_ptr<Connections> current_;
  absl::Duration killed_at_ = absl::InfiniteDuration();  // no answer since
  int killed_generation_ = 0;
  std::vector<absl::Duration> times_to_serving_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_SERVICE_SIDE_H_
