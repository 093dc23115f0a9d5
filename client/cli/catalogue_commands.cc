#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/topup_text.h"

namespace topup::cli {
namespace {

std::string RangeText(const v1::Plan& plan) {
  if (plan.kind() == v1::PLAN_KIND_MENU) return "";
  if (plan.min_amount_dzd() == plan.max_amount_dzd()) return absl::StrCat(plan.min_amount_dzd());
  return absl::StrCat(plan.min_amount_dzd(), "-", plan.max_amount_dzd());
}

std::string PriceText(const v1::PriceBreakdown& price) {
  return price.has_price() ? MoneyText(price.price()) : "";
}

}  // namespace

ExitStatus ShowPlans(const Arguments& arguments, Session& session) {
  v1::ListPlansRequest request;
  request.set_phone_number(arguments.Text("phone"));
  request.set_include_unsellable(arguments.Switch("all"));
  if (arguments.Has("amount")) request.set_amount_dzd(arguments.Count("amount"));
  if (arguments.Has("operator")) {
    v1::Operator op = v1::OPERATOR_UNSPECIFIED;
    v1::Operator_Parse(absl::StrCat("OPERATOR_", absl::AsciiStrToUpper(arguments.Text("operator"))),
                       &op);
    request.set_operator_(op);
  }
  const client::Result<v1::ListPlansResponse> listed =
      session.topups.ListPlans(request, session.Call());
  if (!listed.ok()) return session.FailRead(listed.error());
  if (session.json) {
    session.PrintJson(*listed);
    return kDone;
  }
  // The name comes last: it is the text that a terminal may draw in a width of its own.
  Table table({"PLAN", "OPERATOR", "AMOUNT DZD", "PRICE", "STATE", "NAME"});
  table.AlignRight(2);
  table.AlignRight(3);
  for (const v1::Plan& plan : listed->plans()) {
    const Cell state = plan.sellable()   ? Cell{"on sale", Colour::kGreen}
                       : !plan.enabled() ? Cell{"switched off", Colour::kDim}
                                         : Cell{"not sellable", Colour::kDim};
    table.AddRow({{plan.plan_code()},
                  {OperatorWord(plan.operator_())},
                  {RangeText(plan)},
                  {PriceText(plan.price())},
                  state,
                  {plan.display_name()}});
  }
  table.Print(session.out, session.style);
  if (listed->stale()) {
    session.err << "topup: the provider could not be read; these plans are of "
                << TimeText(listed->catalogue_time(), session.zone) << "." << std::endl;
  }
  return kDone;
}

ExitStatus ShowOffers(const Arguments& arguments, Session& session) {
  v1::ListOffersRequest request;
  request.set_phone_number(arguments.positionals[0]);
  const client::Result<v1::ListOffersResponse> listed =
      session.topups.ListOffers(request, session.Call());
  if (!listed.ok()) return session.FailRead(listed.error());
  if (session.json) {
    session.PrintJson(*listed);
    return kDone;
  }
  if (listed->offers().empty()) {
    session.err << "topup: the operator offers nothing to this number." << std::endl;
    return kDone;
  }
  Table table({"PLAN", "AMOUNT DZD", "PRICE", "NAME"});
  table.AlignRight(1);
  table.AlignRight(2);
  for (const v1::Offer& offer : listed->offers()) {
    table.AddRow({{offer.plan_code()},
                  {absl::StrCat(offer.amount_dzd())},
                  {PriceText(offer.price())},
                  {offer.display_name()}});
  }
  table.Print(session.out, session.style);
  return kDone;
}

ExitStatus MakeQuote(const Arguments& arguments, Session& session) {
  v1::QuoteTopupRequest request;
  request.set_phone_number(arguments.positionals[0]);
  request.set_plan_code(arguments.positionals[1]);
  int64_t amount = 0;
  if (arguments.positionals.size() > 2 && absl::SimpleAtoi(arguments.positionals[2], &amount)) {
    request.set_amount_dzd(amount);
  }
  const client::Result<v1::QuoteTopupResponse> quoted =
      session.topups.Quote(request, session.Call());
  if (!quoted.ok()) return session.FailRead(quoted.error());
  if (session.json) {
    session.PrintJson(*quoted);
    return kDone;
  }
  Table table({});
  table.AddRow({{"quote"}, {quoted->quote().quote_id()}});
  AddPriceRows(quoted->quote().price(), table);
  table.AddRow({{"holds until"}, {TimeText(quoted->quote().expire_time(), session.zone)}});
  table.Print(session.out, session.style);
  return kDone;
}

}  // namespace topup::cli
