// Valid top-ups for tests: every field set, so that a field that is lost shows.
#ifndef TOPUP_TESTS_SUPPORT_TOPUP_BUILDER_H_
#define TOPUP_TESTS_SUPPORT_TOPUP_BUILDER_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/topup.h"

namespace topup::support {

// An ordinary instant that has microseconds.
inline absl::Time TestTime(absl::Duration after_start = absl::ZeroDuration()) {
  return absl::FromUnixMicros(1'790'000'000'123'456) + after_start;
}

// A sale of 500 dinars to a Mobilis number, QUEUED and due at once, at revision 1 and version
// 1. `name` makes id, ref and provider ref; ids of equal length sort like their names.
inline core::Topup MakeQueuedTopup(absl::string_view name, absl::string_view caller = "shop",
                                   absl::Time create_time = TestTime()) {
  core::Topup topup;
  topup.id = absl::StrCat("id-", name);
  topup.ref = absl::StrCat("ref-", name);
  topup.caller = std::string(caller);
  topup.phone = *core::PhoneNumber::Parse("0612345601");
  topup.op = core::Operator::kMobilis;
  topup.plan_code = "MOBILIS_PREPAID";
  topup.plan_kind = core::PlanKind::kDynamic;
  topup.amount_dzd = 500;
  topup.price.face_value = core::Money::Centimes(50000);
  topup.price.cost = core::Money::Centimes(49625);
  topup.price.price = core::Money::Centimes(52107);
  topup.price.profit = core::Money::Centimes(2482);
  topup.price.strategies = {
      {"dz.topup.percentage_markup", "1.2.0", std::string(64, 'a'), std::string(64, 'b')}};
  topup.price.steps = {{"markup 5 %", core::Money::Centimes(52107)}};
  topup.labels = {{"order", "7"}, {"till", "é, 3:x"}};
  topup.create_time = create_time;
  topup.send_before = create_time + absl::Minutes(30);
  topup.provider_ref = absl::StrCat("T-test-", caller, "-", name);
  topup.status = core::TopupStatus::kQueued;
  topup.advice = core::RefundAdvice::kWait;
  topup.update_time = create_time;
  topup.revision = 1;
  topup.progress.next_action = core::NextAction::kPost;
  topup.progress.next_action_time = create_time;
  topup.version = 1;
  return topup;
}

// A menu request as the engine records it: it belongs to no caller and has no ref.
inline core::Topup MakeMenuTopup(absl::string_view name, absl::Time create_time = TestTime()) {
  core::Topup topup = MakeQueuedTopup(name, "", create_time);
  topup.ref.clear();
  topup.purpose = core::Purpose::kMenu;
  topup.plan_code = "GetMenu_Mobilis";
  topup.plan_kind = core::PlanKind::kMenu;
  topup.amount_dzd = 0;
  topup.price = core::PriceBreakdown{};
  topup.labels.clear();
  return topup;
}

// `topup` one committed change later, visible or not, `after` its last visible change.
inline core::Topup NextVersion(core::Topup topup, bool visible = true,
                               absl::Duration after = absl::Seconds(1)) {
  topup.version += 1;
  if (visible) {
    topup.revision += 1;
    topup.update_time += after;
  }
  return topup;
}

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_TOPUP_BUILDER_H_
