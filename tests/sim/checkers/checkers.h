// What must never be, one function for each invariant, each in a file of its own name.
//
// A checker reads a History once, in time about linear in it, and reports every breach in a
// sentence that names the top-up, ref or sequence. It never guesses: what a run cannot know
// (a call that was not answered) breaks nothing.
#ifndef TOPUP_TESTS_SIM_CHECKERS_CHECKERS_H_
#define TOPUP_TESTS_SIM_CHECKERS_CHECKERS_H_

#include <string>
#include <vector>

#include "tests/sim/history.h"

namespace topup::sim {

using Breaches = std::vector<std::string>;

// A ref is accepted once at most, a top-up has one provider ref for ever, and no number, plan
// and amount is accepted more often than it was recorded.
void CheckAtMostOneAcceptance(const History& history, Breaches& breaches);

// When a POST arrives, its claim is readable: the n-th POST under a ref finds n attempts. So
// one attempt is also one POST on the wire.
void CheckWriteAhead(const History& history, Breaches& breaches);

// A send that was answered OK is in the database once, as it was answered.
void CheckAckedSurvives(const History& history, Breaches& breaches);

// A send that was refused for good has left nothing: no row, nothing accepted. (The row under
// its ref, if any, was asked for by another call.)
void CheckNoMeansNo(const History& history, Breaches& breaches);

// Repeats of a send get the same top-up, provider ref and price; a known ref is never refused
// to its own request, and never taken for another one.
void CheckSameRequestSameTopup(const History& history, Breaches& breaches);

// Whatever the provider accepted is in the database.
void CheckNoOrphans(const History& history, Breaches& breaches);

// What is settled agrees with the provider. Healed: everything is settled as the provider says, or
// is still open there too, and nothing open lacks a next action.
void CheckTruthConverges(const History& history, Breaches& breaches);

// After the event that settles a top-up there is no other, no rank ever falls, and the row is
// what its last event says.
void CheckSettledIsFinal(const History& history, Breaches& breaches);

// A watcher gets every event of its filter once, in order, unchanged, up to where it was told.
// Healed: an open stream has told everything.
void CheckStreamsMonotoneComplete(const History& history, Breaches& breaches);

// What a caller or watcher was shown had been committed before.
void CheckEventBeforeEffect(const History& history, Breaches& breaches);

// REFUND only where two reads a poll interval apart said REFUNDED, the provider never took it, or
// it was cancelled and never sent; REVIEW only after the provider had said UNKNOWN_ERROR for long
// enough by its own clock and in real time.
void CheckRefundOnlyWhenAllowed(const History& history, Breaches& breaches);

// An accepted top-up that is open is read again within two of its schedule's intervals, however
// the clocks are set. Looks only at runs in which nothing else keeps reads from being answered.
void CheckNoReadStuck(const History& history, Breaches& breaches);

// The price of a top-up is the one of the quote it was sent with, and never changes.
void CheckChargedIsQuoted(const History& history, Breaches& breaches);

// Number, plan and amount of every POST are the row's, and of every FULFILLED top-up the
// provider's too.
void CheckSentIsOrdered(const History& history, Breaches& breaches);

// A top-up is only ever sent with a key of its own environment, and all of one database have
// the same.
void CheckEnvironmentPurity(const History& history, Breaches& breaches);

// What left the provider's balance is what it charged for top-ups; healed: and what our rows
// say that they cost.
void CheckConservation(const History& history, Breaches& breaches);

// No more POSTs are open at once than configured.
void CheckBoundedBlastRadius(const History& history, Breaches& breaches);

// No number or key in a log line or an error text; one line for each entry.
void CheckQuietLogs(const History& history, Breaches& breaches);

struct Checker {
  const char* name;
  void (*check)(const History&, Breaches&);
};
const std::vector<Checker>& AllCheckers();

struct Violation {
  std::string checker;
  std::string detail;
};
std::vector<Violation> CheckAll(const History& history);

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_CHECKERS_CHECKERS_H_
