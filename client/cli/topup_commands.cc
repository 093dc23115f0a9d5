#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/display_width.h"
#include "client/cli/topup_text.h"

namespace topup::cli {

v1::GetTopupRequest KeyOf(const Arguments& arguments) {
  v1::GetTopupRequest key;
  if (arguments.Has("ref")) {
    key.set_ref(arguments.Text("ref"));
  } else if (!arguments.positionals.empty()) {
    key.set_topup_id(arguments.positionals[0]);
  }
  return key;
}

v1::TopupStatus StatusOf(const std::string& word) {
  v1::TopupStatus status = v1::TOPUP_STATUS_UNSPECIFIED;
  v1::TopupStatus_Parse(absl::StrCat("TOPUP_STATUS_", absl::AsciiStrToUpper(word)), &status);
  return status;
}

ExitStatus Get(const Arguments& arguments, Session& session) {
  const client::Result<v1::GetTopupResponse> got =
      session.topups.Get(KeyOf(arguments), session.Call());
  if (!got.ok()) return session.FailRead(got.error());
  if (session.json) {
    session.PrintJson(*got);
  } else {
    PrintTopup(got->topup(), session.zone, session.style, session.out);
  }
  return kDone;
}

ExitStatus List(const Arguments& arguments, Session& session) {
  v1::ListTopupsRequest request;
  request.set_page_size(static_cast<int32_t>(arguments.Count("page_size")));
  request.set_page_token(arguments.Text("page_token"));
  request.set_phone_number(arguments.Text("phone"));
  for (const std::string& word : arguments.Texts("status")) request.add_statuses(StatusOf(word));
  Table table({"TOP-UP", "REF", "NUMBER", "PLAN", "FACE VALUE", "PRICE", "STATUS", "CREATED"});
  table.AlignRight(4);
  table.AlignRight(5);
  int shown = 0;
  while (true) {
    const client::Result<v1::ListTopupsResponse> page =
        session.topups.List(request, session.Call());
    if (!page.ok()) {
      // What was read is shown all the same.
      if (!session.json && shown > 0) table.Print(session.out, session.style);
      return session.FailRead(page.error());
    }
    if (session.json) session.PrintJson(*page);
    shown += page->topups_size();
    for (const v1::Topup& topup : page->topups()) {
      table.AddRow({{topup.topup_id()},
                    {topup.ref()},
                    {topup.phone_number()},
                    {topup.plan_code()},
                    {MoneyText(topup.price().face_value())},
                    {MoneyText(topup.price().price())},
                    {StatusWord(topup.status()), StatusColour(topup.status())},
                    {TimeText(topup.create_time(), session.zone)}});
    }
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty() || !arguments.Switch("all")) break;
  }
  if (session.json) return kDone;
  table.Print(session.out, session.style);
  if (!request.page_token().empty()) {
    session.err << "topup: there are more: --all, or --page_token="
                << Printable(request.page_token()) << std::endl;
  }
  return kDone;
}

ExitStatus Cancel(const Arguments& arguments, Session& session) {
  const v1::GetTopupRequest key = KeyOf(arguments);
  v1::CancelTopupRequest request;
  if (key.has_ref()) request.set_ref(key.ref());
  if (key.has_topup_id()) request.set_topup_id(key.topup_id());
  const client::Result<v1::CancelTopupResponse> cancelled =
      session.topups.Cancel(request, session.Call());
  if (!cancelled.ok()) {
    session.Report(cancelled.error());
    return ExitStatusOfChange(cancelled.error());
  }
  if (session.json) {
    session.PrintJson(*cancelled);
  } else {
    PrintTopup(cancelled->topup(), session.zone, session.style, session.out);
  }
  return kDone;
}

}  // namespace topup::cli
