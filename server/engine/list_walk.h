// A walk through the provider's list, the newest top-ups first: which page is asked for next, and
// how large it is.
//
// A page may fail for its size alone: its answer is longer than one may be, or more work than the
// provider does in time. So a failed one is asked for again in small pages, from the same place;
// ten minutes later the walk is large again, where a large page begins.
#ifndef TOPUP_SERVER_ENGINE_LIST_WALK_H_
#define TOPUP_SERVER_ENGINE_LIST_WALK_H_

#include <cstdint>

#include "absl/time/time.h"
#include "server/core/provider_answer.h"
#include "server/upstream/provider.h"

namespace topup::engine {

// What an answer says about the page that was asked for.
enum class PageOutcome {
  kRead,
  kAbsent,      // a whole 404: this provider has no list
  kUnanswered,  // unsent, throttled, or our key or address refused: nothing about the page
  kFailed,      // an error of theirs, an incomplete answer, or one that is no page
};
PageOutcome JudgePage(const core::ListAnswer& answer);

// Not thread-safe. `elapsed` is Clock::Elapsed().
class ListWalk {
 public:
  static constexpr int kLargePage = upstream::kListPageSizeMax;
  // Requests for offers alone fill one to a third of what an answer may hold (kReplyBodyMax).
  static constexpr int kSmallPage = 10;
  static_assert(kLargePage % kSmallPage == 0);

  // To the first page.
  void Begin(absl::Duration elapsed);

  // Of the page to be asked for.
  int page() const { return page_; }
  int page_size() const { return page_size_; }
  // Entries of the list up to the end of that page.
  int64_t reach() const { return int64_t{page_} * page_size_; }

  // That page was read, or is given up: to the next one.
  void GoOn(absl::Duration elapsed);
  // It failed: to a small one at the same place. False where it was small: then it is not the size.
  bool Shrink(absl::Duration elapsed);

 private:
  void GrowWherePossible(absl::Duration elapsed);

  int page_ = 1;
  int page_size_ = kLargePage;
  absl::Duration large_from_ = -absl::InfiniteDuration();
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_LIST_WALK_H_
