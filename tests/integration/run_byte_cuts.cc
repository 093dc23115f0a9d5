#include "tests/integration/run_byte_cuts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/integration/cut_plan.h"

namespace topup::integration {
namespace {

using Where = PlannedCut::Where;

// Of the machine's time.
constexpr absl::Duration kPatience = absl::Minutes(8);
constexpr int kInSegments = 8;
// Answers grow by a byte where the stand-in's number of requests does: what was too long for
// one answer is tried again, and bytes that are new are added.
constexpr int kWavesMax = 10;

// One world with its cuts.
class CutWorld {
 public:
  explicit CutWorld(const ByteCutRun& run)
      : run_(run),
        plan_(run.on_retry),
        world_({.faults = "behaviour { pending_ms: 1000 handling_ms: 1000 }",
                .detour = Detour{.call = Call::kSend, .plan = &plan_, .tls = run.tls}}) {}

  ByteCutReport Run() {
    SendAndAwait(1);  // shows how long the two are
    std::vector<PlannedCut> cuts(kInSegments);
    for (int wave = 0; wave < kWavesMax; ++wave) {
      AddNewBytes(cuts);
      if (cuts.empty()) break;
      plan_.Add(cuts);
      SendAndAwait(static_cast<int>(cuts.size()));
      cuts = plan_.TakeRest();
    }
    return Report();
  }

 private:
  void SendAndAwait(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i, ++sent_) {
      ids.push_back(world_.Send(absl::StrCat("topup-", sent_), absl::StrFormat("0661%06d", sent_)));
    }
    const std::set<std::string> open = world_.AwaitEnd(ids, FaultWorld::Held::kAreOpen, kPatience);
    // A cut that is being made counts, too.
    world_.AwaitDetour();
    for (const std::string& id : open) {
      const core::Topup topup = world_.store().FindById(id).value_or(core::Topup());
      violations_.push_back(
          absl::StrCat(topup.ref, ": not settled: ", core::StatusName(topup.status)));
    }
  }

  // Adds the cuts after bytes that were not known to be there before.
  void AddNewBytes(std::vector<PlannedCut>& cuts) {
    const CutAccount account = plan_.account();
    const auto add = [&](Where where, size_t size, size_t& planned) {
      for (; planned < size; ++planned) {
        if (!IsWanted(planned)) continue;
        for (const bool reset : {false, true}) {
          cuts.push_back({where, {.after_bytes = static_cast<int64_t>(planned), .reset = reset}});
        }
      }
    };
    add(Where::kRequest, account.request_size_max, request_bytes_planned_);
    add(Where::kReply, account.reply_size_max, reply_bytes_planned_);
  }

  bool IsWanted(size_t byte) const {
    return byte % static_cast<size_t>(run_.every) == static_cast<size_t>(run_.offset);
  }

  // Every byte that there was, by FIN and by RST.
  int CountCuts(absl::string_view what, const std::set<std::pair<int64_t, bool>>& made, size_t size,
                bool reset) {
    int count = 0;
    for (size_t byte = 0; byte < size; ++byte) {
      if (!IsWanted(byte)) continue;
      if (made.count({static_cast<int64_t>(byte), reset}) > 0) {
        ++count;
      } else {
        violations_.push_back(
            absl::StrCat("never cut: ", what, " after byte ", byte, " by ", reset ? "RST" : "FIN"));
      }
    }
    return count;
  }

  ByteCutReport Report() {
    const CutAccount account = plan_.account();
    ByteCutReport report;
    report.request_size = account.request_size_max;
    report.reply_size = account.reply_size_max;
    report.in_segments = account.in_segments;
    report.request_fin = CountCuts("the request", account.requests, report.request_size, false);
    report.request_rst = CountCuts("the request", account.requests, report.request_size, true);
    report.reply_fin = CountCuts("the answer", account.replies, report.reply_size, false);
    report.reply_rst = CountCuts("the answer", account.replies, report.reply_size, true);
    if (report.in_segments < kInSegments) {
      violations_.push_back(absl::StrCat("only ", report.in_segments, " went byte by byte"));
    }
    for (const std::string& violation : world_.FindViolations()) violations_.push_back(violation);
    report.counts = world_.counts();
    report.violations = std::move(violations_);
    return report;
  }

  const ByteCutRun run_;
  CutPlan plan_;
  FaultWorld world_;
  int sent_ = 0;
  size_t request_bytes_planned_ = 0;
  size_t reply_bytes_planned_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace

ByteCutReport RunByteCuts(const ByteCutRun& run) { return CutWorld(run).Run(); }

std::string Figures(absl::string_view name, const ByteCutReport& report) {
  return absl::StrCat(
      name, ": ", report.cuts(), " cuts (request of ", report.request_size,
      " bytes: ", report.request_fin, " FIN, ", report.request_rst, " RST; answer of ",
      report.reply_size, ": ", report.reply_fin, " FIN, ", report.reply_rst, " RST), ",
      report.in_segments, " byte by byte, ", report.counts.topups, " top-ups, ",
      report.counts.may_have_left, " attempts that may have left = ", report.counts.posts,
      " POSTs that arrived, ", report.counts.cut_posts, " in part and ", report.counts.vanished,
      " unseen, ", report.counts.accepted, " accepted, ", report.violations.size(), " violations");
}

}  // namespace topup::integration
