// What an answer of the provider means: the table of the send protocol, as data.
//
// The table is matched from its first row to its last; the last row takes everything. It is
// the only place where HTTP statuses and error codes are judged, and docs/outcomes.md shows
// it row by row (a test compares the two). An answer that says success, or that is not whole,
// is never read as "not taken", whatever its status.
#ifndef TOPUP_SERVER_CORE_ANSWER_TABLE_H_
#define TOPUP_SERVER_CORE_ANSWER_TABLE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "server/core/provider_answer.h"

namespace topup::core {

// What the answer to a POST says about our money.
enum class SendMeaning {
  kAccepted,       // the provider has it
  kUnsent,         // not one byte left: it cannot have it
  kRefused,        // a well-formed refusal; final only once a read confirms it
  kNoMoney,        // refused: our account cannot pay
  kDuplicate,      // the provider says that it has our ref already
  kThrottled,      // very likely not taken
  kConfiguration,  // our key, address or URL is wrong: not taken
  kInDoubt,        // anything else: only asking can tell
};

// How a row looks at the body.
enum class BodyForm {
  kAny,
  kAcceptance,  // envelope with success, and the ref in it is ours
  kFailure,     // envelope without success
  kNoEnvelope,
  kNoSuccess,  // kFailure or kNoEnvelope
};

struct AnswerRow {
  absl::string_view name;  // as docs/outcomes.md names the row
  bool unsent;             // the row is about requests that never left, and had no answer
  int status_min;
  int status_max;
  std::vector<int> status_except;
  BodyForm body;
  std::vector<absl::string_view> codes;  // empty: any
  bool code_required;                    // some code must be there
  SendMeaning meaning;
};

const std::vector<AnswerRow>& AnswerTable();

SendMeaning JudgeSend(const SendAnswer& answer, absl::string_view provider_ref);

// Why a refusal with this code rejects a top-up.
RejectionReason RefusalReason(absl::string_view error_code);

// What a read says.
enum class ReadMeaning {
  kFound,
  kNotFound,  // a well-formed not-found; counts only where the key is proven
  kConfiguration,
  kThrottled,
  kFailed,  // says nothing
};

ReadMeaning JudgeRead(const ReadAnswer& answer);
// For reads of something else than one top-up: kFound means a well-formed success.
ReadMeaning JudgeExchange(const Exchange& exchange);

// True where the provider's form of a ref ("API-<account>-<ref>", or bare) names ours.
bool IsOurRef(absl::string_view shown_ref, absl::string_view provider_ref);

// "ACCEPTED", "UNSENT", ...
absl::string_view SendMeaningName(SendMeaning meaning);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_ANSWER_TABLE_H_
