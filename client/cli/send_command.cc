#include <utility>

#include "absl/strings/numbers.h"
#include "client/cli/commands.h"
#include "client/cli/display_width.h"
#include "client/cli/topup_text.h"
#include "client/topup_watch.h"

namespace topup::cli {
namespace {

v1::WaitFor WaitOf(const std::string& word) {
  if (word == "submitted") return v1::WAIT_FOR_SUBMITTED;
  if (word == "settled") return v1::WAIT_FOR_SETTLED;
  return v1::WAIT_FOR_RECORDED;
}

v1::SendTopupRequest RequestOf(const Arguments& arguments) {
  v1::SendTopupRequest request;
  request.set_phone_number(arguments.positionals[0]);
  request.set_plan_code(arguments.positionals[1]);
  int64_t amount = 0;
  if (arguments.positionals.size() > 2 && absl::SimpleAtoi(arguments.positionals[2], &amount)) {
    request.set_amount_dzd(amount);
  }
  request.set_quote_id(arguments.Text("quote"));
  if (arguments.Has("max_price")) {
    request.mutable_max_price()->set_currency_code("DZD");
    request.mutable_max_price()->set_centimes(ParseDinars(arguments.Text("max_price")).value_or(0));
  }
  request.set_allow_repeat(arguments.Switch("allow_repeat"));
  request.set_validate_only(arguments.Switch("validate_only"));
  request.set_wait_for(WaitOf(arguments.Text("wait")));
  for (const std::string& label : arguments.Texts("label")) {
    const size_t equals = label.find('=');
    (*request.mutable_labels())[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return request;
}

// The status of a send that was answered and is not watched.
ExitStatus ExitStatusOfAnswer(const v1::Topup& topup, v1::WaitFor wait) {
  if (client::IsSettled(topup)) return ExitStatusOf(topup);
  if (wait == v1::WAIT_FOR_RECORDED) return kDone;
  const bool is_submitted =
      topup.status() != v1::TOPUP_STATUS_QUEUED && topup.status() != v1::TOPUP_STATUS_SUBMITTING;
  if (wait == v1::WAIT_FOR_SUBMITTED && is_submitted) return kDone;
  return kNotKnownYet;
}

}  // namespace

ExitStatus Send(const Arguments& arguments, Session& session) {
  v1::SendTopupRequest request = RequestOf(arguments);
  request.set_ref(arguments.Text("ref"));
  if (request.ref().empty()) {
    request.set_ref(client::MakeRef(session.world));
    // Before anything leaves: whatever happens now, this is how to ask for it, or to repeat it.
    (session.json ? session.err : session.out) << "ref: " << request.ref() << std::endl;
  }
  const client::Result<v1::SendTopupResponse> sent = session.topups.Send(request, session.Call());
  if (!sent.ok()) {
    session.Report(sent.error());
    const ExitStatus status = ExitStatusOfChange(sent.error());
    if (sent.error().may_have_happened && !request.validate_only()) {
      session.err << "topup: it may have been recorded. Ask with: topup get --ref="
                  << Printable(request.ref())
                  << " , or repeat the same send with --ref=" << Printable(request.ref())
                  << " . Never repeat it under another ref." << std::endl;
    }
    return status;
  }
  const v1::Topup& topup = sent->topup();
  if (session.json) {
    session.PrintJson(*sent);
  } else {
    if (request.validate_only()) session.out << "Nothing was recorded; it would be:\n";
    if (sent->replayed()) session.out << "This ref was known already; nothing new was recorded.\n";
    PrintTopup(topup, session.zone, session.style, session.out);
    session.out.flush();
  }
  if (request.validate_only()) return kDone;
  const bool is_over = client::IsSettled(topup) || topup.status() == v1::TOPUP_STATUS_UNKNOWN_ERROR;
  if (!arguments.Switch("watch") || is_over) {
    return arguments.Switch("watch") ? ExitStatusOf(topup)
                                     : ExitStatusOfAnswer(topup, request.wait_for());
  }
  v1::GetTopupRequest key;
  key.set_topup_id(topup.topup_id());
  return FollowOne(key, topup.revision(), /*stops_in_doubt=*/true, arguments.Duration("timeout"),
                   session);
}

}  // namespace topup::cli
