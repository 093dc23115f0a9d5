// pricing_plugin_checker: see kHelp in arguments.cc.

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "pricing_plugins/checker/arguments.h"
#include "pricing_plugins/checker/check_library.h"
#include "pricing_plugins/checker/print_report.h"
#include "server/base/random.h"

namespace topup::checker {
namespace {

constexpr int kUsage = 2;
constexpr size_t kConfigSizeMax = TOPUP_PRICING_CONFIG_SIZE - 1;

uint64_t NewSeed() {
  uint64_t seed = 0;
  const std::string bytes = base::SystemRandom().Bytes(4);  // short, to be typed again
  std::memcpy(&seed, bytes.data(), bytes.size());
  return seed;
}

int Fail(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) {
    std::fprintf(stderr, "pricing_plugin_checker: %s\n", problem.c_str());
  }
  return kUsage;
}

int Run(const std::vector<std::string>& words) {
  std::vector<std::string> problems;
  const Arguments arguments = ParseArguments(words, problems);
  if (!problems.empty()) return Fail(problems);
  if (arguments.help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  Context context = {.seed = arguments.seed.has_value() ? *arguments.seed : NewSeed(),
                     .calls = arguments.calls};
  if (!arguments.config_file.empty()) {
    std::ifstream file(arguments.config_file, std::ios::binary);
    if (!file) return Fail({"--config: " + arguments.config_file + " cannot be read"});
    context.given_config = std::string(std::istreambuf_iterator<char>(file), {});
    if (context.given_config->size() > kConfigSizeMax) {
      return Fail({"--config: " + arguments.config_file + " has more than " +
                   std::to_string(kConfigSizeMax) + " bytes"});
    }
  }
  std::vector<LibraryReport> reports;
  bool all_good = true;
  for (const std::string& library : arguments.libraries) {
    context.path = library;
    reports.push_back(CheckLibrary(context, arguments.patience_seconds));
    all_good = all_good && reports.back().IsGood();
  }
  const std::string text =
      arguments.json ? ReportAsJson(reports, context.seed) : ReportAsText(reports, context.seed);
  std::fputs(text.c_str(), stdout);
  return all_good ? 0 : 1;
}

}  // namespace
}  // namespace topup::checker

int main(int argc, char** argv) {
  return topup::checker::Run(std::vector<std::string>(argv + 1, argv + argc));
}
