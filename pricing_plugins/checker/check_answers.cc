// What it answers to requests within the contract: ordinary, extreme, random ones.
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pricing_plugins/checker/checks.h"

namespace topup::checker {
namespace {

constexpr char kAnswerRemedy[] =
    "see topup_pricing_answer_t in pricing_plugins/abi/answer.h; where there is no price, answer a "
    "code and a sentence";

struct Tally {
  size_t asked = 0;
  size_t priced = 0;
  size_t below_cost = 0;
  std::string first_error;
};

// Asks one. False, and a verdict, where the answer is none.
bool Ask(const Instance& instance, const RequestDraft& draft, const std::string& context,
         Tally& tally, Report& report) {
  const Reply reply = instance.Price(draft);
  if (const auto fault = FaultOf(reply); fault.has_value()) {
    report.Bad(absl::StrCat(*fault, "; asked for ", draft.Describe(), context), kAnswerRemedy);
    return false;
  }
  ++tally.asked;
  if (reply.ok()) {
    ++tally.priced;
    tally.below_cost += reply.answer.price_centimes < draft.cost_centimes ? 1 : 0;
  } else if (tally.first_error.empty()) {
    tally.first_error = reply.Summary();
  }
  return true;
}

std::string Describe(const Tally& tally) {
  std::string text = absl::StrCat(tally.asked, " requests, ", tally.priced, " priced");
  if (tally.below_cost > 0) {
    absl::StrAppend(&text, ", ", tally.below_cost, " below cost (the service refuses those)");
  }
  if (!tally.first_error.empty())
    absl::StrAppend(&text, ", the first refusal: ", tally.first_error);
  return text;
}

}  // namespace

void CheckAnswers(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  Tally tally;
  for (const RequestDraft& draft : OrdinaryRequests()) {
    if (!Ask(*opened.instance, draft, "", tally, report)) return;
  }
  if (tally.priced == 0) {
    return report.Bad(Describe(tally),
                      "name a configuration with --config under which it has prices: nothing can "
                      "be said of one that has none");
  }
  report.Good(Describe(tally));
}

void CheckExtremes(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  Tally tally;
  for (const RequestDraft& draft : ExtremeRequests()) {
    report.Doing(absl::StrCat("price was asked for ", draft.Describe()));
    if (!Ask(*opened.instance, draft, "", tally, report)) return;
  }
  // Facts of later hosts, which a strategy of today does not know.
  RequestDraft draft;
  topup_pricing_request_t request = draft.Record();
  std::vector<topup_pricing_fact_t> facts(1000, {{"x.later/1", 9}, {"text", 4}, 7});
  request.facts = facts.data();
  request.fact_count = facts.size();
  report.Doing("price was asked with 1000 facts that it does not know");
  topup_pricing_answer_t answer;
  opened.instance->QuickPrice(request, answer);
  report.Good(absl::StrCat(Describe(tally), "; and one with 1000 unknown facts"));
}

void CheckRandom(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  std::mt19937_64 random(context.seed);
  Tally tally;
  for (int i = 0; i < context.calls; ++i) {
    const RequestDraft draft = RandomRequest(random);
    if (i % 1024 == 0) report.Doing(absl::StrCat("price was asked random request ", i));
    if (!Ask(*opened.instance, draft, absl::StrCat(", request ", i, " of seed ", context.seed),
             tally, report)) {
      return;
    }
  }
  report.Good(absl::StrCat(Describe(tally), ", seed ", context.seed));
}

}  // namespace topup::checker
