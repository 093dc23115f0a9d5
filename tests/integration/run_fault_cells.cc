#include "tests/integration/run_fault_cells.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace topup::integration {
namespace {

using Handshake = support::ConnectionFate::Handshake;

// Of the machine's time, and an hour of the world's: far beyond what the slowest cell takes, also
// where others keep the machine busy. Who is not done by then is a break of the rules.
constexpr absl::Duration kPatience = absl::Minutes(6);
constexpr int kOrdinaryOnes = 2;
constexpr int kRunsMax = 3;
// A single one that is due is read by itself, and not with the list: with fewer of them that
// could go on for their whole lives.
constexpr int kTopupsOfAListMin = 5;

std::string Phone(int number) { return absl::StrFormat("0661%06d", number); }

// Strikes the first connections of its way, or those after the first.
class TlsFaultPlan : public support::ChaosPlan {
 public:
  TlsFaultPlan(const FaultCell& cell, int strikes) : cell_(cell), strikes_(strikes) {}

  support::ConnectionFate OnConnection() override {
    const int before = cell_.retry ? strikes_ : 0;
    const int number = connections_++;
    support::ConnectionFate fate;
    if (number < before) {
      // What makes the retry: lost here, or for a taken send by the stand-in after it was taken.
      const bool passes =
          cell_.call == Call::kSend && cell_.taken && cell_.tls != TlsFault::kAlertAsReply;
      if (!passes) fate.request = support::Cut{};
    } else if (number < before + strikes_) {
      Strike(fate);
    }
    return fate;
  }

  int strikes() const { return std::max(0, connections_ - (cell_.retry ? strikes_ : 0)); }

 private:
  void Strike(support::ConnectionFate& fate) const {
    switch (cell_.tls) {
      case TlsFault::kExpiredCertificate:
        fate.handshake = Handshake::kExpiredCertificate;
        return;
      case TlsFault::kHandshakeAlert:
        fate.handshake = Handshake::kAlert;
        return;
      default:
        fate.alert_as_reply = true;
        if (cell_.call == Call::kSend && !cell_.taken) fate.request = support::Cut{};
        return;
    }
  }

  const FaultCell& cell_;
  const int strikes_;
  std::atomic<int> connections_{0};
};

FaultReport RunCell(const FaultCell& cell, const FaultRun& run, bool* struck_enough) {
  const int topups = cell.call == Call::kList ? std::max(run.topups_per_cell, kTopupsOfAListMin)
                                              : run.topups_per_cell;
  const int strikes = cell.strikes + cell.strikes_each * topups;
  FaultReport report{.cells = 1};
  const auto violated = [&](const std::string& what) {
    report.violations.push_back(absl::StrCat("[", cell.name, "] ", what));
  };
  TlsFaultPlan plan(cell, strikes);
  WorldOptions options;
  if (!cell.after_ordinary_ones) options.faults = cell.rules;
  if (cell.tls != TlsFault::kNone) options.detour = {cell.call, &plan, /*tls=*/true};
  FaultWorld world(options);
  int phone = 0;
  const auto send = [&](int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i, ++phone) {
      ids.push_back(world.Send(absl::StrCat("topup-", phone), Phone(phone)));
    }
    return ids;
  };
  const auto await = [&](const std::vector<std::string>& ids, FaultWorld::Held held) {
    for (const std::string& id : world.AwaitEnd(ids, held, kPatience)) {
      const core::Topup topup = world.store().FindById(id).value_or(core::Topup());
      violated(absl::StrCat(topup.ref, ": not settled: ", core::StatusName(topup.status),
                            ", next action ", static_cast<int>(topup.progress.next_action),
                            ", posts ", topup.progress.posts));
    }
  };
  if (cell.after_ordinary_ones) {
    await(send(kOrdinaryOnes), FaultWorld::Held::kAreOpen);
    const absl::Status set = world.sandbox().SetFaults(cell.rules);
    if (!set.ok()) violated(set.ToString());
    world.ReplaceKey();
  }
  await(send(topups), cell.may_be_held ? FaultWorld::Held::kAreDone : FaultWorld::Held::kAreOpen);
  const int64_t struck =
      cell.tls == TlsFault::kNone ? world.sandbox().FaultCount(cell.kind) : plan.strikes();
  *struck_enough = struck >= strikes;
  if (!*struck_enough) violated(absl::StrCat("struck ", struck, " times, not ", strikes));
  for (const std::string& violation : world.FindViolations()) violated(violation);
  report.counts = world.counts();
  return report;
}

// On a machine that stands still for seconds, a top-up may be through before the request is made
// that was to meet the fault. Then nothing was shown, and the cell is run again.
FaultReport RunUntilItStruck(const FaultCell& cell, const FaultRun& run) {
  for (int left = kRunsMax - 1;; --left) {
    bool struck_enough = false;
    const FaultReport report = RunCell(cell, run, &struck_enough);
    const bool only_that = !struck_enough && report.violations.size() == 1;
    if (!only_that || left == 0) return report;
  }
}

}  // namespace

FaultReport RunFaultCells(const std::vector<FaultCell>& cells, const FaultRun& run) {
  std::mutex mutex;  // guards the next two
  size_t next = 0;
  FaultReport report;
  const auto work = [&] {
    for (;;) {
      size_t index = 0;
      {
        const std::lock_guard<std::mutex> lock(mutex);
        if (next == cells.size()) return;
        index = next++;
      }
      const FaultReport one = RunUntilItStruck(cells[index], run);
      const std::lock_guard<std::mutex> lock(mutex);
      report.cells += one.cells;
      report.counts.Add(one.counts);
      report.violations.insert(report.violations.end(), one.violations.begin(),
                               one.violations.end());
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < run.worlds_at_once; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return report;
}

std::string Figures(const FaultReport& report, const FaultRun& run) {
  return absl::StrCat(
      "fault_matrix: ", report.cells, " cells x ", run.topups_per_cell, " top-ups, ",
      report.counts.may_have_left, " attempts that may have left = ", report.counts.posts,
      " POSTs that arrived, ", report.counts.cut_posts, " in part and ", report.counts.vanished,
      " unseen, ", report.counts.accepted, " accepted, ", report.violations.size(), " violations");
}

}  // namespace topup::integration
