// What a fault does to an answer.
//
// Three steps, each a pure function: some faults put another answer in place of the right one,
// some change what the answer says, and some damage its text or how it travels.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_FAULT_EFFECTS_H_
#define TOPUP_SERVER_SANDBOX_HTTP_FAULT_EFFECTS_H_

#include <optional>

#include "server/sandbox/faults/fault_settings.h"
#include "server/sandbox/http/answers.h"
#include "server/sandbox/http/http_message.h"
#include "server/sandbox/world/topup_record.h"

namespace topup::sandbox {

// Where a fault hits a send that is not taken, there is no right answer to damage. True: a
// made-up acceptance takes its place (the damage is such that nobody may believe it).
// False: a 500 does.
bool NeedsMadeUpAcceptance(FaultKind kind);

// The answer that replaces the right one; nothing where the fault damages it instead.
std::optional<HttpReply> Replacement(const Fault& fault, const HttpRequest& request,
                                     const AnswerWriter& writer);

// Changes what a send is recorded as.
void DamageRecord(const Fault& fault, TopupRecord& record);

// Changes what is said about a top-up. `other`: the view of another one; null: makes one up.
void DamageView(const Fault& fault, const TopupView* other, TopupView& view);

// Changes the text of an answer, its length, and how it leaves.
void DamageReply(const Fault& fault, HttpReply& reply);

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_FAULT_EFFECTS_H_
