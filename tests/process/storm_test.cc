// A short storm over the built program, and the proof that its history is one that the checkers
// can see something in: with one thing changed, each of them protests.
#include "tests/process/storm.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/process/storm_checks.h"
#include "tests/support/temp_dir.h"

namespace topup::process {
namespace {

using core::TopupStatus;
using sim::Call;
using sim::History;
using sim::LoggedEvent;
using sim::WatcherSession;
using testing::IsEmpty;
using testing::Not;

// The first of `items` for which `fits`; the test that looks for it needs one.
template <typename Items, typename Fits>
auto& First(Items& items, const Fits& fits) {
  const auto found = std::find_if(items.begin(), items.end(), fits);
  if (found == items.end()) {
    ADD_FAILURE() << "the run has nothing of the kind that has to be changed";
    std::abort();
  }
  return *found;
}

class StormTest : public testing::Test {
 protected:
  // One run for all tests: it is the dear part.
  static void SetUpTestSuite() {
    const support::TempDir folder;
    StormOptions options;
    options.topupd = std::filesystem::absolute("server/main/topupd");
    options.folder = folder.path();
    options.kills = 3;
    options.clients = 8;
    options.sends = 250;
    options.watchers = 20;
    options.reconnects = 2;
    result_ = new StormResult(RunStorm(options));
  }
  static void TearDownTestSuite() {
    delete result_;
    result_ = nullptr;
  }

