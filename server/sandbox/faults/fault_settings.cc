#include "server/sandbox/faults/fault_settings.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/sandbox/faults/faults.pb.h"
#include "server/sandbox/world/test_numbers.h"

namespace topup::sandbox {
namespace {

class ProblemList : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    Add(absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message));
  }
  void Add(std::string problem) { problems_.push_back(std::move(problem)); }
  bool empty() const { return problems_.empty(); }
  absl::Status ToStatus() const {
    return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
  }

 private:
  std::vector<std::string> problems_;
};

struct KindDefaults {
  faults::Kind proto;
  FaultKind kind;
  int http_status = 200;
  int64_t delay_ms = 0;
  int64_t size = 0;
};

// Null for KIND_UNSPECIFIED.
const KindDefaults* FindKind(faults::Kind proto) {
  static constexpr KindDefaults kKinds[] = {
      {faults::REFUSE, FaultKind::kRefuse, 400},
      {faults::RATE_LIMITED, FaultKind::kRateLimited, 429},
      {faults::UNAVAILABLE, FaultKind::kUnavailable, 503},
      {faults::REDIRECT, FaultKind::kRedirect, 302},
      {faults::NOT_FOUND, FaultKind::kNotFound, 404},
      {faults::UNKNOWN_ROUTE, FaultKind::kUnknownRoute, 404},
      {faults::HTML_BODY, FaultKind::kHtmlBody},
      {faults::EMPTY_BODY, FaultKind::kEmptyBody},
      {faults::GZIP_BOMB, FaultKind::kGzipBomb},
      {faults::TRUNCATED_JSON, FaultKind::kTruncatedJson},
      {faults::MALFORMED_JSON, FaultKind::kMalformedJson},
      {faults::DEEP_JSON, FaultKind::kDeepJson, 200, 0, 100'000},
      {faults::HUGE_JSON, FaultKind::kHugeJson, 200, 0, 1 << 20},
      {faults::DUPLICATE_KEYS, FaultKind::kDuplicateKeys},
      {faults::WRONG_REF, FaultKind::kWrongRef},
      {faults::OTHER_PHONE, FaultKind::kOtherPhone},
      {faults::OTHER_AMOUNT, FaultKind::kOtherAmount},
      {faults::UNKNOWN_STATUS_WORD, FaultKind::kUnknownStatusWord},
      {faults::REPLY_TO_ANOTHER, FaultKind::kReplyToAnother},
      {faults::WRONG_CONTENT_LENGTH, FaultKind::kWrongContentLength, 200, 0, 7},
      {faults::SHORT_CONTENT_LENGTH, FaultKind::kShortContentLength, 200, 0, 7},
      {faults::DELAY, FaultKind::kDelay, 200, 30'000},
      {faults::HANG, FaultKind::kHang},
      {faults::CLOSE, FaultKind::kClose},
      {faults::RESET, FaultKind::kReset},
      {faults::CUT, FaultKind::kCut},
      {faults::SLOW, FaultKind::kSlow, 200, 1'000},
      {faults::ONE_BYTE_SEGMENTS, FaultKind::kOneByteSegments},
      {faults::DUPLICATED_REPLY, FaultKind::kDuplicatedReply},
      {faults::EARLY_CONTINUE, FaultKind::kEarlyContinue},
  };
  for (const KindDefaults& entry : kKinds) {
    if (entry.proto == proto) return &entry;
  }
  return nullptr;
}

// The proto numbers the endpoints from 1 in the order of Endpoint.
std::optional<Endpoint> ToEndpoint(int proto) {
  if (proto < faults::PING || proto > faults::LIST) return std::nullopt;
  return static_cast<Endpoint>(proto - faults::PING);
}

FaultRule ToRule(const faults::FaultRule& proto, absl::string_view where, ProblemList& problems) {
  const auto check = [&](bool good, absl::string_view problem) {
    if (!good) problems.Add(absl::StrCat(where, ": ", problem));
  };
  FaultRule rule;
  for (const int endpoint : proto.endpoints()) {
    const std::optional<Endpoint> known = ToEndpoint(endpoint);
    check(known.has_value(), "endpoints must name an endpoint");
    if (known) rule.endpoints.push_back(*known);
  }
  rule.numbers.assign(proto.numbers().begin(), proto.numbers().end());
  rule.refs.assign(proto.refs().begin(), proto.refs().end());
  rule.attempts = static_cast<Attempts>(proto.attempts());
  check(proto.per_mille() <= 1000, "per_mille must be at most 1000");
  if (proto.per_mille() > 0) rule.per_mille = proto.per_mille();
  rule.skip = proto.skip();
  rule.first = proto.first();
  rule.each_ref = proto.each_ref();

  Fault& fault = rule.fault;
  const KindDefaults* const defaults = FindKind(proto.kind());
  check(defaults != nullptr, "kind must be given");
  if (defaults == nullptr) return rule;
  fault.kind = defaults->kind;
  fault.name = faults::Kind_Name(proto.kind());
  fault.after_acceptance = proto.moment() == faults::AFTER_ACCEPTANCE;
  fault.http_status = proto.http_status() != 0 ? proto.http_status() : defaults->http_status;
  check(fault.http_status >= 200 && fault.http_status <= 599, "http_status must be 200 to 599");
  fault.error_code = proto.error_code().empty() ? "ERR_VALIDATION" : proto.error_code();
  fault.location = proto.location();
  fault.retry_after_seconds = proto.retry_after_seconds();
  check(proto.retry_after_seconds() >= 0, "retry_after_seconds must not be negative");
  fault.delay = absl::Milliseconds(proto.delay_ms() != 0 ? proto.delay_ms() : defaults->delay_ms);
  check(proto.delay_ms() >= 0 && proto.delay_ms() <= 86'400'000, "delay_ms must be within a day");
  fault.size = proto.size() != 0 ? proto.size() : defaults->size;
  check(fault.size >= 0 && fault.size <= 64 << 20, "size must be at most 64 MiB");
  fault.after_bytes = proto.after_bytes();
  check(proto.after_bytes() >= 0, "after_bytes must not be negative");
  fault.reset = proto.reset();
  return rule;
}

void TakeState(const std::string& word, std::optional<TopupState>& state, ProblemList& problems) {
  state = ParseStateWord(word);
  if (state != TopupState::kFulfilled && state != TopupState::kRefunded) {
    problems.Add("behaviour: unknown_settles_as must be FULFILLED or REFUNDED");
  }
}

#define TAKE(field) \
  if (proto.has_##field()) rules.field = proto.field()
#define TAKE_DURATION(field) \
  if (proto.has_##field##_ms()) rules.field = absl::Milliseconds(proto.field##_ms())

ProviderRules ToRules(const faults::Behaviour& proto, ProblemList& problems) {
  ProviderRules rules;
  TAKE_DURATION(pending);
  TAKE_DURATION(handling);
  TAKE_DURATION(unknown_settles_after);
  TAKE_DURATION(read_lag);
  TAKE_DURATION(clock_skew);
  if (rules.pending < absl::ZeroDuration() || rules.handling < absl::ZeroDuration()) {
    problems.Add("behaviour: pending_ms and handling_ms must not be negative");
  }
  if (proto.has_unknown_settles_as()) {
    TakeState(proto.unknown_settles_as(), rules.unknown_settles_as, problems);
  }
  TAKE(fixed_amount_required);
  TAKE(menu_amount_checked);
  TAKE(duplicate_checked_first);
  TAKE(duplicate_code);
  TAKE(balance_code);
  TAKE(ref_length_max);
  rules.ref_prefixed = proto.ref_form() == faults::Behaviour::PREFIXED;
  TAKE(read_by_prefixed_ref);
  TAKE(show_request_id);
  TAKE(show_meta);
  TAKE(show_new_balance);
  TAKE(show_currency);
  TAKE(odd_plan_entries);
  TAKE(lockout_tries);
  if (proto.has_lockout_ms()) rules.lockout_time = absl::Milliseconds(proto.lockout_ms());
  TAKE(missing_key_status);
  TAKE(wrong_key_code);
  rules.key_enabled = proto.key_state() != faults::Behaviour::DISABLED;
  rules.key_read_only = proto.key_state() == faults::Behaviour::READ_ONLY;
  rules.address_allowed = proto.key_state() != faults::Behaviour::FOREIGN_ADDRESS;
  TAKE(key_production);
  rules.retry_after_shown = !proto.hide_retry_after();
  TAKE(requests_per_minute);
  TAKE(api_down);
  rules.operators_down.assign(proto.operators_down().begin(), proto.operators_down().end());
  return rules;
}

#undef TAKE
#undef TAKE_DURATION

}  // namespace

absl::string_view EndpointName(Endpoint endpoint) {
  static constexpr const char* kNames[] = {"ping",  "validate", "balance",  "transactions",
                                           "plans", "send",     "check_id", "check_ref",
                                           "list",  "other"};
  return kNames[static_cast<int>(endpoint)];
}

absl::StatusOr<FaultSettings> ParseFaultSettings(absl::string_view text) {
  ProblemList problems;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&problems);
  faults::FaultFile file;
  if (!parser.ParseFromString(std::string(text), &file)) return problems.ToStatus();

  FaultSettings settings;
  for (int i = 0; i < file.rules_size(); ++i) {
    settings.rules.push_back(ToRule(file.rules(i), absl::StrCat("rules[", i, "]"), problems));
  }
  settings.behaviour = ToRules(file.behaviour(), problems);
  settings.catalogue = file.behaviour().catalogue() == faults::Behaviour::GUIDE
                           ? CatalogueChoice::kGuide
                           : CatalogueChoice::kReference;
  if (!problems.empty()) return problems.ToStatus();
  return settings;
}

std::vector<FaultRule> TestNumberRules() {
  std::string text;
  for (const TestNumber& number : TestNumbers()) {
    if (number.fault_text.empty()) continue;
    absl::StrAppend(&text, "rules { numbers: '", number.phone, "' ", number.fault_text, "}\n");
  }
  // The text is ours: a mistake in it shows in fault_settings_test.
  absl::StatusOr<FaultSettings> settings = ParseFaultSettings(text);
  return settings.ok() ? std::move(settings)->rules : std::vector<FaultRule>();
}

}  // namespace topup::sandbox
