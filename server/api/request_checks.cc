#include "server/api/request_checks.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/api/form_error.h"
#include "server/api/proto_convert.h"
#include "server/base/error.h"
#include "server/engine/quote_book.h"

namespace topup::api {
namespace {

constexpr size_t kRefSizeMax = 64;
constexpr size_t kTopupIdSizeMax = 64;
// The longest code of the provider's has about 30.
constexpr size_t kPlanCodeSizeMax = 128;
constexpr int kLabelsMax = 16;
constexpr size_t kLabelsSizeMax = 1024;
constexpr int kListPageSizeDefault = 50;
constexpr absl::Duration kHeartbeatMin = absl::Seconds(1);
constexpr absl::Duration kHeartbeatMax = absl::Minutes(5);
constexpr absl::Duration kHeartbeatDefault = absl::Seconds(15);

bool IsRef(absl::string_view text) {
  return !text.empty() && text.size() <= kRefSizeMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '~' || c == '-';
         });
}

bool HasControlCharacter(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

// Collects what is wrong; each function looks at one field and returns its value.
class Form {
 public:
  // Nothing wrong so far where it returns OK.
  absl::Status Result() const {
    absl::Status error = FormError(violations_);
    if (violations_.size() != 1 || !phone_is_wrong_) return error;
    return base::MakeError(error.code(), error.message(),
                           {.reason = "INVALID_PHONE_NUMBER", .field_violations = violations_});
  }

  void Add(absl::string_view field, absl::string_view description) {
    violations_.push_back({std::string(field), std::string(description)});
  }

  core::PhoneNumber Phone(const std::string& text) {
    std::optional<core::PhoneNumber> phone = core::PhoneNumber::Parse(text);
    if (phone.has_value()) return *std::move(phone);
    phone_is_wrong_ = true;
    Add("phone_number",
        "must be 0, then 5, 6 or 7, then 8 digits; +213, 00213 and 213 may stand "
        "for the 0");
    return core::PhoneNumber();
  }

  std::optional<core::PhoneNumber> OptionalPhone(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return Phone(text);
  }

  std::string Ref(const std::string& text) {
    if (!IsRef(text)) Add("ref", "must be 1 to 64 of A-Z a-z 0-9 . _ ~ -");
    return text;
  }

  std::string PlanCode(const std::string& text) {
    if (text.empty() || text.size() > kPlanCodeSizeMax || HasControlCharacter(text)) {
      Add("plan_code", "must be 1 to 128 bytes without control characters");
    }
    return text;
  }

  core::Operator Op(v1::Operator op) {
    if (!v1::Operator_IsValid(op)) Add("operator", "must be one of the operators");
    return static_cast<core::Operator>(op);
  }

  std::vector<core::TopupStatus> Statuses(const google::protobuf::RepeatedField<int>& statuses) {
    std::set<core::TopupStatus> kept;
    for (const int status : statuses) {
      if (!v1::TopupStatus_IsValid(status) || status == v1::TOPUP_STATUS_UNSPECIFIED) {
        Add("statuses", "must be statuses that this server knows, and not UNSPECIFIED");
        return {};
      }
      kept.insert(static_cast<core::TopupStatus>(status));
    }
    return {kept.begin(), kept.end()};
  }

  int PageSize(int page_size) {
    if (page_size < 0) Add("page_size", "must not be negative");
    return std::min(page_size, kPageSizeMax);
  }

  absl::Time Time(absl::string_view field, const google::protobuf::Timestamp& timestamp) {
    const std::optional<absl::Time> time = ToTime(timestamp);
    if (!time.has_value()) {
      Add(field, "must be a time from year 1 to 9999 with 0 to 999999999 nanoseconds");
    }
    return time.value_or(absl::InfinitePast());
  }

  std::optional<core::Money> MaxPrice(const v1::SendTopupRequest& request) {
    if (!request.has_max_price()) return std::nullopt;
    if (request.max_price().currency_code() != "DZD") {
      Add("max_price.currency_code", "must be DZD");
    }
    if (request.max_price().centimes() <= 0) Add("max_price.centimes", "must be positive");
    return core::Money::Centimes(request.max_price().centimes());
  }

  std::map<std::string, std::string> Labels(const v1::SendTopupRequest& request) {
    size_t size = 0;
    bool nameless = false;
    for (const auto& [name, value] : request.labels()) {
      size += name.size() + value.size();
      nameless = nameless || name.empty();
    }
    if (request.labels_size() > kLabelsMax || size > kLabelsSizeMax) {
      Add("labels", "must be 16 pairs and 1024 bytes at most");
    } else if (nameless) {
      Add("labels", "must each have a name");
    }
    return {request.labels().begin(), request.labels().end()};
  }

  engine::WaitFor Wait(v1::WaitFor wait_for) {
    switch (wait_for) {
      case v1::WAIT_FOR_UNSPECIFIED:
      case v1::WAIT_FOR_RECORDED:
        return engine::WaitFor::kRecorded;
      case v1::WAIT_FOR_SUBMITTED:
        return engine::WaitFor::kSubmitted;
      case v1::WAIT_FOR_SETTLED:
        return engine::WaitFor::kSettled;
      default:
        Add("wait_for", "must be a value that this server knows");
        return engine::WaitFor::kRecorded;
    }
  }

  // For every request with `oneof key`.
  template <typename Request>
  engine::TopupKey Key(const Request& request, const std::string& caller) {
    engine::TopupKey key{.caller = caller};
    if (request.key_case() == Request::kTopupId) {
      key.topup_id = request.topup_id();
      if (key.topup_id.empty() || key.topup_id.size() > kTopupIdSizeMax) {
        Add("topup_id", "must be 1 to 64 bytes");
      }
    } else if (request.key_case() == Request::kRef) {
      key.ref = Ref(request.ref());
    } else {
      Add("key", "must be given: topup_id or ref");
    }
    return key;
  }

 private:
  std::vector<base::FieldViolation> violations_;
  bool phone_is_wrong_ = false;
};

// `value`, unless something was wrong.
template <typename T>
absl::StatusOr<T> Answer(const Form& form, T value) {
  if (absl::Status wrong = form.Result(); !wrong.ok()) return wrong;
  return value;
}

}  // namespace

