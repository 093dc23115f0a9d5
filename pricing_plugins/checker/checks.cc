#include "pricing_plugins/checker/checks.h"

#include "absl/strings/str_cat.h"

namespace topup::checker {

const std::vector<Check>& AllChecks() {
  static const auto& checks = *new std::vector<Check>{
      {"file", "whether the service would trust the file and take its format", &CheckFile,
       Stop::kEverything},
      {"exports", "which symbols it shows to others", &CheckExports},
      {"imports", "what it takes from the system's libraries", &CheckImports},
      {"hardening", "whether it weakens the process", &CheckHardening},
      {"load", "opened it as the service does: constructors, entry, sizes, functions, init",
       &CheckLoad, Stop::kEverything},
      {"descriptor", "what it says of itself", &CheckDescriptor},
      {"schema", "whether its schema is one, and which configuration follows", &CheckSchema,
       Stop::kEverything},
      {"create", "whether it takes that configuration", &CheckConfiguration, Stop::kEverything},
      {"nonsense", "whether it refuses what is no configuration of it", &CheckNonsense},
      {"errors", "what it says of long, foreign and unprintable values", &CheckErrors},
      {"answers", "ordinary requests", &CheckAnswers},
      {"bounds", "texts at the end of a page, and fences around every record", &CheckBounds},
      {"determinism", "the same requests again, in another order, and one of them for a while",
       &CheckDeterminism},
      {"processes", "the same requests in another process", &CheckProcesses},
      {"instances", "two strategies at a time, and one after the other", &CheckInstances},
      {"concurrency", "four threads at once on two strategies", &CheckConcurrency},
      {"locale", "the same requests in other locales", &CheckLocale},
      {"manners", "what it changes in the process around it", &CheckManners},
      {"extremes", "the ends of every range, and what the contract does not list yet",
       &CheckExtremes},
      {"overflow", "growing prices, and amounts beyond the contract", &CheckOverflow},
      {"random", "random requests within the contract", &CheckRandom},
      {"extensions", "extensions that nobody knows, and worked examples", &CheckExtensions},
      {"time", "how long a price takes", &CheckTime},
      {"memory", "what many prices and many strategies leave behind", &CheckMemory},
  };
  return checks;
}

Opened Open(const Context& context, Report& report) {
  Opened opened;
  auto subject = Subject::Open(context.path, context.config());
  if (!subject.ok()) {
    report.Bad(std::string(subject.status().message()), "make loading succeed every time");
    return opened;
  }
  opened.subject = *std::move(subject);
  report.Doing("create was called");
  auto instance = opened.subject->Make();
  if (!instance->creation().ok()) {
    report.Bad(absl::StrCat("create: ", instance->creation().Summary()),
               "make create succeed every time with the same configuration");
    return opened;
  }
  opened.instance = std::move(instance);
  report.Doing("price was called");
  return opened;
}

}  // namespace topup::checker