  static StormResult* result_;
};
StormResult* StormTest::result_ = nullptr;

std::vector<std::string> Texts(const std::vector<sim::Violation>& violations) {
  std::vector<std::string> texts;
  for (const sim::Violation& violation : violations) {
    texts.push_back(violation.checker + ": " + violation.detail);
  }
  return texts;
}

TEST_F(StormTest, RealProcessesKeepEveryPromiseThroughKills) {
  EXPECT_THAT(result_->problems, IsEmpty());
  EXPECT_THAT(Texts(CheckStorm(result_->history)), IsEmpty());
  EXPECT_EQ(result_->figures.kills, 3);
  EXPECT_GE(result_->figures.answered, 250);
  EXPECT_GE(result_->figures.reconnects, 40);
}

TEST_F(StormTest, ThereIsSomethingToSeeForTheCheckers) {
  for (const Sight& sight : CountSights(result_->history)) {
    if (!sight.may_be_none) {
      EXPECT_GT(sight.count, 0) << sight.what;
    }
  }
}

struct Change {
  const char* checker;
  const char* what;
  std::function<void(History&)> change;
};

bool IsSale(const Call& call) {
  return call.kind == Call::Kind::kSend && call.result == Call::Result::kOk;
}

bool HasMany(const WatcherSession& session) {
  return session.deliveries.size() > 3 && session.topup_id.empty();
}

bool IsSingleToTheEnd(const WatcherSession& session) {
  return !session.topup_id.empty() && session.deliveries.size() > 1 &&
         core::IsSettled(session.deliveries.back().event.topup.status);
}

const std::vector<Change>& ChangesOfBooks() {
  static const auto& changes = *new std::vector<Change>{
      {"at_most_one_acceptance", "an acceptance is there twice",
       [](History& h) { h.accepted.push_back(h.accepted.front()); }},
      {"write_ahead", "a POST found nothing recorded",
       [](History& h) { h.posts.front().committed_attempts = 0; }},
      {"write_ahead", "a POST arrived twice",
       [](History& h) { h.posts.push_back(h.posts.front()); }},
      {"one_post_for_each_attempt", "a POST arrived twice",
       [](History& h) { h.posts.push_back(h.posts.front()); }},
      {"one_post_for_each_attempt", "the POST of an answered attempt never arrived",
       [](History& h) {
         const auto& answered = First(h.attempts, [](const auto& of_topup) {
           return of_topup.second.size() == 1 &&
                  of_topup.second[0].evidence == core::Attempt::Evidence::kAnswered;
         });
         const core::Topup& row =
             First(h.topups, [&](const core::Topup& topup) { return topup.id == answered.first; });
         h.posts.erase(std::find_if(h.posts.begin(), h.posts.end(), [&](const auto& post) {
           return post.provider_ref == row.provider_ref;
         }));
       }},
      {"no_post_after_acceptance", "a POST arrived once more at the end",
       [](History& h) {
         h.posts.push_back(First(h.posts, [](const auto& post) { return post.accepted; }));
         h.posts.back().step = std::numeric_limits<int64_t>::max();
       }},
      {"acked_survives", "a row is gone", [](History& h) { h.topups.erase(h.topups.begin()); }},
      {"no_orphans", "the row of an acceptance is gone",
       [](History& h) {
         const std::string ref = h.accepted.front().provider_ref;
         h.topups.erase(std::find_if(h.topups.begin(), h.topups.end(),
                                     [&](const auto& topup) { return topup.provider_ref == ref; }));
       }},
      {"no_means_no", "the only send of a row was refused",
       [](History& h) {
         const Call& sale = First(h.calls, IsSale);
         const std::string ref = sale.ref;
         for (Call& call : h.calls) {
           if (call.ref == ref) call.result = Call::Result::kRefused;
         }
       }},
      {"truth_converges", "the provider says something else at the end",
       [](History& h) {
         First(h.accepted, [](const auto& entry) {
           return entry.status == core::ProviderTopup::Status::kFulfilled;
         }).status = core::ProviderTopup::Status::kRefunded;
       }},
      {"sent_is_ordered", "a POST asked for another amount",
       [](History& h) { ++h.posts.back().amount_dzd; }},
      {"environment_purity", "a key of another environment was used",
       [](History& h) { h.posts.front().environment = "PRODUCTION"; }},
      {"conservation", "a centime is missing",
       [](History& h) { h.balance_after = core::Money::Centimes(h.balance_after.centimes() - 1); }},
      {"conservation", "a charge that went back did not",
       [](History& h) {
         First(h.accepted, [](const auto& entry) { return entry.given_back; }).given_back = false;
       }},
      {"bounded_blast_radius", "every POST stayed open",
       [](History& h) {
         for (auto& post : h.posts) post.end = absl::Hours(1);
       }},
      {"quiet_logs", "a log line shows a number",
       [](History& h) { h.log_lines.back() += h.topups.back().phone.National(); }},
  };
  return changes;
}

const std::vector<Change>& ChangesOfWhatWasTold() {
  static const auto& changes = *new std::vector<Change>{
      {"same_request_same_topup", "a repeat was answered with another top-up",
       [](History& h) {
         First(h.calls, [](const Call& call) { return IsSale(call) && call.replayed; }).topup->id =
             "another";
       }},
      {"settled_is_final", "an event is gone",
       [](History& h) {
         h.events.erase(std::find_if(h.events.begin(), h.events.end(), [](const auto& logged) {
           return logged.event.topup.status == TopupStatus::kPending;
         }));
       }},
      {"event_before_effect", "a caller was shown what no event says",
       [](History& h) { First(h.calls, IsSale).topup->revision = 99; }},
      {"event_before_effect", "a watcher was told before the commit",
       [](History& h) { First(h.watchers, HasMany).deliveries[2].step = 0; }},
      {"refund_only_when_allowed", "no read confirmed a refund",
       [](History& h) {
         const std::string ref = First(h.topups, [](const core::Topup& topup) {
                                   return topup.status == TopupStatus::kRefunded;
                                 }).provider_ref;
         auto& read = First(h.reads, [&](const auto& seen) {
           return seen.provider_ref == ref && seen.status == core::ProviderTopup::Status::kRefunded;
         });
         const sim::LedgerRead only = read;
         h.reads = {only};
       }},
      {"charged_is_quoted", "the quote was lower",
       [](History& h) {
         const std::string quote_id =
             First(h.calls, [](const Call& call) {
               return IsSale(call) && !call.replayed && !call.quote_id.empty();
             }).quote_id;
         First(h.calls, [&](const Call& call) {
           return call.kind == Call::Kind::kQuote && call.quote_id == quote_id;
         }).quoted->price = core::Money::Centimes(1);
       }},
      {"charged_sum", "a delivered top-up costs its caller more than it was told",
       [](History& h) {
         First(h.topups, [](const core::Topup& topup) {
           return topup.status == TopupStatus::kFulfilled;
         }).price.price = core::Money::Centimes(1);
       }},
      {"streams_monotone_complete", "an event did not come",
       [](History& h) {
         auto& deliveries = First(h.watchers, HasMany).deliveries;
         deliveries.erase(deliveries.begin() + 1);
       }},
      {"streams_monotone_complete", "an event came twice",
       [](History& h) {
         auto& deliveries = First(h.watchers, HasMany).deliveries;
         const WatcherSession::Delivery again = deliveries[1];
         deliveries.insert(deliveries.begin() + 2, again);
       }},
      {"streams_monotone_complete", "an event came changed",
       [](History& h) {
         First(h.watchers, HasMany).deliveries[1].event.topup.status = TopupStatus::kUnknownError;
       }},
      {"streams_monotone_complete", "the end of a top-up was not told to who watched only it",
       [](History& h) { First(h.watchers, IsSingleToTheEnd).deliveries.pop_back(); }},
      {"streams_monotone_complete", "a stream stopped telling",
       [](History& h) {
         WatcherSession& session = First(h.watchers, HasMany);
         session.deliveries.resize(2);
         session.through_sequence = session.deliveries.back().event.sequence;
       }},
  };
  return changes;
}

void ExpectNoticed(const History& good, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    History changed = good;
    SCOPED_TRACE(std::string(change.checker) + ": " + change.what);
    change.change(changed);
    sim::Breaches breaches;
    First(StormCheckers(), [&](const sim::Checker& checker) {
      return std::string(checker.name) == change.checker;
    }).check(changed, breaches);
    EXPECT_THAT(breaches, Not(IsEmpty()));
  }
}

TEST_F(StormTest, WrongBooksOfTheSameRunAreNoticed) {
  ExpectNoticed(result_->history, ChangesOfBooks());
}

TEST_F(StormTest, WrongAnswersAndStreamsOfTheSameRunAreNoticed) {
  ExpectNoticed(result_->history, ChangesOfWhatWasTold());
}

TEST_F(StormTest, NoCheckerIsWithoutAWrongHistoryOfItsOwn) {
  for (const sim::Checker& checker : StormCheckers()) {
    int changes = 0;
    for (const auto* table : {&ChangesOfBooks(), &ChangesOfWhatWasTold()}) {
      for (const Change& change : *table) changes += std::string(checker.name) == change.checker;
    }
    EXPECT_GT(changes, 0) << checker.name;
  }
}

}  // namespace
}  // namespace topup::process
