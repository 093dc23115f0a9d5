// Faults and behaviour as plain values, and how they are read from text.
//
// faults.proto says what each kind does; nothing outside this folder sees generated code.
#ifndef TOPUP_SERVER_SANDBOX_FAULTS_FAULT_SETTINGS_H_
#define TOPUP_SERVER_SANDBOX_FAULTS_FAULT_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/sandbox/world/catalogue.h"
#include "server/sandbox/world/provider_rules.h"

namespace topup::sandbox {

enum class Endpoint {
  kPing,
  kValidate,
  kBalance,
  kTransactions,
  kPlans,
  kSend,
  kCheckId,
  kCheckRef,
  kList,
  kOther,  // a path that the provider does not know; no rule names it
};

// "send", "check_ref", ...
absl::string_view EndpointName(Endpoint endpoint);

enum class FaultKind {
  kRefuse,
  kRateLimited,
  kUnavailable,
  kRedirect,
  kNotFound,
  kUnknownRoute,
  kHtmlBody,
  kEmptyBody,
  kGzipBomb,
  kTruncatedJson,
  kMalformedJson,
  kDeepJson,
  kHugeJson,
  kDuplicateKeys,
  kWrongRef,
  kOtherPhone,
  kOtherAmount,
  kUnknownStatusWord,
  kReplyToAnother,
  kWrongContentLength,
  kShortContentLength,
  kDelay,
  kHang,
  kClose,
  kReset,
  kCut,
  kSlow,
  kOneByteSegments,
  kDuplicatedReply,
  kEarlyContinue,
};

enum class Attempts { kAny, kFirst, kRetry };

struct Fault {
  FaultKind kind = FaultKind::kClose;
  std::string name;  // the kind's name in faults.proto, for the ledger
  bool after_acceptance = false;
  // Defaults are filled in.
  int http_status = 0;
  std::string error_code;
  std::string location;
  int retry_after_seconds = 0;  // 0: not shown
  absl::Duration delay;
  int64_t size = 0;
  int64_t after_bytes = 0;
  bool reset = false;
};

struct FaultRule {
  std::vector<Endpoint> endpoints;  // empty: all but kOther
  std::vector<std::string> numbers;
  std::vector<std::string> refs;
  Attempts attempts = Attempts::kAny;
  uint32_t per_mille = 1000;
  uint32_t skip = 0;
  uint32_t first = 0;     // 0: no end
  bool each_ref = false;  // skip and first count for each ref
  Fault fault;
};

struct FaultSettings {
  std::vector<FaultRule> rules;
  ProviderRules behaviour;
  CatalogueChoice catalogue = CatalogueChoice::kReference;
};

// Reads text of faults.proto's FaultFile. InvalidArgument with every problem, a line each.
absl::StatusOr<FaultSettings> ParseFaultSettings(absl::string_view text);

// The faults of the test numbers.
std::vector<FaultRule> TestNumberRules();

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_FAULTS_FAULT_SETTINGS_H_
