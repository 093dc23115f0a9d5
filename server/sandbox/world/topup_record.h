// One top-up on the provider's side, and what it looks like at a given time.
//
// Nothing ticks: a record carries its whole future from the moment it was accepted, and its
// state is a function of the record and the time. So tests own the time, and a restart
// continues where the state would have been.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_TOPUP_RECORD_H_
#define TOPUP_SERVER_SANDBOX_WORLD_TOPUP_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace topup::sandbox {

enum class TopupState { kPending, kHandling, kFulfilled, kRefunded, kUnknownError };

// The documented word, for example "UNKNOWN_ERROR".
absl::string_view StateWord(TopupState state);
std::optional<TopupState> ParseStateWord(absl::string_view word);

// The future of a top-up, counted from its acceptance.
struct Course {
  absl::Duration pending = absl::Seconds(5);
  absl::Duration handling = absl::Seconds(10);
  TopupState end = TopupState::kFulfilled;
  // What follows the end, after this much more time: UNKNOWN_ERROR settles so, and contradictions
  // are made so.
  std::optional<TopupState> later;
  absl::Duration later_after = absl::InfiniteDuration();
  // Reads do not find it at first, or not any more.
  absl::Duration hidden_for = absl::ZeroDuration();
  absl::Duration gone_after = absl::InfiniteDuration();
};

// Every duration divided by `scale`, which is positive.
Course ScaleCourse(const Course& course, double scale);

enum class WordStyle {
  kDocumented,
  kTranslated,  // SUCCESS for FULFILLED, FAILED for REFUNDED
  kUnheardOf,   // a word that no page knows, in place of the end
};

enum class OfferKind { kNone, kOneOffer, kMenu };

struct TopupRecord {
  std::string id;
  std::string ref;
  std::string phone;
  std::string plan_code;
  int64_t amount_dzd = 0;
  int64_t charge_centimes = 0;
  absl::Time accept_time;
  Course course;
  WordStyle words = WordStyle::kDocumented;
  OfferKind offers = OfferKind::kNone;
  // Shown on top of the charge, to contradict it; nothing is taken from the account for it.
  int64_t shown_surcharge_centimes = 0;
};

struct Offer {
  std::string name;
  std::string plan_code;
  int64_t amount_dzd = 0;
};

// What a read shows.
struct TopupView {
  std::string id;
  std::string ref;
  TopupState state = TopupState::kPending;
  std::string status_word;
  std::string plan_code;
  std::string phone;
  int64_t amount_dzd = 0;
  int64_t balance_amount_centimes = 0;
  absl::Time create_time;
  std::string refund_message;  // empty: none
  std::vector<Offer> offers;
};

TopupState StateAt(const TopupRecord& record, absl::Time now);
bool IsVisibleAt(const TopupRecord& record, absl::Time now);
TopupView ViewAt(const TopupRecord& record, absl::Time now);

// When the money goes back; InfiniteFuture where the record does not end up REFUNDED. A
// REFUNDED that turns into something else was a wrong word only: no money moves for it.
absl::Time RefundTime(const TopupRecord& record);

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_TOPUP_RECORD_H_
