// What the provider told us, as plain values: decoded, normalised, not yet judged.
//
// An adapter fills these in from what it saw on the wire; core/answer_table.h says what they
// mean. Nothing here assumes that the provider keeps its word: every field may be missing.
#ifndef TOPUP_SERVER_CORE_PROVIDER_ANSWER_H_
#define TOPUP_SERVER_CORE_PROVIDER_ANSWER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/core/money.h"
#include "server/core/plan.h"
#include "server/core/topup.h"

namespace topup::core {

// The facts about one HTTP exchange.
struct Exchange {
  // False only where name look-up, connect or TLS failed, or nothing was tried: not one byte
  // of the request was written. True whenever that is not certain.
  bool request_left = true;
  // A whole HTTP response was received, its body of the length it claims.
  bool response_complete = false;
  int http_status = 0;  // 0: none
  // The body is a JSON object with a boolean `success` (the documented envelope).
  bool enveloped = false;
  bool success = false;       // only where enveloped
  std::string error_code;     // upper case, '-' as '_'; empty where none
  std::string error_message;  // the provider's text, cut to 500 bytes
  std::string request_id;
  std::optional<absl::Duration> retry_after;
  // The provider's clock: `meta.timestamp`, or the Date header where there is none.
  std::optional<absl::Time> provider_time;
  // Our clock: when we began, and when the socket was closed or given back.
  absl::Time start_time;
  absl::Time end_time;
  // When we began, on the clock that nobody can set.
  absl::Duration start_elapsed;
  std::string transport_error;  // for people; empty where a response came
};

// A top-up as the provider shows it.
struct ProviderTopup {
  // `kUnrecognised`: a word that nobody has seen yet; it changes nothing.
  enum class Status { kUnrecognised, kPending, kHandling, kFulfilled, kRefunded, kUnknownError };

  std::string id;
  std::string ref;  // bare or "API-<account>-<ref>"; empty where not shown
  Status status = Status::kUnrecognised;
  std::string status_word;  // as given
  std::string plan_code;    // empty: not shown
  std::string phone;        // national form; empty: not shown
  std::optional<int64_t> amount_dzd;
  std::optional<Money> charge;            // `balance_amount`
  std::optional<absl::Time> create_time;  // the provider's clock
  std::string refund_message;
  std::vector<SuggestedOffer> suggested_offers;
};

struct SendAnswer {
  Exchange exchange;
  std::string provider_topup_id;
  std::string echoed_ref;  // `topupRef`
};

struct ReadAnswer {
  Exchange exchange;
  std::optional<ProviderTopup> topup;  // where it was found and could be decoded
};

struct ListAnswer {
  Exchange exchange;
  bool decoded = false;  // the page itself was understood
  std::vector<ProviderTopup> topups;
  int64_t total_pages = 0;  // 0: not said
};

struct PlansAnswer {
  Exchange exchange;
  bool decoded = false;
  std::vector<Plan> plans;  // entries that could not be understood are left out
  int skipped = 0;          // how many those were
};

struct BalanceAnswer {
  Exchange exchange;
  std::optional<Money> balance;
};

struct PingAnswer {
  Exchange exchange;
  bool api_up = false;
  std::map<std::string, bool> operator_up;  // the provider's names, for example "mobilis"
};

struct ValidateAnswer {
  Exchange exchange;
  bool decoded = false;
  bool key_enabled = false;
  std::string key_type;  // "SANDBOX" or "PRODUCTION", upper case
  std::string scope;     // "READ-WRITE" or "READ-ONLY"; empty: not shown
};

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PROVIDER_ANSWER_H_
