#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/display_width.h"
#include "client/cli/tour_text.h"
#include "client/topup_watch.h"

namespace topup::cli {
namespace {

constexpr absl::Duration kPace = absl::Seconds(1);
// A server that has just started has not been told yet what its key is for.
constexpr int kKeyTriesMax = 15;

// Draws the rows where the output can be drawn over, and says what changed where it cannot.
class TourView {
 public:
  TourView(const std::vector<TourRow>& rows, Session& session) : rows_(rows), session_(session) {}

  void Changed(const TourRow& row) {
    if (session_.json) return;
    if (session_.out_is_terminal) return Redraw();
    session_.out << TourLine(row, session_.style) << std::endl;
  }

  void TimePassed() {
    if (!session_.json && session_.out_is_terminal) Redraw();
  }

  // The table as it stays.
  void Finish() {
    if (session_.json) return;
    if (session_.out_is_terminal) return Redraw();
    session_.out << TourTable(rows_, session_.style) << std::flush;
  }

 private:
  void Redraw() {
    session_.out << DrawnOver(TourTable(rows_, session_.style), lines_) << std::flush;
    lines_ = static_cast<int>(rows_.size()) + 1;
  }

  const std::vector<TourRow>& rows_;
  Session& session_;
  int lines_ = 0;
};

// Refuses a server whose key can move money.
ExitStatus CheckSandbox(Session& session) {
  for (int i = 0; i < kKeyTriesMax; ++i) {
    if (i > 0) session.world.sleep(kPace, session.cancellation);
    const client::Result<admin::v1::GetProviderResponse> provider =
        session.admin.GetProvider({}, session.Call());
    if (!provider.ok()) return session.FailRead(provider.error());
    const auto& accounts = provider->accounts();
    const bool is_known = std::none_of(accounts.begin(), accounts.end(), [](const auto& account) {
      return account.key_type().empty();
    });
    if (!is_known) continue;
    for (const admin::v1::ProviderAccount& account : accounts) {
      if (account.key_type() == "SANDBOX") continue;
      session.err << "topup: the tour sells to test numbers, and this server's provider key is a "
                  << Printable(account.key_type()) << " one. Only with --sandbox." << std::endl;
      return kRefusedOrUndelivered;
    }
    return kDone;
  }
  session.err << "topup: the server does not know yet whether its provider key is a sandbox's."
              << std::endl;
  return kNotKnownYet;
}

v1::SendTopupRequest RequestOf(const TourStop& stop, const client::World& world) {
  v1::SendTopupRequest request;
  request.set_ref(client::MakeRef(world));
  request.set_phone_number(stop.phone_number);
  request.set_plan_code(stop.plan_code);
  request.set_amount_dzd(stop.amount_dzd);
  request.set_allow_repeat(true);  // a tour may be taken twice
  return request;
}

// Follows from `token` until every row is at its end or `timeout` is over.
ExitStatus FollowRows(const std::string& token, absl::Time start, absl::Duration timeout,
                      std::vector<TourRow>& rows, TourView& view, Session& session) {
  v1::WatchTopupsRequest request;
  request.set_resume_token(token);
  request.mutable_heartbeat_interval()->set_seconds(absl::ToInt64Seconds(kPace));
  const auto is_over = [&rows] {
    return std::all_of(rows.begin(), rows.end(),
                       [](const TourRow& row) { return IsAtItsEnd(*row.topup); });
  };
  const auto on_event = [&](const v1::Topup* topup, const std::string&) {
    const absl::Duration age = session.world.now() - start;
    for (TourRow& row : rows) {
      const bool is_meant = topup != nullptr && topup->topup_id() == row.topup->topup_id();
      if (!IsAtItsEnd(*row.topup)) row.age = age;
      if (!is_meant || topup->revision() <= row.topup->revision()) continue;
      row.topup = *topup;
      if (session.json) session.PrintJson(*topup);
      view.Changed(row);
    }
    if (topup == nullptr) view.TimePassed();
    return !is_over() && age < timeout;
  };
  const client::FollowEnd end =
      client::FollowTopups(session.topups, request, on_event, session.world,
                           {.failures_max = 5, .cancellation = session.cancellation});
  return end.error.has_value() ? session.FailRead(*end.error) : kDone;
}

// Says what differs; true where nothing does.
bool Judge(const std::vector<TourRow>& rows, Session& session) {
  size_t good = 0;
  for (const TourRow& row : rows) {
    const std::vector<std::string> differences = Differences(row.stop, *row.topup);
    good += differences.empty() ? 1 : 0;
    if (differences.empty()) continue;
    session.err << session.style.Paint(Colour::kRed, "differs: ") << row.stop.phone_number << " "
                << Printable(absl::StrJoin(differences, "; ")) << std::endl;
  }
  if (!session.json) {
    session.out << good << " of " << rows.size() << " ended as documented." << std::endl;
  }
  return good == rows.size();
}

}  // namespace

ExitStatus Tour(const Arguments& arguments, Session& session) {
  if (const ExitStatus status = CheckSandbox(session); status != kDone) return status;
  v1::ListTopupsRequest list;
  list.set_page_size(1);
  const client::Result<v1::ListTopupsResponse> before = session.topups.List(list, session.Call());
  if (!before.ok()) return session.FailRead(before.error());

  std::vector<TourRow> rows;
  for (const TourStop& stop : TourStops()) rows.push_back({.stop = stop});
  TourView view(rows, session);
  const absl::Time start = session.world.now();
  v1::SendTopupRequest first;
  for (TourRow& row : rows) {
    const v1::SendTopupRequest request = RequestOf(row.stop, session.world);
    if (first.ref().empty()) first = request;
    const client::Result<v1::SendTopupResponse> sent = session.topups.Send(request, session.Call());
    if (!sent.ok()) {
      session.Report(sent.error());
      return ExitStatusOfChange(sent.error());
    }
    row.topup = sent->topup();
    if (session.json) session.PrintJson(*row.topup);
    view.Changed(row);
  }
  const ExitStatus followed =
      FollowRows(before->resume_token(), start, arguments.Duration("timeout"), rows, view, session);
  if (followed != kDone) return followed;
  view.Finish();
  if (!session.json) {
    session.out << '\n';
    PrintTourStory(rows, session.zone, session.style, session.out);
    session.out << '\n';
  }
  // What every caller may rely on: a repeat gives the same top-up and sells nothing.
  const client::Result<v1::SendTopupResponse> again = session.topups.Send(first, session.Call());
  if (!again.ok()) return session.FailRead(again.error());
  const bool is_same =
      again->replayed() && again->topup().topup_id() == rows.front().topup->topup_id();
  if (!is_same) session.err << "differs: the first send, repeated, sold again" << std::endl;
  if (!session.json && is_same) {
    session.out << "The first send, repeated under its ref, is the same top-up: sold once.\n";
  }
  return Judge(rows, session) && is_same ? kDone : kRefusedOrUndelivered;
}

}  // namespace topup::cli
