#include "tests/integration/fault_cells.h"

#include "absl/strings/str_cat.h"

namespace topup::integration {
namespace {

struct FaultText {
  std::string text;  // in the words of the stand-in, the kind first
  // Says that there is something under our ref where there is nothing.
  bool claims_a_copy = false;
  // A taken send is recorded as something else than was ordered.
  bool records_another = false;
  // A read by ref shows something else, also where there is nothing.
  bool shows_another = false;
};

const std::vector<FaultText>& AllFaults() {
  static const auto& faults = *new std::vector<FaultText>{
      {"REFUSE"},
      {"REFUSE http_status: 403 error_code: 'INSUFFICIENT_BALANCE'"},
      {"REFUSE http_status: 403 error_code: 'DUPLICATED_REF'", true},
      {"REFUSE http_status: 403 error_code: 'IP_NOT_ALLOWED'"},
      {"REFUSE http_status: 403 error_code: 'API_DISABLED'"},
      {"REFUSE http_status: 401 error_code: 'INVALID_ACCESS_TOKEN'"},
      {"REFUSE http_status: 408 error_code: 'REQUEST_TIMEOUT'"},
      {"REFUSE http_status: 409 error_code: 'CONFLICT'"},
      {"REFUSE http_status: 500 error_code: 'INTERNAL_ERROR'"},
      {"RATE_LIMITED retry_after_seconds: 1"},
      {"UNAVAILABLE retry_after_seconds: 1"},
      {"REDIRECT"},
      {"NOT_FOUND"},
      {"UNKNOWN_ROUTE"},
      {"HTML_BODY"},
      {"HTML_BODY http_status: 502"},
      {"EMPTY_BODY"},
      {"GZIP_BOMB"},
      {"TRUNCATED_JSON"},
      {"MALFORMED_JSON"},
      {"DEEP_JSON"},
      {"HUGE_JSON"},
      {"DUPLICATE_KEYS"},
      {"WRONG_REF"},
      {"OTHER_PHONE", false, true},
      {"OTHER_AMOUNT", false, true},
      {"UNKNOWN_STATUS_WORD"},
      {"REPLY_TO_ANOTHER", false, false, true},
      {"WRONG_CONTENT_LENGTH"},
      {"SHORT_CONTENT_LENGTH"},
      {"DELAY delay_ms: 2000"},
      {"HANG"},
      {"CLOSE"},
      {"RESET"},
      {"CUT after_bytes: 20"},
      {"CUT after_bytes: 150 reset: true"},
      {"SLOW"},
      {"ONE_BYTE_SEGMENTS"},
      {"DUPLICATED_REPLY"},
      {"EARLY_CONTINUE"},
  };
  return faults;
}

constexpr char kWithoutList[] = "rules { endpoints: LIST kind: UNKNOWN_ROUTE }\n";
// Long enough for several reads of its status, also where the machine is slow.
constexpr char kLongLife[] = "behaviour { pending_ms: 30000 }\n";
constexpr char kLostOnItsWay[] = "rules { endpoints: SEND attempts: FIRST kind: CLOSE }\n";
constexpr char kTakenAnswerLost[] =
    "rules { endpoints: SEND attempts: FIRST kind: CLOSE moment: AFTER_ACCEPTANCE }\n";

std::string Rule(absl::string_view endpoint, absl::string_view which, absl::string_view what) {
  return absl::StrCat("rules { endpoints: ", endpoint, " ", which, " kind: ", what, " }\n");
}

// A rule for the first request of an endpoint; for a retry, one that loses the first before it.
std::string RulesFor(absl::string_view endpoint, absl::string_view which, const FaultText& fault,
                     bool retry) {
  return absl::StrCat(retry ? Rule(endpoint, which, "CLOSE") : "",
                      Rule(endpoint, which, fault.text));
}

std::string CallName(Call call) {
  switch (call) {
    case Call::kSend:
      return "send";
    case Call::kCheckRef:
      return "check-ref";
    case Call::kCheckId:
      return "check-id";
    case Call::kList:
      return "list";
  }
  return "";
}

FaultCell NewCell(Call call, bool taken, bool retry, absl::string_view fault) {
  FaultCell cell;
  cell.call = call;
  cell.taken = taken;
  cell.retry = retry;
  cell.name = absl::StrCat(CallName(call), taken ? ", taken" : ", not taken",
                           retry ? ", retry: " : ", first: ", fault);
  return cell;
}

// The rules that put a top-up where `cell.call` is made of it or, for one that is not taken,
// because of it: by id or as a list then as the proof that the key sees our top-ups, without
// which a not-found counts for nothing.
void SetTheStage(FaultCell& cell) {
  switch (cell.call) {
    case Call::kSend:
      return;
    case Call::kCheckRef:
      // A list would show what is in doubt before anybody asks by ref.
      cell.rules = absl::StrCat(kWithoutList, cell.taken ? kTakenAnswerLost : kLostOnItsWay);
      cell.after_ordinary_ones = !cell.taken;
      return;
    case Call::kCheckId:
      cell.after_ordinary_ones = !cell.taken;
      if (cell.taken) {
        cell.rules = absl::StrCat(kWithoutList, kLongLife);
      } else {
        // The other way to prove the key fails once, so that this one is tried again.
        cell.rules = absl::StrCat(kLostOnItsWay,
                                  cell.retry ? Rule("LIST", "first: 1", "UNKNOWN_ROUTE") : "");
      }
      return;
    case Call::kList:
      cell.rules = cell.taken ? kLongLife : kLostOnItsWay;
      return;
  }
}

// How often the fault has to strike. Where it is a CLOSE, those that set the stage count too.
void CountStrikes(FaultCell& cell) {
  const bool for_each = cell.call == Call::kSend || cell.call == Call::kCheckRef ||
                        (cell.call == Call::kCheckId && cell.taken);
  int& strikes = for_each ? cell.strikes_each : cell.strikes;
  strikes = 1;
  if (cell.kind != "CLOSE") return;
  strikes += cell.retry;
  cell.strikes_each += cell.call == Call::kCheckRef || (cell.call != Call::kSend && !cell.taken);
}

FaultCell MakeCell(Call call, bool taken, bool retry, const FaultText& fault) {
  FaultCell cell = NewCell(call, taken, retry, fault.text);
  SetTheStage(cell);
  cell.kind = fault.text.substr(0, fault.text.find(' '));
  switch (call) {
    case Call::kSend: {
      const std::string moment = taken ? " moment: AFTER_ACCEPTANCE" : "";
      cell.rules = absl::StrCat(
          retry ? kLostOnItsWay : "",
          Rule("SEND", retry ? "attempts: RETRY each_ref: true first: 1" : "attempts: FIRST",
               fault.text + moment));
      cell.may_be_held = taken ? fault.records_another : fault.claims_a_copy;
      break;
    }
    case Call::kCheckRef:
      absl::StrAppend(&cell.rules, RulesFor("CHECK_REF", "each_ref: true first: 1", fault, retry));
      cell.may_be_held = !taken && fault.shows_another;
      break;
    case Call::kCheckId:
      absl::StrAppend(
          &cell.rules,
          RulesFor("CHECK_ID", taken ? "each_ref: true first: 1" : "first: 1", fault, retry));
      break;
    case Call::kList:
      absl::StrAppend(&cell.rules, RulesFor("LIST", "first: 1", fault, retry));
      break;
  }
  CountStrikes(cell);
  return cell;
}

std::string TlsFaultName(TlsFault fault) {
  switch (fault) {
    case TlsFault::kExpiredCertificate:
      return "TLS, an expired certificate";
    case TlsFault::kHandshakeAlert:
      return "TLS, an alert in the handshake";
    default:
      return "TLS, an alert in place of the answer";
  }
}

FaultCell MakeTlsCell(Call call, bool taken, bool retry, TlsFault fault) {
  FaultCell cell = NewCell(call, taken, retry, TlsFaultName(fault));
  SetTheStage(cell);
  cell.tls = fault;
  if (call == Call::kSend && taken && fault != TlsFault::kAlertAsReply) {
    // Taken, and not shown for so long that it is sent again: that is the one that meets it.
    cell.rules = absl::StrCat(kTakenAnswerLost, "behaviour { read_lag_ms: 120000 }\n");
  }
  CountStrikes(cell);
  return cell;
}

}  // namespace

std::vector<FaultCell> AllFaultCells() {
  std::vector<FaultCell> cells;
  for (const Call call : {Call::kSend, Call::kCheckRef, Call::kCheckId, Call::kList}) {
    for (const bool taken : {false, true}) {
      for (const bool retry : {false, true}) {
        for (const FaultText& fault : AllFaults()) {
          cells.push_back(MakeCell(call, taken, retry, fault));
        }
        for (const TlsFault fault :
             {TlsFault::kExpiredCertificate, TlsFault::kHandshakeAlert, TlsFault::kAlertAsReply}) {
          // A first POST whose handshake fails cannot have been taken.
          const bool possible =
              call != Call::kSend || !taken || retry || fault == TlsFault::kAlertAsReply;
          if (possible) cells.push_back(MakeTlsCell(call, taken, retry, fault));
        }
      }
    }
  }
  return cells;
}

}  // namespace topup::integration