absl::StatusOr<PlansCommand> CheckListPlans(const v1::ListPlansRequest& request,
                                            const std::string& caller) {
  Form form;
  PlansCommand command;
  command.query.caller = caller;
  command.query.phone = form.OptionalPhone(request.phone_number());
  command.query.op = form.Op(request.operator_());
  if (request.has_amount_dzd()) {
    if (request.amount_dzd() <= 0) form.Add("amount_dzd", "must be positive");
    command.query.amount_dzd = request.amount_dzd();
  }
  command.query.include_unsellable = request.include_unsellable();
  const int page_size = form.PageSize(request.page_size());
  command.page_size = page_size > 0 ? page_size : kPageSizeMax;
  return Answer(form, std::move(command));
}

absl::StatusOr<engine::OffersCommand> CheckListOffers(const v1::ListOffersRequest& request,
                                                      const std::string& caller) {
  Form form;
  engine::OffersCommand command;
  command.caller = caller;
  command.phone = form.Phone(request.phone_number());
  command.op = form.Op(request.operator_());
  return Answer(form, std::move(command));
}

absl::StatusOr<engine::QuoteCommand> CheckQuoteTopup(const v1::QuoteTopupRequest& request,
                                                     const std::string& caller) {
  Form form;
  engine::QuoteCommand command;
  command.caller = caller;
  command.phone = form.Phone(request.phone_number());
  command.plan_code = form.PlanCode(request.plan_code());
  if (request.has_amount_dzd()) command.amount_dzd = request.amount_dzd();
  return Answer(form, std::move(command));
}

absl::StatusOr<engine::SendCommand> CheckSendTopup(const v1::SendTopupRequest& request,
                                                   const std::string& caller) {
  Form form;
  engine::SendCommand command;
  command.caller = caller;
  command.ref = form.Ref(request.ref());
  command.phone = form.Phone(request.phone_number());
  command.plan_code = form.PlanCode(request.plan_code());
  if (request.has_amount_dzd()) command.amount_dzd = request.amount_dzd();
  command.quote_id = request.quote_id();
  if (command.quote_id.size() > engine::kQuoteIdSizeMax) {
    form.Add("quote_id", absl::StrCat("must be ", engine::kQuoteIdSizeMax, " bytes at most"));
  }
  command.max_price = form.MaxPrice(request);
  command.allow_repeat = request.allow_repeat();
  command.validate_only = request.validate_only();
  command.wait_for = form.Wait(request.wait_for());
  command.labels = form.Labels(request);
  if (request.has_send_before()) {
    command.send_before = form.Time("send_before", request.send_before());
  }
  return Answer(form, std::move(command));
}

absl::StatusOr<engine::TopupKey> CheckCancelTopup(const v1::CancelTopupRequest& request,
                                                  const std::string& caller) {
  Form form;
  engine::TopupKey key = form.Key(request, caller);
  return Answer(form, std::move(key));
}

absl::StatusOr<engine::TopupKey> CheckGetTopup(const v1::GetTopupRequest& request,
                                               const std::string& caller) {
  Form form;
  engine::TopupKey key = form.Key(request, caller);
  return Answer(form, std::move(key));
}

absl::StatusOr<store::ListFilter> CheckListTopups(const v1::ListTopupsRequest& request,
                                                  const std::string& caller) {
  Form form;
  store::ListFilter filter;
  filter.caller = caller;
  filter.statuses = form.Statuses(request.statuses());
  filter.phone = form.OptionalPhone(request.phone_number());
  if (request.has_start_time()) filter.start_time = form.Time("start_time", request.start_time());
  if (request.has_end_time()) filter.end_time = form.Time("end_time", request.end_time());
  const int page_size = form.PageSize(request.page_size());
  filter.limit = page_size > 0 ? page_size : kListPageSizeDefault;
  return Answer(form, std::move(filter));
}

absl::StatusOr<WatchTopupCommand> CheckWatchTopup(const v1::WatchTopupRequest& request,
                                                  const std::string& caller) {
  Form form;
  WatchTopupCommand command{form.Key(request, caller), request.after_revision()};
  if (command.after_revision < 0) form.Add("after_revision", "must not be negative");
  return Answer(form, std::move(command));
}

absl::StatusOr<WatchTopupsCommand> CheckWatchTopups(const v1::WatchTopupsRequest& request) {
  Form form;
  WatchTopupsCommand command;
  command.resume_token = request.resume_token();
  command.statuses = form.Statuses(request.statuses());
  command.from_oldest = request.from_oldest();
  command.heartbeat_interval = kHeartbeatDefault;
  if (request.has_heartbeat_interval()) {
    const std::optional<absl::Duration> interval = ToDuration(request.heartbeat_interval());
    if (!interval.has_value() || *interval < kHeartbeatMin || *interval > kHeartbeatMax) {
      form.Add("heartbeat_interval", "must be 1 second to 5 minutes");
    }
    command.heartbeat_interval = interval.value_or(kHeartbeatDefault);
  }
  return Answer(form, std::move(command));
}

}  // namespace topup::api
