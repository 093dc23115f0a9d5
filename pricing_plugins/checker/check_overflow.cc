// Where numbers grow, prices do not fall; and what the contract forbids us to ask ends nothing.
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "pricing_plugins/checker/checks.h"

namespace topup::checker {
namespace {

// Amounts beyond the contract. The service never asks for them.
constexpr int64_t kForbidden[] = {-1, INT64_MIN, INT64_MAX, TOPUP_PRICING_AMOUNT_MAX + 1};

// No rule halves a price because what came before is ten times as much: that is a number that
// wrapped around.
std::optional<std::string> FindFall(const Instance& instance, Report& report) {
  for (const int64_t digit : {1, 3, 7, 9}) {
    int64_t last_price = -1;
    int64_t last_amount = 0;
    for (int64_t amount = digit * 100; amount <= TOPUP_PRICING_AMOUNT_MAX; amount *= 10) {
      RequestDraft draft;
      draft.face_value_centimes = TOPUP_PRICING_AMOUNT_MAX;  // a cap by it is out of the way
      draft.cost_centimes = amount;
      draft.price_so_far_centimes = amount;
      report.Doing(absl::StrCat("price was asked for ", draft.Describe()));
      const Reply reply = instance.Price(draft);
      if (!reply.ok()) continue;
      const int64_t price = reply.answer.price_centimes;
      if (last_price >= 0 && price < last_price / 2) {
        return absl::StrCat("a price so far of ", last_amount, " made ", last_price, ", one of ",
                            amount, " only ", price);
      }
      last_price = price;
      last_amount = amount;
    }
  }
  return std::nullopt;
}

}  // namespace

void CheckOverflow(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  if (const auto fall = FindFall(*opened.instance, report); fall.has_value()) {
    return report.Bad(*fall, "calculate in 64 bits, and check that each product fits");
  }
  size_t asked = 0;
  size_t believed = 0;
  for (const int64_t amount : kForbidden) {
    for (int where = 1; where < 8; ++where) {
      RequestDraft draft;
      if ((where & 1) != 0) draft.face_value_centimes = amount;
      if ((where & 2) != 0) draft.cost_centimes = amount;
      if ((where & 4) != 0) draft.price_so_far_centimes = amount;
      report.Doing(absl::StrCat("price was asked beyond the contract for ", draft.Describe()));
      const Reply reply = opened.instance->Price(draft);
      ++asked;
      believed += reply.code == TOPUP_PRICING_OK && FaultOf(reply).has_value() ? 1 : 0;
      if (!reply.breach.empty()) {
        return report.Bad(absl::StrCat(reply.breach, "; asked for ", draft.Describe()),
                          "check amounts before calculating with them");
      }
    }
  }
  const std::string found = absl::StrCat("no price falls where it should grow; ", asked,
                                         " requests beyond the contract ended nothing");
  if (believed == 0) return report.Good(found);
  report.Look(absl::StrCat(found, ", but ", believed, " got a price out of range"),
              "check amounts before calculating with them; the service asks for none of these");
}

}  // namespace topup::checker
