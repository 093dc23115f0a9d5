#include "client/cli/error_text.h"

#include <google/protobuf/struct.pb.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/cli/display_width.h"
#include "client/cli/json_text.h"

namespace topup::cli {
namespace {

using client::ClientError;

std::string Metadata(const ClientError& error, const std::string& name) {
  const auto found = error.metadata.find(name);
  return found == error.metadata.end() ? "" : found->second;
}

// What helps against a reason of the catalogue. "" where the message says it all.
std::string Remedy(const ClientError& error) {
  struct Entry {
    const char* reason;
    const char* remedy;
  };
  static constexpr Entry kRemedies[] = {
      {"INVALID_PHONE_NUMBER", "a number is 0, then 5, 6 or 7, then eight digits"},
      {"OPERATOR_MISMATCH", "see what the number can take: topup plans --phone=N"},
      {"PLAN_NOT_FOUND", "see the plans: topup plans --all"},
      {"PLAN_DISABLED", "take another plan: topup plans"},
      {"PLAN_COST_UNKNOWN", "whoever runs topupd sets plan_cost for it in the settings file"},
      {"PLAN_NOT_SELLABLE", "see the number's own offers: topup offers N"},
      {"AMOUNT_REQUIRED", "give AMOUNT after the plan"},
      {"AMOUNT_OUT_OF_RANGE", "see the plan's range: topup plans"},
      {"REF_REUSED",
       "look at what the ref names: topup get --ref=R; another top-up needs another "
       "ref"},
      {"DUPLICATE_TOPUP",
       "look at the first one; where this is meant to be a second one, "
       "--allow_repeat"},
      {"QUOTE_EXPIRED", "ask for a new one: topup quote"},
      {"QUOTE_INVALID", "ask for a new one: topup quote"},
      {"QUOTE_MISMATCH", "quote the same number, plan and amount: topup quote"},
      {"NOT_CANCELLABLE", "follow it to its end: topup watch"},
      {"PROVIDER_BALANCE_LOW", "the account with the provider has to be filled up"},
      {"PRICE_ABOVE_CAP", "raise --max_price, or leave it out"},
      {"PRICING_UNAVAILABLE", "whoever runs topupd looks at: topup admin strategies"},
      {"TOPUP_NOT_FOUND", "see your top-ups: topup list"},
      {"PAGE_TOKEN_INVALID", "begin with the first page"},
      {"RESUME_TOKEN_INVALID", "begin without --resume_token, and read topup list"},
      {"CATALOGUE_UNAVAILABLE", "the provider's plans could not be read: try again later"},
      {"STORAGE_UNAVAILABLE", "repeat with the same --ref"},
      {"STORAGE_FULL", "whoever runs topupd makes room on its disk"},
      {"OVERLOADED", "try again later with the same --ref"},
      {"DRAINING", "the server is stopping: try again in a moment"},
      {"UNAUTHENTICATED", "give a token with --token_file, or a certificate with --cert and --key"},
      {"PERMISSION_DENIED", "whoever runs topupd gives the role to this caller"},
      {"CONFIG_INVALID", "correct what is listed below; what was in force stays in force"},
      {"STRATEGY_LOAD_FAILED", "look at the library with pricing_plugin_checker"},
      {"CONFIG_CHANGED", "see what is in force by now: topup admin strategies; then decide again"},
      {"NOTHING_TO_ROLL_BACK", "put the one that you want in force: topup admin activate FILE"},
  };
  if (error.reason == "RESUME_TOKEN_TOO_OLD") {
    return absl::StrCat(
        "changes are lost to the stream: read topup list, then go on with "
        "--resume_token=",
        Metadata(error, "oldest_resume_token"));
  }
  for (const Entry& entry : kRemedies) {
    if (error.reason == entry.reason) return entry.remedy;
  }
  return "";
}

bool HasProblemLines(const ClientError& error) {
  return error.reason == "CONFIG_INVALID" || error.reason == "STRATEGY_LOAD_FAILED";
}

// The sentence for an error that gRPC made. What it knows more is at the end of its message.
std::string PlainSentence(const ClientError& error, const std::string& server) {
  const absl::string_view message = error.message;
  const size_t last = message.rfind(": ");
  const absl::string_view cause =
      last == absl::string_view::npos ? message : message.substr(last + 2);
  switch (error.code) {
    case absl::StatusCode::kUnavailable:
      return absl::StrCat("Cannot reach the server at ", server, ": ", cause);
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("No answer in time from the server at ", server);
    case absl::StatusCode::kUnimplemented:
      return "This server does not serve that yet";
    case absl::StatusCode::kCancelled:
      return "Interrupted";
    default:
      return absl::StrCat(absl::StatusCodeToString(error.code), ": ", message);
  }
}

}  // namespace

std::string ErrorLine(const ClientError& error, const std::string& server) {
  std::string line = error.reason.empty() ? PlainSentence(error, server)
                                          : absl::StrCat(error.reason, ": ", error.message);
  line = std::string(absl::StripSuffix(line, "."));
  std::vector<std::string> fields;
  for (const client::FieldViolation& violation : error.field_violations) {
    if (HasProblemLines(error)) break;
    const absl::string_view description = absl::StripSuffix(violation.description, ".");
    fields.push_back(absl::StrContains(error.message, description)
                         ? violation.field
                         : absl::StrCat(violation.field, ": ", description));
  }
  for (const auto& [name, value] : error.metadata) {
    // The remedy shows the token; the message shows amounts in dinars, and most of the others.
    if (name == "oldest_resume_token" || absl::EndsWith(name, "_centimes") ||
        absl::StrContains(error.message, value)) {
      continue;
    }
    fields.push_back(absl::StrCat(name, ": ", value));
  }
  if (!fields.empty()) absl::StrAppend(&line, " (", absl::StrJoin(fields, "; "), ")");
  line += ".";
  const std::string remedy = Remedy(error);
  if (!remedy.empty()) absl::StrAppend(&line, " What helps: ", remedy, ".");
  if (error.retry_after.has_value()) {
    absl::StrAppend(&line, " Again in ", absl::FormatDuration(*error.retry_after), ".");
  }
  return Printable(line);
}

std::vector<std::string> ProblemLines(const ClientError& error) {
  std::vector<std::string> lines;
  if (!HasProblemLines(error)) return lines;
  for (const client::FieldViolation& violation : error.field_violations) {
    lines.push_back(Isolated(violation.field.empty()
                                 ? violation.description
                                 : absl::StrCat(violation.field, ": ", violation.description)));
  }
  return lines;
}

std::string ErrorJson(const ClientError& error) {
  google::protobuf::Struct root;
  auto& fields = *(*root.mutable_fields())["error"].mutable_struct_value()->mutable_fields();
  fields["code"].set_string_value(absl::StatusCodeToString(error.code));
  fields["reason"].set_string_value(error.reason);
  fields["message"].set_string_value(error.message);
  fields["mayHaveHappened"].set_bool_value(error.may_have_happened);
  auto& metadata = *fields["metadata"].mutable_struct_value()->mutable_fields();
  for (const auto& [name, value] : error.metadata) metadata[name].set_string_value(value);
  auto& violations = *fields["fieldViolations"].mutable_list_value();
  for (const client::FieldViolation& violation : error.field_violations) {
    auto& entry = *violations.add_values()->mutable_struct_value()->mutable_fields();
    entry["field"].set_string_value(violation.field);
    entry["description"].set_string_value(violation.description);
  }
  if (error.retry_after.has_value()) {
    const int64_t millis = absl::ToInt64Milliseconds(*error.retry_after);
    fields["retryAfter"].set_string_value(
        absl::StrFormat("%d.%03ds", millis / 1000, millis % 1000));
  }
  return JsonLine(root);
}

ExitStatus ExitStatusOfRead(const ClientError& error) {
  if (!error.reason.empty()) {
    const bool may_pass = error.code == absl::StatusCode::kUnavailable ||
                          error.code == absl::StatusCode::kDeadlineExceeded;
    return may_pass ? kNotKnownYet : kRefusedOrUndelivered;
  }
  switch (error.code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnreachable;
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
      return kNotKnownYet;
    default:
      return kRefusedOrUndelivered;
  }
}

ExitStatus ExitStatusOfChange(const ClientError& error) {
  return error.may_have_happened ? kNotKnownYet : ExitStatusOfRead(error);
}

}  // namespace topup::cli
