// What the owner does with prices.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/display_width.h"
#include "client/cli/price_text.h"
#include "client/cli/simulation_text.h"
#include "client/cli/time_argument.h"

namespace topup::cli {
namespace {

namespace v1admin = admin::v1;

// Reads FILE, if it was given, into `config`. Anything but kDone has been reported.
ExitStatus TakeConfig(const Arguments& arguments, const Session& session, std::string& config) {
  if (arguments.positionals.empty()) return kDone;
  const std::string& path = arguments.positionals[0];
  std::optional<std::string> content = session.read_file(path);
  if (!content.has_value()) return session.FailUsage(absl::StrCat("cannot read ", path, "."));
  // An empty text would mean the server's own file.
  if (content->empty()) return session.FailUsage(absl::StrCat(path, " is empty."));
  if (content->size() > kConfigBytesMax) {
    const bool is_cut = content->size() > kFileBytesMax;
    return session.FailUsage(absl::StrCat(
        path, " has ", is_cut ? "more than " : "", std::min(content->size(), kFileBytesMax),
        " bytes: give at most ", kConfigBytesMax, ", or have the configured file read."));
  }
  config = *std::move(content);
  return kDone;
}

client::ClientError ConfigChanged(const std::string& in_force, const std::string& expected) {
  client::ClientError error;
  error.code = absl::StatusCode::kAborted;
  error.reason = "CONFIG_CHANGED";
  error.message = absl::StrCat("The configuration in force is ", in_force, ", not ", expected);
  error.metadata = {{"config_digest", in_force}, {"expected_config_digest", expected}};
  return error;
}

// Reads the digest in force, of what is to be changed and nothing else: whoever is second of two
// owners is told so. What they have seen before the command began only --expect knows.
ExitStatus TakeInForce(const Arguments& arguments, const Session& session, std::string& digest) {
  const client::Result<v1admin::ListStrategiesResponse> listed =
      session.admin.ListStrategies({}, session.Call());
  if (!listed.ok()) return session.FailRead(listed.error());
  digest = listed->config_digest();
  const std::string expected = arguments.Text("expect");
  if (absl::StartsWithIgnoreCase(digest, expected)) return kDone;
  return session.FailRead(ConfigChanged(digest, expected));
}

ExitStatus FailChange(const client::ClientError& error, const Session& session) {
  session.Report(error);
  const ExitStatus status = ExitStatusOfChange(error);
  if (status == kNotKnownYet) {
    session.err << "topup: it may have happened all the same; see: topup admin strategies"
                << std::endl;
  }
  return status;
}

// Fills in what the flags say; false where they contradict each other.
bool TakeTimes(const Arguments& arguments, v1admin::SimulatePricingRequest& request) {
  const auto set = [](absl::Time time, google::protobuf::Timestamp& timestamp) {
    timestamp.set_seconds(absl::ToUnixSeconds(time));
    timestamp.set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(timestamp.seconds()))));
  };
  const std::optional<TimeSpan> start = ParseTime(arguments.Text("start"));
  const std::optional<TimeSpan> end = ParseTime(arguments.Text("end"));
  if (start.has_value()) set(start->begin, *request.mutable_start_time());
  if (end.has_value()) set(end->end, *request.mutable_end_time());
  return !start.has_value() || !end.has_value() || start->begin < end->end;
}

// Keeps a message for the end; no more than the server promised to send.
void Keep(const v1admin::SimulatePricingResponse& message, size_t moves_max,
          SimulationAnswer& answer) {
  if (message.has_totals()) answer.totals = message.totals();
  if (!message.has_move()) return;
  auto& moves = message.move().has_new_price() && message.move().failure_reason().empty()
                    ? answer.movers
                    : answer.failures;
  if (moves.size() < moves_max) moves.push_back(message.move());
}

}  // namespace

ExitStatus ShowStrategies(Session& session) {
  const client::Result<v1admin::ListStrategiesResponse> listed =
      session.admin.ListStrategies({}, session.Call());
  if (!listed.ok()) return session.FailRead(listed.error());
  if (session.json) {
    session.PrintJson(*listed);
  } else {
    PrintStrategies(*listed, session.style, session.out);
  }
  return kDone;
}

