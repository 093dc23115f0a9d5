#include "pricing_plugins/checker/request_draft.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace topup::checker {
namespace {

constexpr int kAlgiersOffsetSeconds = 3600;
constexpr int64_t kHour = 3600;

topup_pricing_civil_time_t CivilTime(int64_t unix_seconds, int offset_seconds) {
  const absl::CivilSecond civil =
      absl::FixedTimeZone(offset_seconds).At(absl::FromUnixSeconds(unix_seconds)).cs;
  return {.year = static_cast<int32_t>(civil.year()),
          .month = civil.month(),
          .day = civil.day(),
          .weekday = static_cast<int32_t>(absl::GetWeekday(civil)) + 1,
          .hour = civil.hour(),
          .minute = civil.minute(),
          .second = civil.second()};
}

void SetUsage(int64_t count, int64_t volume_centimes, RequestDraft& draft) {
  draft.flags |= TOPUP_PRICING_HAS_USAGE;
  draft.caller_count_today = count;
  draft.caller_volume_today_centimes = volume_centimes;
  draft.caller_count_this_month = count * 20;
  draft.caller_volume_this_month_centimes = volume_centimes * 20;
}

int64_t Below(std::mt19937_64& random, int64_t bound) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
}

// Anything that the contract lets an amount be, with a liking for the ends.
int64_t RandomAmount(std::mt19937_64& random) {
  switch (Below(random, 6)) {
    case 0:
      return Below(random, 3);
    case 1:
      return TOPUP_PRICING_AMOUNT_MAX - Below(random, 3);
    default:
      return Below(random, TOPUP_PRICING_AMOUNT_MAX + 1);
  }
}

}  // namespace

topup_pricing_request_t RequestDraft::Record() const {
  return {.struct_size = sizeof(topup_pricing_request_t),
          .abi_version = TOPUP_PRICING_ABI_VERSION,
          .plan_code = {plan_code.c_str(), plan_code.size()},
          .caller = {caller.c_str(), caller.size()},
          .plan_operator = plan_operator,
          .plan_kind = plan_kind,
          .face_value_centimes = face_value_centimes,
          .cost_centimes = cost_centimes,
          .price_so_far_centimes = price_so_far_centimes,
          .unix_seconds = unix_seconds,
          .utc = CivilTime(unix_seconds, 0),
          .algiers = CivilTime(unix_seconds, kAlgiersOffsetSeconds),
          .flags = flags,
          .caller_count_today = caller_count_today,
          .caller_volume_today_centimes = caller_volume_today_centimes,
          .caller_count_this_month = caller_count_this_month,
          .caller_volume_this_month_centimes = caller_volume_this_month_centimes};
}

std::string RequestDraft::Describe() const {
  return absl::StrCat("face value ", face_value_centimes, ", cost ", cost_centimes,
                      ", price so far ", price_so_far_centimes, ", operator ", plan_operator,
                      ", kind ", plan_kind, ", plan ", plan_code.substr(0, 24), ", caller ",
                      caller.substr(0, 24), ", unix time ", unix_seconds, ", volume this month ",
                      caller_volume_this_month_centimes);
}

std::vector<RequestDraft> OrdinaryRequests() {
  std::vector<RequestDraft> drafts;
  const char* const plans[] = {"PREPAID_MOBILIS", "PREPAID_DJEZZY", "PREPAID_OOREDOO", "GROS_PIXX"};
  int64_t moment = RequestDraft().unix_seconds;
  for (const int64_t dinars : {40, 100, 250, 500, 999, 1000, 2000, 2001, 5000, 20000}) {
    for (int32_t op = TOPUP_PRICING_OPERATOR_MOBILIS; op <= TOPUP_PRICING_OPERATOR_PIXX; ++op) {
      for (int32_t kind = TOPUP_PRICING_KIND_DYNAMIC; kind <= TOPUP_PRICING_KIND_MENU; ++kind) {
        RequestDraft draft = {.plan_code = plans[op - 1], .plan_operator = op, .plan_kind = kind};
        draft.face_value_centimes = dinars * 100;
        draft.cost_centimes = dinars * (kind == TOPUP_PRICING_KIND_MENU ? 97 : 98);
        draft.price_so_far_centimes = draft.cost_centimes + (op - 1) * dinars;
        draft.unix_seconds = moment;
        moment += 31 * kHour;  // comes by every hour and every day of the week
        if (kind != TOPUP_PRICING_KIND_FIXED) SetUsage(dinars % 7, dinars * 1000, draft);
        drafts.push_back(std::move(draft));
      }
    }
  }
  return drafts;
}

