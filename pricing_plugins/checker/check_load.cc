// Opening a library, and what it says of itself.
#include "absl/strings/str_cat.h"
#include "pricing_plugins/checker/checks.h"

namespace topup::checker {

void CheckLoad(const Context& context, Report& report) {
  report.Doing("it was opened (constructors and init run then)");
  const auto subject = Subject::Open(context.path, "");
  if (!subject.ok()) {
    return report.Bad(std::string(subject.status().message()),
                      "do what the contract asks for at this step (pricing_plugins/abi/entry.h)");
  }
  report.Good("the service would take it");
}

void CheckDescriptor(const Context& context, Report& report) {
  const auto subject = Subject::Open(context.path, "");
  if (!subject.ok()) return report.Bad(std::string(subject.status().message()), "see load");
  const pricing::StrategyDescription& about = (*subject)->library().description();
  const std::string words = absl::StrCat(about.id, " ", about.version, ", \"", about.display_name,
                                         "\" by ", about.vendor);
  if (about.id.find('.') == std::string::npos) {
    return report.Look(words, "make the id a reverse domain, so that no other strategy has it");
  }
  if (about.version.find_first_of("0123456789") == std::string::npos) {
    return report.Look(words, "give the rule a version that can be counted up");
  }
  report.Good(words);
}

}  // namespace topup::checker
