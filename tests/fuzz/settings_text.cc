// Files of operators are read, or their problems listed; what is printed is read back.
#include "absl/strings/str_cat.h"
#include "server/config/directory_settings.h"
#include "server/config/load_settings.h"
#include "server/config/pricing_settings.h"
#include "server/sandbox/faults/fault_settings.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

config::LoadedSettings Load(const std::string& text) {
  return config::LoadSettings({"--config=file"}, [&text](const std::string&) { return text; });
}

void CheckSettings(const std::string& text) {
  const config::LoadedSettings loaded = Load(text);
  if (!loaded.problems.empty()) return;
  const std::string printed = config::PrintSettings(loaded.settings);
  const config::LoadedSettings again = Load(printed);
  Promise(again.problems.empty(), "printed settings are settings");
  Promise(config::PrintSettings(again.settings) == printed, "and the same ones");
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  std::string text = TextOf(data, size);
  const uint8_t choice = TakeByte(text);
  std::vector<std::string> problems;
  switch (choice % 4) {
    case 0:
      CheckSettings(text);
      break;
    case 1:
      topup::config::ParseCallers(text, "callers", problems);
      break;
    case 2:
      static_cast<void>(topup::config::ParsePricing(text));
      break;
    default:
      static_cast<void>(topup::sandbox::ParseFaultSettings(text));
  }
  return 0;
}
