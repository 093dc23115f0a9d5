#include "server/sandbox/world/test_numbers.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace topup::sandbox {
namespace {

void EndAs(TopupRecord& record, TopupState end) { record.course.end = end; }

void ThenAfter(TopupRecord& record, TopupState later, absl::Duration after) {
  record.course.later = later;
  record.course.later_after = after;
}

// A send that is answered so, whatever else.
std::string Answer(absl::string_view kind, absl::string_view rest) {
  return absl::StrCat("endpoints: SEND kind: ", kind, " ", rest);
}

constexpr char kAfter[] = "moment: AFTER_ACCEPTANCE ";
constexpr char kOnce[] = "attempts: FIRST ";

// The documented numbers, and other ends and timings.
std::vector<TestNumber> MakeLives() {
  return {
      {"0600000001", "REFUNDED (documented)",
       [](TopupRecord& r) { EndAs(r, TopupState::kRefunded); }, ""},
      {"0600000002", "REFUNDED with a suggested offer, FACTURE_DJEZZY 500 (documented)",
       [](TopupRecord& r) {
         EndAs(r, TopupState::kRefunded);
         r.offers = OfferKind::kOneOffer;
       },
       ""},
      {"0600000003", "UNKNOWN_ERROR (documented); settles as the behaviour says, by default never",
       [](TopupRecord& r) { EndAs(r, TopupState::kUnknownError); }, ""},
      {"0600000101", "PENDING for ever",
       [](TopupRecord& r) { r.course.pending = absl::InfiniteDuration(); }, ""},
      {"0600000102", "HANDLING for ever",
       [](TopupRecord& r) { r.course.handling = absl::InfiniteDuration(); }, ""},
      {"0600000103", "slow: PENDING 60 s, HANDLING 120 s, FULFILLED",
       [](TopupRecord& r) {
         r.course.pending = absl::Minutes(1);
         r.course.handling = absl::Minutes(2);
       },
       ""},
      {"0600000104", "FULFILLED at once",
       [](TopupRecord& r) { r.course.pending = r.course.handling = absl::ZeroDuration(); }, ""},
      {"0600000105", "UNKNOWN_ERROR, FULFILLED 60 s later",
       [](TopupRecord& r) {
         EndAs(r, TopupState::kUnknownError);
         ThenAfter(r, TopupState::kFulfilled, absl::Minutes(1));
       },
       ""},
      {"0600000106", "UNKNOWN_ERROR, REFUNDED 60 s later",
       [](TopupRecord& r) {
         EndAs(r, TopupState::kUnknownError);
         ThenAfter(r, TopupState::kRefunded, absl::Minutes(1));
       },
       ""},
  };
}

// What contradicts the documentation, the request or itself.
std::vector<TestNumber> MakeContradictions() {
  return {
      {"0600000107", "FULFILLED, but REFUNDED 60 s later",
       [](TopupRecord& r) { ThenAfter(r, TopupState::kRefunded, absl::Minutes(1)); }, ""},
      {"0600000108", "reads REFUNDED for 4 s, then FULFILLED; no money goes back",
       [](TopupRecord& r) {
         EndAs(r, TopupState::kRefunded);
         ThenAfter(r, TopupState::kFulfilled, absl::Seconds(4));
       },
       ""},
      {"0600000109", "FULFILLED with the word SUCCESS",
       [](TopupRecord& r) { r.words = WordStyle::kTranslated; }, ""},
      {"0600000110", "REFUNDED with the word FAILED",
       [](TopupRecord& r) {
         EndAs(r, TopupState::kRefunded);
         r.words = WordStyle::kTranslated;
       },
       ""},
      {"0600000111", "ends in a status word that nobody knows",
       [](TopupRecord& r) { r.words = WordStyle::kUnheardOf; }, ""},
      {"0600000112", "FULFILLED, but balance_amount shows 1 DZD more than was taken",
       [](TopupRecord& r) { r.shown_surcharge_centimes = 100; }, ""},
      {"0600000113", "accepted, but reads find it after 30 s only",
       [](TopupRecord& r) { r.course.hidden_for = absl::Seconds(30); }, ""},
      {"0600000114", "accepted, but reads do not find it any more after 8 s",
       [](TopupRecord& r) { r.course.gone_after = absl::Seconds(8); }, ""},
      {"0600000115", "accepted for another phone number than the one sent",
       [](TopupRecord& r) { r.phone = "0600000099"; }, ""},
      {"0600000116", "accepted with an amount 10 DZD larger than the one sent",
       [](TopupRecord& r) { r.amount_dzd += 10; }, ""},
  };
}

// What a send is answered, whatever becomes of it.
std::vector<TestNumber> MakeAnswers() {
  const auto refuse = [](absl::string_view status, absl::string_view code) {
    return Answer("REFUSE", absl::StrCat("http_status: ", status, " error_code: '", code, "' "));
  };
  const auto server_error = absl::StrCat("http_status: 500 ", kOnce);
  return {
      {"0600000130", "refused: 400 ERR_VALIDATION", nullptr, refuse("400", "ERR_VALIDATION")},
      {"0600000131", "refused: 403 INSUFFICIENT_BALANCE", nullptr,
       refuse("403", "INSUFFICIENT_BALANCE")},
      {"0600000132", "refused: 403 NO_BALANCE", nullptr, refuse("403", "NO_BALANCE")},
      {"0600000133", "refused: 400 ERR_PHONE", nullptr, refuse("400", "ERR_PHONE")},
      {"0600000134", "refused with a code that nobody knows: 403 OPERATOR_ASLEEP", nullptr,
       refuse("403", "OPERATOR_ASLEEP")},
      {"0600000135", "not taken, and answered 403 DUPLICATED_REF", nullptr,
       refuse("403", "DUPLICATED_REF")},
      {"0600000136", "accepted, but answered 403 DUPLICATED-REF", nullptr,
       absl::StrCat(refuse("403", "DUPLICATED-REF"), kAfter, kOnce)},
      {"0600000140", "first send accepted, the answer is lost (connection closed)", nullptr,
       Answer("CLOSE", absl::StrCat(kAfter, kOnce))},
      {"0600000141", "first send not taken, the connection is closed", nullptr,
       Answer("CLOSE", kOnce)},
      {"0600000142", "first send accepted, the connection is reset", nullptr,
       Answer("RESET", absl::StrCat(kAfter, kOnce))},
      {"0600000143", "first send accepted, never answered", nullptr,
       Answer("HANG", absl::StrCat(kAfter, kOnce))},
      {"0600000144", "first send not taken, never answered", nullptr, Answer("HANG", kOnce)},
      {"0600000145", "first send accepted, answered 500 with an HTML page", nullptr,
       Answer("HTML_BODY", absl::StrCat(kAfter, server_error))},
      {"0600000146", "first send not taken, answered 500 INTERNAL_ERROR", nullptr,
       Answer("REFUSE", absl::StrCat(server_error, "error_code: 'INTERNAL_ERROR' "))},
      {"0600000147", "first send accepted, answered 500 INTERNAL_ERROR", nullptr,
       Answer("REFUSE", absl::StrCat(kAfter, server_error, "error_code: 'INTERNAL_ERROR' "))},
      {"0600000148", "first send not taken, answered 503 SERVICE_UNAVAILABLE", nullptr,
       Answer("UNAVAILABLE", kOnce)},
      {"0600000149", "first send not taken, answered 429 with Retry-After: 2", nullptr,
       Answer("RATE_LIMITED", absl::StrCat("retry_after_seconds: 2 ", kOnce))},
      {"0600000150", "first send not taken, answered 429 without Retry-After", nullptr,
       Answer("RATE_LIMITED", kOnce)},
      {"0600000151", "first send accepted, but the answer names another ref", nullptr,
       Answer("WRONG_REF", absl::StrCat(kAfter, kOnce))},
      {"0600000152", "first send accepted, the answer is cut in the middle", nullptr,
       Answer("TRUNCATED_JSON", absl::StrCat(kAfter, kOnce))},
      {"0600000153", "every send accepted at its first, and every answer lost", nullptr,
       Answer("CLOSE", kAfter)},
      {"0600000154", "no send is ever taken: the connection is closed", nullptr,
       Answer("CLOSE", "")},
  };
}

std::vector<TestNumber> MakeNumbers() {
  std::vector<TestNumber> numbers = MakeLives();
  for (TestNumber& number : MakeContradictions()) numbers.push_back(std::move(number));
  for (TestNumber& number : MakeAnswers()) numbers.push_back(std::move(number));
  return numbers;
}

}  // namespace

