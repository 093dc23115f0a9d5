// Asked for what nobody knows, it says no; and where it brings worked examples, they hold.
#include <string>

#include "absl/strings/str_cat.h"
#include "pricing_plugins/abi/draft/worked_examples.h"
#include "pricing_plugins/checker/checks.h"

namespace topup::checker {
namespace {

// Prices the examples. Empty where all hold; otherwise the first that does not.
std::string CheckExamples(const topup_pricing_worked_examples_t& examples, const Instance& instance,
                          uint32_t& count) {
  if (examples.struct_size != sizeof(examples)) return "worked_examples has another size";
  count = examples.count(instance.strategy());
  if (count > TOPUP_PRICING_WORKED_EXAMPLE_MAX) return absl::StrCat("it has ", count, " examples");
  for (uint32_t i = 0; i < count; ++i) {
    const RequestDraft draft;
    topup_pricing_request_t request = draft.Record();
    int64_t price = -1;
    examples.get(instance.strategy(), i, &request, &price);
    topup_pricing_answer_t answer;
    const topup_pricing_code_t code = instance.QuickPrice(request, answer);
    if (code == TOPUP_PRICING_OK && answer.price_centimes == price) continue;
    return absl::StrCat("its example ", i, " should cost ", price, " and ",
                        code == TOPUP_PRICING_OK ? absl::StrCat("costs ", answer.price_centimes)
                                                 : absl::StrCat("ends in code ", code));
  }
  return "";
}

}  // namespace

void CheckExtensions(const Context& context, Report& report) {
  const Opened opened = Open(context, report);
  if (opened.instance == nullptr) return;
  const topup_pricing_strategy_t* const strategy = opened.instance->strategy();
  for (const char* id : {"", "topup.pricing.no_such_thing/1", "topup.pricing.worked_examples/99"}) {
    report.Doing(absl::StrCat("get_extension was asked for \"", id, "\""));
    if (strategy->get_extension(strategy, id) != nullptr ||
        opened.subject->library().entry().get_extension(id) != nullptr) {
      return report.Bad(absl::StrCat("it claims to have the extension \"", id, "\""),
                        "answer null for every id that is not known");
    }
  }
  const void* const found = strategy->get_extension(strategy, TOPUP_PRICING_EXT_WORKED_EXAMPLES);
  if (found == nullptr) return report.Good("it has none");
  uint32_t count = 0;
  report.Doing("its worked examples were priced");
  const std::string fault = CheckExamples(
      *static_cast<const topup_pricing_worked_examples_t*>(found), *opened.instance, count);
  if (!fault.empty()) return report.Bad(fault, "correct the rule or the example");
  report.Good(absl::StrCat("its ", count, " worked examples hold"));
}

}  // namespace topup::checker
