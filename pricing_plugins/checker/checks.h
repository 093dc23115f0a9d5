// The checks, in the order in which they are made.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_CHECKS_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_CHECKS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pricing_plugins/checker/isolated_run.h"
#include "pricing_plugins/checker/subject.h"

namespace topup::checker {

// What a check works with. A value.
struct Context {
  std::string path;
  std::optional<std::string> given_config;  // by --config
  uint64_t seed = 1;
  int calls = 20'000;
  std::map<std::string, std::string> kept;  // what earlier checks kept, by name

  // The configuration to check with, once the check "schema" has found one.
  std::string config() const {
    const auto found = kept.find("config");
    return found == kept.end() ? "" : found->second;
  }
};

// What stops where a check is bad.
enum class Stop {
  kNothing,
  kEverything,  // nothing behind it can be checked
};

struct Check {
  const char* name;
  const char* checked;  // what it does, for people
  void (*run)(const Context& context, Report& report);
  Stop stop = Stop::kNothing;
};

const std::vector<Check>& AllChecks();

// Each runs in a process of its own, opens the library itself, and reports one verdict or more.
void CheckFile(const Context& context, Report& report);
void CheckExports(const Context& context, Report& report);
void CheckImports(const Context& context, Report& report);
void CheckHardening(const Context& context, Report& report);
void CheckLoad(const Context& context, Report& report);
void CheckDescriptor(const Context& context, Report& report);
void CheckSchema(const Context& context, Report& report);
void CheckConfiguration(const Context& context, Report& report);
void CheckNonsense(const Context& context, Report& report);
void CheckErrors(const Context& context, Report& report);
void CheckAnswers(const Context& context, Report& report);
void CheckBounds(const Context& context, Report& report);
void CheckDeterminism(const Context& context, Report& report);
void CheckProcesses(const Context& context, Report& report);
void CheckInstances(const Context& context, Report& report);
void CheckConcurrency(const Context& context, Report& report);
void CheckLocale(const Context& context, Report& report);
void CheckManners(const Context& context, Report& report);
void CheckExtremes(const Context& context, Report& report);
void CheckOverflow(const Context& context, Report& report);
void CheckRandom(const Context& context, Report& report);
void CheckExtensions(const Context& context, Report& report);
void CheckTime(const Context& context, Report& report);
void CheckMemory(const Context& context, Report& report);

// The library and a strategy of it, with the context's configuration. Where either cannot be
// had, that is reported as bad, and `instance` is null.
struct Opened {
  std::unique_ptr<Subject> subject;
  std::unique_ptr<Instance> instance;  // destroyed before the subject
};
Opened Open(const Context& context, Report& report);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_CHECKS_H_