const std::vector<TestNumber>& TestNumbers() {
  static const auto* const numbers = new std::vector<TestNumber>(MakeNumbers());
  return *numbers;
}

void ShapeCourse(TopupRecord& record, bool is_menu, const ProviderRules& rules, double time_scale) {
  record.course.pending = rules.pending;
  record.course.handling = rules.handling;
  const std::string sent_to = record.phone;
  for (const TestNumber& number : TestNumbers()) {
    if (number.phone == sent_to && number.shape != nullptr) number.shape(record);
  }
  Course& course = record.course;
  if (course.end == TopupState::kUnknownError && !course.later && rules.unknown_settles_as) {
    course.later = rules.unknown_settles_as;
    course.later_after = rules.unknown_settles_after;
  }
  if (is_menu && course.end != TopupState::kUnknownError) {
    course.end = TopupState::kRefunded;
    course.later.reset();
    record.offers = OfferKind::kMenu;
  }
  if (course.hidden_for < rules.read_lag) course.hidden_for = rules.read_lag;
  course = ScaleCourse(course, time_scale);
}

std::string DescribeTestNumbers() {
  std::string text;
  for (const TestNumber& number : TestNumbers()) {
    absl::StrAppend(&text, "  ", number.phone, "  ", number.summary, "\n");
  }
  return text;
}

}  // namespace topup::sandbox