std::vector<RequestDraft> ExtremeRequests() {
  std::vector<RequestDraft> drafts;
  constexpr int64_t kEnds[] = {
      0, 1, 99, 100, TOPUP_PRICING_AMOUNT_MAX - 1, TOPUP_PRICING_AMOUNT_MAX};
  for (const int64_t face : kEnds) {
    for (const int64_t cost : kEnds) {
      for (const int64_t price : kEnds) {
        drafts.push_back(
            {.face_value_centimes = face, .cost_centimes = cost, .price_so_far_centimes = price});
      }
    }
  }
  for (const int32_t number : {-1, 0, 5, 1000, INT32_MIN, INT32_MAX}) {
    drafts.push_back({.plan_operator = number});
    drafts.push_back({.plan_kind = number});
  }
  for (const std::string& text : {std::string(), std::string(1, 'x'), std::string(4096, 'x'),
                                  std::string("\xd8\xac\xd9\x8a\xd8\xb2\xd9\x8a %s %n \" \\")}) {
    drafts.push_back({.plan_code = text});
    drafts.push_back({.caller = text});
  }
  for (const int64_t time : {INT64_C(0), INT64_C(-1), INT64_C(951782400), INT64_C(4102444800)}) {
    drafts.push_back({.unix_seconds = time});
  }
  drafts.push_back({.flags = ~UINT64_C(0)});
  drafts.push_back({.flags = TOPUP_PRICING_HAS_USAGE});
  for (const int64_t usage : {INT64_C(1), TOPUP_PRICING_AMOUNT_MAX}) {
    drafts.push_back({.flags = TOPUP_PRICING_HAS_USAGE,
                      .caller_count_today = usage,
                      .caller_volume_today_centimes = usage,
                      .caller_count_this_month = usage,
                      .caller_volume_this_month_centimes = usage});
  }
  return drafts;
}

RequestDraft RandomRequest(std::mt19937_64& random) {
  static const std::vector<RequestDraft> ordinary = OrdinaryRequests();
  RequestDraft draft =
      ordinary[static_cast<size_t>(Below(random, static_cast<int64_t>(ordinary.size())))];
  draft.unix_seconds += Below(random, int64_t{400} * 24 * kHour);
  if (Below(random, 4) == 0) {
    draft.face_value_centimes = RandomAmount(random);
    draft.cost_centimes = RandomAmount(random);
    draft.price_so_far_centimes = RandomAmount(random);
  } else {
    draft.face_value_centimes = (1 + Below(random, 30000)) * 100;
    draft.cost_centimes =
        draft.face_value_centimes * (900000 + Below(random, 100000)) / 1000000 + 1;
    draft.price_so_far_centimes = draft.cost_centimes + Below(random, 10000);
  }
  if (Below(random, 2) == 0) {
    draft.flags |= TOPUP_PRICING_HAS_USAGE;
    draft.caller_count_today = Below(random, 1000);
    draft.caller_volume_today_centimes = RandomAmount(random);
    draft.caller_count_this_month = Below(random, 100000);
    draft.caller_volume_this_month_centimes = RandomAmount(random);
  }
  return draft;
}

}  // namespace topup::checker
