#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/display_width.h"
#include "client/cli/topup_text.h"

namespace topup::cli {
namespace {

namespace v1admin = admin::v1;

// Reports an error, or hands the answer to `print`, or prints it as JSON.
template <typename Response, typename Print>
ExitStatus Show(const client::Result<Response>& result, Session& session, Print print) {
  if (!result.ok()) {
    session.Report(result.error());
    return ExitStatusOfChange(result.error());
  }
  if (session.json) {
    session.PrintJson(*result);
  } else {
    print(*result);
  }
  return kDone;
}

std::string AgeText(const google::protobuf::Duration& age) {
  return absl::FormatDuration(absl::Seconds(age.seconds()));
}

ExitStatus ShowProvider(Session& session) {
  return Show(session.admin.GetProvider({}, session.Call()), session, [&](const auto& response) {
    for (const v1admin::ProviderAccount& account : response.accounts()) {
      Table table({});
      table.AddRow({{"account"}, {account.account(), Colour::kBold}});
      table.AddRow({{"key"}, {account.key_type()}});
      table.AddRow(
          {{"balance"},
           {account.has_balance() ? absl::StrCat(MoneyText(account.balance()), " at ",
                                                 TimeText(account.balance_time(), session.zone))
                                  : "not read yet"}});
      table.AddRow({{"requests"},
                    {absl::StrCat(account.budget_used_last_minute(), " of ",
                                  account.budget_per_minute(), " in the last minute")}});
      for (const auto& [name, is_up] : account.operator_up()) {
        table.AddRow({{name}, {is_up ? "up" : "down", is_up ? Colour::kGreen : Colour::kRed}});
      }
      if (!account.paused_reason().empty()) {
        table.AddRow({{"paused"}, {account.paused_reason(), Colour::kRed}});
      }
      table.Print(session.out, session.style);
    }
    session.out << "plans read  " << TimeText(response.catalogue_time(), session.zone) << '\n';
  });
}

ExitStatus RefreshPlans(Session& session) {
  return Show(session.admin.RefreshPlans({}, session.Call()), session, [&](const auto& response) {
    session.out << response.plans() << " plans, " << response.changes_size() << " changes\n";
    for (const std::string& change : response.changes()) {
      session.out << "  " << Isolated(change) << '\n';
    }
  });
}

ExitStatus ShowUnsettled(const Arguments& arguments, Session& session) {
  v1admin::ListUnsettledRequest request;
  request.set_page_size(static_cast<int32_t>(arguments.Count("page_size")));
  request.set_page_token(arguments.Text("page_token"));
  return Show(session.admin.ListUnsettled(request, session.Call()), session,
              [&](const auto& response) {
                Table table({"TOP-UP", "NUMBER", "FACE VALUE", "STATUS", "WHY", "AGE", "NEXT LOOK",
                             "POSTS", "LAST EVIDENCE"});
                table.AlignRight(2);
                for (const v1admin::UnsettledTopup& entry : response.topups()) {
                  const v1::Topup& topup = entry.topup();
                  const int posts = entry.attempts_size();
                  table.AddRow({{topup.topup_id()},
                                {topup.phone_number()},
                                {MoneyText(topup.price().face_value())},
                                {StatusWord(topup.status()), StatusColour(topup.status())},
                                {entry.reason()},
                                {AgeText(entry.age())},
                                {TimeText(entry.next_check_time(), session.zone)},
                                {absl::StrCat(posts)},
                                {posts == 0 ? "" : entry.attempts(posts - 1).detail()}});
                }
                table.Print(session.out, session.style);
                session.out << response.total() << " unsettled, "
                            << MoneyText(response.value_at_risk()) << " at risk\n";
                if (!response.next_page_token().empty()) {
                  session.err << "topup: there are more: --page_token="
                              << Printable(response.next_page_token()) << std::endl;
                }
              });
}

ExitStatus ResolveTopup(const Arguments& arguments, Session& session) {
  if (!arguments.Has("as") || !arguments.Has("reason")) {
    return session.FailUsage(
        "a decision needs --as=fulfilled|refunded|rejected and --reason=TEXT.");
  }
  v1admin::ResolveTopupRequest request;
  request.set_topup_id(arguments.positionals[0]);
  request.set_status(StatusOf(arguments.Text("as")));
  request.set_reason(arguments.Text("reason"));
  request.set_override(arguments.Switch("override"));
  request.set_expected_revision(arguments.Count("revision"));
  return Show(session.admin.ResolveTopup(request, session.Call()), session,
              [&](const auto& response) {
                PrintTopup(response.topup(), session.zone, session.style, session.out);
              });
}

ExitStatus ShowIncidents(const Arguments& arguments, Session& session) {
  v1admin::ListIncidentsRequest request;
  request.set_page_size(static_cast<int32_t>(arguments.Count("page_size")));
  request.set_page_token(arguments.Text("page_token"));
  request.set_include_closed(arguments.Switch("all"));
  return Show(session.admin.ListIncidents(request, session.Call()), session,
              [&](const auto& response) {
                Table table({"INCIDENT", "TOP-UP", "KIND", "SINCE", "STATE", "DETAIL"});
                for (const v1admin::Incident& incident : response.incidents()) {
                  table.AddRow({{incident.incident_id()},
                                {incident.topup_id()},
                                {incident.kind()},
                                {TimeText(incident.create_time(), session.zone)},
                                incident.has_resolution() ? Cell{"closed", Colour::kDim}
                                                          : Cell{"open", Colour::kRed},
                                {incident.detail()}});
                }
                table.Print(session.out, session.style);
                if (!response.next_page_token().empty()) {
                  session.err << "topup: there are more: --page_token="
                              << Printable(response.next_page_token()) << std::endl;
                }
              });
}

ExitStatus CloseIncident(const Arguments& arguments, Session& session) {
  if (!arguments.Has("reason")) return session.FailUsage("closing needs --reason=TEXT.");
  v1admin::CloseIncidentRequest request;
  request.set_incident_id(arguments.positionals[0]);
  request.set_reason(arguments.Text("reason"));
  return Show(session.admin.CloseIncident(request, session.Call()), session,
              [&](const auto& response) {
                const v1admin::Incident& incident = response.incident();
                // Somebody else may have been first.
                session.out << "closed: " << Printable(incident.incident_id()) << " by "
                            << Printable(incident.resolution().decided_by()) << ": "
                            << Printable(incident.resolution().reason()) << '\n';
              });
}

}  // namespace

ExitStatus RunAdmin(const Arguments& arguments, Session& session) {
  const std::string& command = arguments.command;
  if (command == "admin provider") return ShowProvider(session);
  if (command == "admin refresh-plans") return RefreshPlans(session);
  if (command == "admin strategies") return ShowStrategies(session);
  if (command == "admin activate") return ActivatePricing(arguments, session);
  if (command == "admin rollback") return RollbackPricing(arguments, session);
  if (command == "admin simulate") return SimulatePricing(arguments, session);
  if (command == "admin explain") return ExplainPrice(arguments, session);
  if (command == "admin unsettled") return ShowUnsettled(arguments, session);
  if (command == "admin resolve") return ResolveTopup(arguments, session);
  if (command == "admin incidents") return ShowIncidents(arguments, session);
  return CloseIncident(arguments, session);
}

}  // namespace topup::cli
