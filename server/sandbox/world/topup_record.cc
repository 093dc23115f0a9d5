#include "server/sandbox/world/topup_record.h"

#include "absl/strings/match.h"

namespace topup::sandbox {
namespace {

absl::Duration EndAge(const Course& course) { return course.pending + course.handling; }

std::string WordFor(const TopupRecord& record, TopupState state) {
  const bool ended = state == TopupState::kFulfilled || state == TopupState::kRefunded;
  if (ended && record.words == WordStyle::kUnheardOf) return "TRANSFERRED";
  if (record.words == WordStyle::kTranslated) {
    if (state == TopupState::kFulfilled) return "SUCCESS";
    if (state == TopupState::kRefunded) return "FAILED";
  }
  return std::string(StateWord(state));
}

std::string MessageFor(const TopupRecord& record, TopupState state) {
  if (state == TopupState::kUnknownError) {
    return "حالة العملية غير واضحة حاليا، يرجى الانتظار.";
  }
  if (state != TopupState::kRefunded) return "";
  switch (record.offers) {
    case OfferKind::kNone:
      return "لم تنجح العملية وتمت إعادة المبلغ إلى حسابك.";
    case OfferKind::kOneOffer:
      return "هذا الرقم لا يقبل العرض المرسل، يرجى اختيار أحد العروض المقترحة.";
    case OfferKind::kMenu:
      return "هذه هي العروض المتاحة لهذا الرقم.";
  }
  return "";
}

std::vector<Offer> MenuOf(absl::string_view plan_code) {
  if (absl::EndsWith(plan_code, "_Djezzy")) {
    return {{"📱 PREPAID | عادي", "PREPAID_DJEZZY", 500},
            {"📋 FACTURE | فاتورة", "FACTURE_DJEZZY", 500},
            {"📋 FACTURE | فاتورة", "FACTURE_DJEZZY", 1500}};
  }
  if (absl::EndsWith(plan_code, "_Ooredoo")) {
    return {{"📱 PREPAID | عادي", "PREPAID_OOREDOO", 500},
            {"📱🌐 AUTO | MIX 1000", "MIX1000_OOREDOO", 1000}};
  }
  return {{"📱 PREPAID | عادي", "PREPAID_MOBILIS", 500},
          {"📱🌐 AUTO | MIX 500", "MIX500_MOBILIS", 500},
          {"🎮 PIXX 500 | بيكس", "PIXX_500", 500}};
}

}  // namespace

absl::string_view StateWord(TopupState state) {
  switch (state) {
    case TopupState::kPending:
      return "PENDING";
    case TopupState::kHandling:
      return "HANDLING";
    case TopupState::kFulfilled:
      return "FULFILLED";
    case TopupState::kRefunded:
      return "REFUNDED";
    case TopupState::kUnknownError:
      return "UNKNOWN_ERROR";
  }
  return "PENDING";
}

std::optional<TopupState> ParseStateWord(absl::string_view word) {
  for (TopupState state : {TopupState::kPending, TopupState::kHandling, TopupState::kFulfilled,
                           TopupState::kRefunded, TopupState::kUnknownError}) {
    if (word == StateWord(state)) return state;
  }
  return std::nullopt;
}

Course ScaleCourse(const Course& course, double scale) {
  Course scaled = course;
  for (absl::Duration* part : {&scaled.pending, &scaled.handling, &scaled.later_after,
                               &scaled.hidden_for, &scaled.gone_after}) {
    *part /= scale;
  }
  return scaled;
}

TopupState StateAt(const TopupRecord& record, absl::Time now) {
  const Course& course = record.course;
  const absl::Duration age = now - record.accept_time;
  if (age < course.pending) return TopupState::kPending;
  if (age < EndAge(course)) return TopupState::kHandling;
  if (course.later && age >= EndAge(course) + course.later_after) return *course.later;
  return course.end;
}

bool IsVisibleAt(const TopupRecord& record, absl::Time now) {
  const absl::Duration age = now - record.accept_time;
  return age >= record.course.hidden_for && age < record.course.gone_after;
}

TopupView ViewAt(const TopupRecord& record, absl::Time now) {
  TopupView view;
  view.id = record.id;
  view.ref = record.ref;
  view.state = StateAt(record, now);
  view.status_word = WordFor(record, view.state);
  view.plan_code = record.plan_code;
  view.phone = record.phone;
  view.amount_dzd = record.amount_dzd;
  if (view.state != TopupState::kRefunded) {
    view.balance_amount_centimes = record.charge_centimes + record.shown_surcharge_centimes;
  }
  view.create_time = record.accept_time;
  view.refund_message = MessageFor(record, view.state);
  if (view.state == TopupState::kRefunded) {
    if (record.offers == OfferKind::kOneOffer) {
      view.offers = {{"📋 FACTURE | فاتورة", "FACTURE_DJEZZY", 500}};
    } else if (record.offers == OfferKind::kMenu) {
      view.offers = MenuOf(record.plan_code);
    }
  }
  return view;
}

absl::Time RefundTime(const TopupRecord& record) {
  const Course& course = record.course;
  const TopupState settled = course.later.value_or(course.end);
  if (settled != TopupState::kRefunded) return absl::InfiniteFuture();
  const absl::Duration wait = course.later ? course.later_after : absl::ZeroDuration();
  return record.accept_time + EndAge(course) + wait;
}

}  // namespace topup::sandbox
