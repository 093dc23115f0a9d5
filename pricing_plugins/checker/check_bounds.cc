// It reads and writes what it was given, and nothing beside.
#include "absl/strings/str_cat.h"
#include "pricing_plugins/checker/checks.h"
#include "pricing_plugins/checker/edge_text.h"

namespace topup::checker {

void CheckBounds(const Context& context, Report& report) {
  const auto subject = Subject::Open(context.path, context.config());
  if (!subject.ok()) return report.Bad(std::string(subject.status().message()), "see load");
  const topup_pricing_entry_t& entry = (*subject)->library().entry();
  topup_pricing_error_t error = {.struct_size = sizeof(error),
                                 .abi_version = TOPUP_PRICING_ABI_VERSION};
  const topup_pricing_strategy_t* strategy = nullptr;
  report.Doing("create read a configuration behind which no byte can be read, or wrote to it");
  EdgeText config(context.config());
  const topup_pricing_code_t code =
      entry.create((*subject)->host(), config.text(), &strategy, &error);
  config.Forbid();  // create does not keep it
  if (code != TOPUP_PRICING_OK) return report.Bad("create failed", "see create");

  const EdgeText plan_code("PREPAID_DJEZZY");
  const EdgeText caller("shop");
  const RequestDraft draft;
  topup_pricing_request_t request = draft.Record();
  request.plan_code = plan_code.text();
  request.caller = caller.text();
  report.Doing(
      "price read texts behind which no byte can be read, or wrote to them, or read the "
      "configuration that is gone");
  topup_pricing_answer_t answer = {.struct_size = sizeof(answer),
                                   .abi_version = TOPUP_PRICING_ABI_VERSION,
                                   .price_centimes = -1,
                                   .currency = TOPUP_PRICING_CURRENCY_DZD};
  strategy->price(strategy, &request, &answer, &error);
  strategy->destroy(strategy);

  // The fences around answer, error and request, with answers of every length.
  const auto instance = (*subject)->Make();
  if (!instance->creation().ok()) return report.Bad("create failed", "see create");
  size_t calls = 0;
  for (const auto& drafts : {OrdinaryRequests(), ExtremeRequests()}) {
    for (const RequestDraft& asked : drafts) {
      report.Doing(absl::StrCat("price was asked for ", asked.Describe()));
      const Reply reply = instance->Price(asked);
      ++calls;
      if (!reply.breach.empty()) {
        return report.Bad(absl::StrCat(reply.breach, "; asked for ", asked.Describe()),
                          "write into the answer and the error only, and not past their ends");
      }
    }
  }
  report.Good(absl::StrCat("nothing beside them was read or written in ", calls, " calls"));
}

}  // namespace topup::checker
