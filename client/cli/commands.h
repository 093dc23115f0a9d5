// The commands of `topup`, one function each: arguments in, exit status out.
//
// The arguments have passed the parser: what is there is of the right kind.
#ifndef TOPUP_CLIENT_CLI_COMMANDS_H_
#define TOPUP_CLIENT_CLI_COMMANDS_H_

#include <cstdint>
#include <string>

#include "client/cli/arguments.h"
#include "client/cli/error_text.h"
#include "client/cli/session.h"

namespace topup::cli {

// catalogue_commands.cc
ExitStatus ShowPlans(const Arguments& arguments, Session& session);
ExitStatus ShowOffers(const Arguments& arguments, Session& session);
ExitStatus MakeQuote(const Arguments& arguments, Session& session);

// send_command.cc
ExitStatus Send(const Arguments& arguments, Session& session);

// topup_commands.cc
ExitStatus Get(const Arguments& arguments, Session& session);
ExitStatus List(const Arguments& arguments, Session& session);
ExitStatus Cancel(const Arguments& arguments, Session& session);

// watch_command.cc
ExitStatus Watch(const Arguments& arguments, Session& session);

// tour_command.cc
ExitStatus Tour(const Arguments& arguments, Session& session);

// Follows one top-up, a line for each revision after `after_revision`. Where `stops_in_doubt` is
// set, UNKNOWN_ERROR ends it too: it can last for days. `timeout` 0 is none.
ExitStatus FollowOne(const v1::GetTopupRequest& key, int64_t after_revision, bool stops_in_doubt,
                     absl::Duration timeout, Session& session);

// What `topup`, watched as far as it goes, is to a script: FULFILLED, not delivered, not known.
ExitStatus ExitStatusOf(const v1::Topup& topup);

// admin_commands.cc: every command whose name begins with "admin ".
ExitStatus RunAdmin(const Arguments& arguments, Session& session);

// price_commands.cc
ExitStatus ShowStrategies(Session& session);
ExitStatus ActivatePricing(const Arguments& arguments, Session& session);
ExitStatus RollbackPricing(const Arguments& arguments, Session& session);
ExitStatus SimulatePricing(const Arguments& arguments, Session& session);
// Done: the same. Refused: another price. Not known: it could not be priced again.
ExitStatus ExplainPrice(const Arguments& arguments, Session& session);

// ID or --ref, as a request's key.
v1::GetTopupRequest KeyOf(const Arguments& arguments);

// "unknown_error" as TOPUP_STATUS_UNKNOWN_ERROR. The word is one of the parser's.
v1::TopupStatus StatusOf(const std::string& word);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_COMMANDS_H_
