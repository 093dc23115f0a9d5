#include "server/core/answer_table.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace topup::core {
namespace {

bool Matches(const AnswerRow& row, const Exchange& exchange, bool ref_is_ours) {
  if (row.unsent) {
    // An answer proves that something left, whatever the adapter believes.
    return !exchange.request_left && !exchange.response_complete && exchange.http_status == 0;
  }
  if (row.meaning == SendMeaning::kInDoubt) {
    return true;
  }
  if (!exchange.response_complete || exchange.http_status < row.status_min ||
      exchange.http_status > row.status_max ||
      std::count(row.status_except.begin(), row.status_except.end(), exchange.http_status) > 0) {
    return false;
  }
  switch (row.body) {
    case BodyForm::kAny:
      break;
    case BodyForm::kAcceptance:
      if (!exchange.enveloped || !exchange.success || !ref_is_ours) return false;
      break;
    case BodyForm::kFailure:
      if (!exchange.enveloped || exchange.success) return false;
      break;
    case BodyForm::kNoEnvelope:
      if (exchange.enveloped) return false;
      break;
    case BodyForm::kNoSuccess:
      if (exchange.enveloped && exchange.success) return false;
      break;
  }
  if (row.code_required && exchange.error_code.empty()) {
    return false;
  }
  return row.codes.empty() ||
         std::count(row.codes.begin(), row.codes.end(), exchange.error_code) > 0;
}

SendMeaning Judge(const Exchange& exchange, bool ref_is_ours) {
  for (const AnswerRow& row : AnswerTable()) {
    if (Matches(row, exchange, ref_is_ours)) {
      return row.meaning;
    }
  }
  return SendMeaning::kInDoubt;
}

}  // namespace

const std::vector<AnswerRow>& AnswerTable() {
  // 408, 409, 425 and 499 tell of a race or an impatient middlebox, not of a refusal.
  static const auto& table = *new std::vector<AnswerRow>{
      {"no byte of the request was written",
       true,
       0,
       0,
       {},
       BodyForm::kAny,
       {},
       false,
       SendMeaning::kUnsent},
      {"success, and the ref is ours",
       false,
       200,
       299,
       {},
       BodyForm::kAcceptance,
       {},
       false,
       SendMeaning::kAccepted},
      // The code alone decides: whatever status carries it, a copy may be there.
      {"the ref exists already",
       false,
       100,
       599,
       {},
       BodyForm::kFailure,
       {"DUPLICATED_REF"},
       true,
       SendMeaning::kDuplicate},
      {"401", false, 401, 401, {}, BodyForm::kNoSuccess, {}, false, SendMeaning::kConfiguration},
      // One page of the provider answers a missing key with 400.
      {"a 4xx refusal of the key itself",
       false,
       400,
       499,
       {408, 409, 425, 499},
       BodyForm::kFailure,
       {"MISSING_ACCESS_TOKEN", "INVALID_ACCESS_TOKEN", "ERR_AUTH"},
       true,
       SendMeaning::kConfiguration},
      {"403 for our address or key",
       false,
       403,
       403,
       {},
       BodyForm::kNoSuccess,
       {"IP_BLOCKED", "IP_NOT_ALLOWED", "API_DISABLED"},
       true,
       SendMeaning::kConfiguration},
      {"404 without the envelope",
       false,
       404,
       404,
       {},
       BodyForm::kNoEnvelope,
       {},
       false,
       SendMeaning::kConfiguration},
      {"3xx", false, 300, 399, {}, BodyForm::kNoSuccess, {}, false, SendMeaning::kConfiguration},
      {"429", false, 429, 429, {}, BodyForm::kNoSuccess, {}, false, SendMeaning::kThrottled},
      {"503 in the envelope",
       false,
       503,
       503,
       {},
       BodyForm::kFailure,
       {},
       false,
       SendMeaning::kThrottled},
      {"not enough money",
       false,
       400,
       499,
       {408, 409, 425, 499},
       BodyForm::kFailure,
       {"INSUFFICIENT_BALANCE", "NO_BALANCE"},
       true,
       SendMeaning::kNoMoney},
      {"any other well-formed 4xx refusal with a code",
       false,
       400,
       499,
       {408, 409, 425, 499},
       BodyForm::kFailure,
       {},
       true,
       SendMeaning::kRefused},
      {"everything else", false, 0, 0, {}, BodyForm::kAny, {}, false, SendMeaning::kInDoubt},
  };
  return table;
}

SendMeaning JudgeSend(const SendAnswer& answer, absl::string_view provider_ref) {
  return Judge(answer.exchange, IsOurRef(answer.echoed_ref, provider_ref));
}

RejectionReason RefusalReason(absl::string_view error_code) {
  if (error_code == "INSUFFICIENT_BALANCE" || error_code == "NO_BALANCE") {
    return RejectionReason::kProviderInsufficientBalance;
  }
  if (error_code == "ERR_VALIDATION" || error_code == "ERR_PHONE" ||
      error_code == "INVALID_PHONE") {
    return RejectionReason::kProviderValidation;
  }
  return RejectionReason::kProviderRefused;
}

ReadMeaning JudgeExchange(const Exchange& exchange) {
  if (!exchange.response_complete) {
    return ReadMeaning::kFailed;
  }
  if (exchange.enveloped && exchange.success && exchange.http_status >= 200 &&
      exchange.http_status <= 299) {
    return ReadMeaning::kFound;
  }
  if (exchange.http_status == 404 && exchange.enveloped && !exchange.success &&
      exchange.error_code == "NOT_FOUND") {
    return ReadMeaning::kNotFound;
  }
  switch (Judge(exchange, /*ref_is_ours=*/false)) {
    case SendMeaning::kConfiguration:
      return ReadMeaning::kConfiguration;
    case SendMeaning::kThrottled:
      return ReadMeaning::kThrottled;
    default:
      return ReadMeaning::kFailed;
  }
}

ReadMeaning JudgeRead(const ReadAnswer& answer) {
  const ReadMeaning meaning = JudgeExchange(answer.exchange);
  if (meaning == ReadMeaning::kFound && !answer.topup.has_value()) {
    return ReadMeaning::kFailed;
  }
  return meaning;
}

bool IsOurRef(absl::string_view shown_ref, absl::string_view provider_ref) {
  return !provider_ref.empty() &&
         (shown_ref == provider_ref || absl::EndsWith(shown_ref, absl::StrCat("-", provider_ref)));
}

absl::string_view SendMeaningName(SendMeaning meaning) {
  switch (meaning) {
    case SendMeaning::kAccepted:
      return "ACCEPTED";
    case SendMeaning::kUnsent:
      return "UNSENT";
    case SendMeaning::kRefused:
      return "REFUSED";
    case SendMeaning::kNoMoney:
      return "NO_MONEY";
    case SendMeaning::kDuplicate:
      return "DUPLICATE";
    case SendMeaning::kThrottled:
      return "THROTTLED";
    case SendMeaning::kConfiguration:
      return "CONFIGURATION";
    case SendMeaning::kInDoubt:
      return "IN_DOUBT";
  }
  return "IN_DOUBT";
}

}  // namespace topup::core
