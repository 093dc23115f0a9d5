#include <optional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/display_width.h"
#include "client/cli/topup_text.h"
#include "client/topup_watch.h"

namespace topup::cli {
namespace {

// Ends a watch when the user does, or when its time is over.
class WatchEnd {
 public:
  // `user` may be null; `timeout` 0 is none.
  WatchEnd(client::Cancellation* user, absl::Duration timeout)
      : forward_(user, [this] { end_.Cancel(); }) {
    if (timeout <= absl::ZeroDuration()) return;
    timer_ = std::thread([this, timeout] {
      if (!timer_stop_.WaitFor(timeout)) end_.Cancel();
    });
  }

  ~WatchEnd() {
    timer_stop_.Cancel();
    if (timer_.joinable()) timer_.join();
  }

  client::Cancellation* get() { return &end_; }
  // Whether one of the two did: the server may end a stream as CANCELLED too.
  bool reached() const { return end_.cancelled(); }

 private:
  client::Cancellation end_;
  client::Cancellation timer_stop_;
  const client::Cancellation::Watcher forward_;
  std::thread timer_;
};

client::FollowOptions OptionsOf(Session& session, WatchEnd& end) {
  client::FollowOptions options;
  options.failures_max = 8;  // about a minute and a half without a server
  options.cancellation = end.get();
  options.on_reconnect = [&session](const client::ClientError& error, absl::Duration delay) {
    session.err << "topup: the watch broke off and goes on in "
                << absl::FormatDuration(absl::Trunc(delay, absl::Milliseconds(100))) << ": "
                << ErrorLine(error, session.server) << std::endl;
  };
  return options;
}

void PrintRevision(const v1::Topup& topup, bool with_name, Session& session) {
  std::string line = TimeText(topup.update_time(), session.zone);
  if (!line.empty()) line += "  ";
  absl::StrAppend(&line, "#", topup.revision(), "  ");
  if (with_name) {
    absl::StrAppend(&line, Printable(topup.topup_id()), "  ", Printable(topup.phone_number()),
                    "  ");
  }
  session.out << line
              << session.style.Paint(StatusColour(topup.status()), StatusWord(topup.status()))
              << "  " << StatusMeaning(topup) << std::endl;
}

ExitStatus FollowAll(const Arguments& arguments, Session& session) {
  v1::WatchTopupsRequest request;
  request.set_resume_token(arguments.Text("resume_token"));
  request.set_from_oldest(arguments.Switch("from_oldest"));
  for (const std::string& word : arguments.Texts("status")) request.add_statuses(StatusOf(word));
  WatchEnd watch_end(session.cancellation, arguments.Duration("timeout"));
  const client::FollowEnd end = client::FollowTopups(
      session.topups, request,
      [&session](const v1::Topup* topup, const std::string& token) {
        if (session.json) {
          v1::WatchTopupsResponse event;
          if (topup != nullptr) {
            *event.mutable_topup() = *topup;
          } else {
            event.mutable_heartbeat();
          }
          event.set_resume_token(token);
          session.PrintJson(event);
        } else if (topup != nullptr) {
          PrintRevision(*topup, /*with_name=*/true, session);
        }
        return true;
      },
      session.world, OptionsOf(session, watch_end));
  // A token that the server does not take is not one to go on with.
  if (!end.resume_token.empty() && !absl::StartsWith(end.error->reason, "RESUME_TOKEN_")) {
    session.err << "topup: go on with --resume_token=" << Printable(end.resume_token) << std::endl;
  }
  // Nobody waits for the end of such a watch: ending it is what the user asked for.
  if (watch_end.reached()) return kDone;
  return session.FailRead(*end.error);
}

}  // namespace

ExitStatus ExitStatusOf(const v1::Topup& topup) {
  if (topup.status() == v1::TOPUP_STATUS_FULFILLED) return kDone;
  return client::IsSettled(topup) ? kRefusedOrUndelivered : kNotKnownYet;
}

ExitStatus FollowOne(const v1::GetTopupRequest& key, int64_t after_revision, bool stops_in_doubt,
                     absl::Duration timeout, Session& session) {
  v1::WatchTopupRequest request;
  if (key.has_ref()) request.set_ref(key.ref());
  if (key.has_topup_id()) request.set_topup_id(key.topup_id());
  request.set_after_revision(after_revision);
  WatchEnd watch_end(session.cancellation, timeout);
  std::optional<v1::Topup> shown;
  const client::Result<v1::Topup> followed = client::FollowTopup(
      session.topups, request,
      [&](const v1::Topup& topup) {
        shown = topup;
        if (session.json) {
          v1::WatchTopupResponse event;
          *event.mutable_topup() = topup;
          session.PrintJson(event);
        } else {
          PrintRevision(topup, /*with_name=*/false, session);
        }
        return !(stops_in_doubt && topup.status() == v1::TOPUP_STATUS_UNKNOWN_ERROR);
      },
      session.world, OptionsOf(session, watch_end));
  if (followed.ok()) {
    const bool tells_more =
        !followed->customer_message().empty() || !followed->rejection_reason().empty();
    if (!session.json && (!shown.has_value() || tells_more)) {
      PrintTopup(*followed, session.zone, session.style, session.out);
    }
    return ExitStatusOf(*followed);
  }
  if (watch_end.reached()) {
    session.err << "topup: not settled yet when the watch ended." << std::endl;
    return kNotKnownYet;
  }
  return session.FailRead(followed.error());
}

ExitStatus Watch(const Arguments& arguments, Session& session) {
  if (arguments.Switch("all")) return FollowAll(arguments, session);
  return FollowOne(KeyOf(arguments), /*after_revision=*/0, /*stops_in_doubt=*/false,
                   arguments.Duration("timeout"), session);
}

}  // namespace topup::cli
