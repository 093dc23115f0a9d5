#include "tests/server/store/sqlite/fault_loop.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/conformance/topup_store_await.h"
#include "tests/server/store/sqlite/crash_point.h"
#include "tests/server/store/sqlite/crash_vfs.h"
#include "tests/support/topup_builder.h"

namespace topup::store::sqlite {
namespace {

bool HasReason(const absl::Status& status, absl::string_view reason) {
  const auto details = base::GetErrorDetails(status);
  return details.has_value() && details->reason == reason;
}

// One run of the loop.
class FaultRun {
 public:
  FaultRun(const std::string& path, const CrashDisk::Fault& fault, FaultTally& tally)
      : path_(path), fault_(fault), tally_(tally), disk_(static_cast<uint64_t>(fault.nth)) {}

  void Run(int bursts) {
    disk_.SetFault(fault_);
    const CrashVfs vfs(disk_);
    base::Metrics metrics;
    auto store =
        SqliteTopupStore::Open(path_, CrashOptions(vfs.name()), base::RealClock(), metrics);
    if (store.ok()) {
      (*store)->SetListener(&listener_);
      Judge(**store, workload_.Run(**store, bursts));
      disk_.Cut();
      store->reset();
    } else {
      ++tally_.opening;
      Want(disk_.faults() > 0, absl::StrCat("not opened: ", store.status().message()));
    }
    CrashResult result;
    CheckSurvivors(disk_.Survivors(), path_, Survey::kInMemory, workload_, result);
    Want(result.problem.empty(), result.problem);
    Want(!result.corrupt, "the file is damaged");
    tally_.acknowledged += workload_.acknowledged();
  }

 private:
  void Want(bool good, absl::string_view problem) {
    if (!good) tally_.problems.push_back(absl::StrCat("N = ", fault_.nth, ": ", problem));
  }

  void Judge(TopupStore& store, const absl::Status& end) {
    if (end.ok()) {
      tally_.clean = disk_.faults() == 0;
      if (!tally_.clean) ++tally_.unnoticed;
      CheckRecorded(store);
    } else if (absl::IsUnavailable(end)) {
      ++tally_.dead;
      CheckDead(store);
    } else {
      ++tally_.full;
      Want(HasReason(end, "STORAGE_FULL"), end.message());
      CheckRecorded(store);
      disk_.SetFault({});
      const absl::Status healed = workload_.Run(store, 2);
      Want(healed.ok(), absl::StrCat("it does not heal: ", healed.message()));
      CheckRecorded(store);
      Want(listener_.fatal.empty(), "a full disk ended it");
    }
  }

  void CheckRecorded(TopupStore& store) {
    const std::string problem = workload_.CheckNothingElse(store);
    Want(problem.empty(), problem);
  }

  // A store that has failed answers nothing any more, even where the disk is well again.
  void CheckDead(TopupStore& store) {
    disk_.SetFault({});
    for (int i = 0; i < 2; ++i) {
      const auto write =
          conformance::CreateAndWait(store, {support::MakeQueuedTopup("late"), std::nullopt, 0});
      Want(HasReason(write.status(), "STORAGE_UNAVAILABLE"), "a dead store took a write");
      Want(HasReason(store.FindById("id-n0").status(), "STORAGE_UNAVAILABLE"),
           "a dead store answered a read");
    }
    Want(listener_.fatal.size() == 1, "its listener was not told once");
  }

  const std::string& path_;
  const CrashDisk::Fault& fault_;
  FaultTally& tally_;
  CrashWorkload workload_{7};
  CrashDisk disk_;
  conformance::RecordingListener listener_;
};

}  // namespace

FaultTally FailEach(const std::string& path, CrashDisk::Fault fault, const FaultLoopSize& size) {
  FaultTally tally;
  for (fault.nth = 1; fault.nth <= size.last && !tally.clean; ++fault.nth) {
    FaultRun(path, fault, tally).Run(size.bursts);
    ++tally.runs;
  }
  return tally;
}

}  // namespace topup::store::sqlite
