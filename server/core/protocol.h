// The rules of the money path, as pure functions.
//
// Each function takes a top-up as it is stored, something that happened, and the time, and
// returns the row as it has to be afterwards, with what belongs to the same commit. The
// engine, the simulator and the model check all run these functions; nobody else changes a
// row. docs/outcomes.md tells the same story in words.
//
// The rules in one breath: one ref for ever; a claim is committed before a byte leaves; only
// proof that nothing left, or an answer, ends the doubt after a POST; otherwise the provider
// is asked by ref, and the same ref is sent again only after two valid not-founds and a
// grace; settled is final, and what contradicts it becomes an incident.
#ifndef TOPUP_SERVER_CORE_PROTOCOL_H_
#define TOPUP_SERVER_CORE_PROTOCOL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/answer_table.h"
#include "server/core/clock_record.h"
#include "server/core/evidence.h"
#include "server/core/protocol_rules.h"
#include "server/core/provider_answer.h"
#include "server/core/topup.h"

namespace topup::core {

// An incident without its id and time.
struct IncidentDraft {
  std::string kind;
  std::string detail;
};

struct Decision {
  // False: nothing is to be committed and `topup` is as it was.
  bool changed = false;
  // True where a caller can see the change: it is an event, and has the next revision.
  bool visible = false;
  Topup topup;
  std::optional<Attempt> attempt;
  std::optional<Check> check;
  std::vector<IncidentDraft> incidents;
  std::optional<Resolution> resolution;
};

// What the engine knows beside the row.
struct Situation {
  absl::Time now;
  // The key and the account were proven right within kKeyProofAge: a not-found counts.
  bool key_proven = false;
  // How the wall clock went up to now.
  ClockRecord clock;
};

// A new row: QUEUED, revision 1, version 1, due at once. `topup` has everything that the
// caller's request, the catalogue and the pricing gave, `create_time` and `provider_ref`.
Topup MakeQueued(Topup topup);

// Takes a top-up for one POST: SUBMITTING, with the next fence and an attempt. Only after
// this is on disk may the POST be made. Not changed where the row is not due for a POST
// (somebody cancelled it, or it has been settled) or is past its time (Expire applies); a resend
// whose window has closed goes back to being asked for.
Decision Claim(const Topup& topup, const ProtocolRules& rules, absl::string_view account,
               absl::string_view environment, const Situation& situation);

// QUEUED and past its time: REJECTED, EXPIRED. Not changed otherwise.
Decision Expire(const Topup& topup, absl::Time now);

// Cancels while QUEUED. Not changed otherwise.
Decision CancelQueued(const Topup& topup, absl::Time now);

// The answer to the POST that was claimed under `fence`. Not changed where that claim is over.
Decision ApplySendAnswer(const Topup& topup, const ProtocolRules& rules, int64_t fence,
                         const SendAnswer& answer, const Situation& situation);

// A claim whose answer nobody will bring: its process is gone. In doubt; asked at once.
Decision TakeOver(const Topup& topup, const std::optional<Attempt>& attempt, absl::Time now);

// A top-up of a store that is an older copy: what became of it afterwards is not known. It may
// have been sent, and its caller may have been told an end. So it is asked for at once and
// never sent any more: where the provider has it it is adopted, otherwise it is in doubt, as of
// now. Not changed where it is settled. Deciding twice is deciding once, later.
Decision DoubtAfterRestore(const Topup& topup, const std::optional<Attempt>& attempt,
                           const ProtocolRules& rules, absl::Time now);

// The answer to a read by ref of a top-up in doubt or awaiting the proof of its refusal.
Decision ApplyDoubtRead(const Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                        const Situation& situation);

// The answer to a read of an accepted top-up, single or as part of a batch.
Decision ApplyStatusRead(const Topup& topup, const ProtocolRules& rules, const ReadAnswer& answer,
                         const Situation& situation);

// What a batch showed of a top-up that is settled, or a later read by ref said: incidents
// where it contradicts the record, and for NextAction::kReadSettled the next look.
Decision ApplySettledRead(const Topup& topup, const ReadAnswer& answer, const Situation& situation);

// True where a POST's answer is awaited by nobody and is not known: what ends a caller's wait.
bool IsInDoubt(const Topup& topup);

// True where a resend is still allowed by window, count and purpose.
bool MayResend(const Topup& topup, const ProtocolRules& rules, absl::Time now);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PROTOCOL_H_