ExitStatus ActivatePricing(const Arguments& arguments, Session& session) {
  v1admin::ActivatePricingRequest request;
  request.set_validate_only(arguments.Switch("validate_only"));
  if (const ExitStatus status = TakeConfig(arguments, session, *request.mutable_config());
      status != kDone) {
    return status;
  }
  if (const ExitStatus status =
          TakeInForce(arguments, session, *request.mutable_expected_config_digest());
      status != kDone) {
    return status;
  }
  const client::Result<v1admin::ActivatePricingResponse> activated =
      session.admin.ActivatePricing(request, session.Call());
  if (!activated.ok()) {
    return request.validate_only() ? session.FailRead(activated.error())
                                   : FailChange(activated.error(), session);
  }
  if (session.json) {
    session.PrintJson(*activated);
    return kDone;
  }
  const std::string from = Printable(request.expected_config_digest());
  const std::string to = Printable(activated->config_digest());
  if (request.validate_only()) {
    session.out << "would be taken: " << to << (from == to ? " (in force already)" : "") << '\n';
  } else if (from == to) {
    session.out << "nothing changed: " << to << " is in force already\n";
  } else {
    session.out << "was in force: " << from << "\nin force now: " << to << '\n';
  }
  return kDone;
}

ExitStatus RollbackPricing(const Arguments& arguments, Session& session) {
  v1admin::RollbackPricingRequest request;
  if (const ExitStatus status =
          TakeInForce(arguments, session, *request.mutable_expected_config_digest());
      status != kDone) {
    return status;
  }
  const client::Result<v1admin::RollbackPricingResponse> rolled_back =
      session.admin.RollbackPricing(request, session.Call());
  if (!rolled_back.ok()) return FailChange(rolled_back.error(), session);
  if (session.json) {
    session.PrintJson(*rolled_back);
  } else {
    session.out << "was in force: " << Printable(request.expected_config_digest())
                << "\nin force now: " << Printable(rolled_back->config_digest()) << '\n';
  }
  return kDone;
}

ExitStatus SimulatePricing(const Arguments& arguments, Session& session) {
  v1admin::SimulatePricingRequest request;
  if (const ExitStatus status = TakeConfig(arguments, session, *request.mutable_config());
      status != kDone) {
    return status;
  }
  if (!TakeTimes(arguments, request)) {
    return session.FailUsage("--end has to be later than --start.");
  }
  const int64_t moves_max = arguments.Count("movers");
  request.set_movers(static_cast<int32_t>(moves_max));
  SimulationAnswer answer;
  bool has_totals = false;
  client::CallOptions options = session.Call();
  options.timeout = arguments.Duration("timeout");
  const std::optional<client::ClientError> error = session.admin.SimulatePricing(
      request,
      [&](const v1admin::SimulatePricingResponse& message) {
        has_totals |= message.has_totals();
        if (session.json) {
          session.PrintJson(message);
        } else {
          Keep(message, static_cast<size_t>(moves_max), answer);
        }
        return true;
      },
      options);
  if (error.has_value()) return session.FailRead(*error);
  if (!has_totals) {
    client::ClientError broken_off;
    broken_off.message = "The answer ended before the totals.";
    return session.FailRead(broken_off);
  }
  if (!session.json) {
    PrintSimulation(answer, session.style, session.draws_blocks, session.out);
  }
  return kDone;
}

ExitStatus ExplainPrice(const Arguments& arguments, Session& session) {
  v1admin::ExplainPriceRequest request;
  request.set_topup_id(arguments.positionals[0]);
  const client::Result<v1admin::ExplainPriceResponse> explained =
      session.admin.ExplainPrice(request, session.Call());
  if (!explained.ok()) return session.FailRead(explained.error());
  if (session.json) {
    session.PrintJson(*explained);
  } else {
    PrintExplanation(*explained, session.zone, session.style, session.out);
  }
  if (!explained->has_replayed()) return kNotKnownYet;
  return explained->same() ? kDone : kRefusedOrUndelivered;
}

}  // namespace topup::cli
