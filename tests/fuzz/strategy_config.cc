// A strategy's configuration is read, or refused with a ConfigError: nothing else is thrown.
#include "pricing_plugins/sdk/config.h"
#include "pricing_plugins/sdk/errors.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

template <typename Read>
void MayRefuse(Read read) {
  try {
    read();
  } catch (const pricing_sdk::ConfigError& error) {
    Promise(error.what()[0] != '\0', "a refusal says why");
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using topup::fuzz::MayRefuse;
  const std::string json = topup::fuzz::TextOf(data, size);
  MayRefuse([&] {
    const topup::pricing_sdk::Config config(json);
    MayRefuse([&] { config.AllowOnly({"percent", "ppm", "fee", "tiers"}); });
    MayRefuse([&] {
      const int64_t ratio = config.Ratio("percent", "ppm", 1000000);
      topup::fuzz::Promise(ratio >= 0 && ratio <= 1000000, "a share is in its range");
    });
    MayRefuse([&] {
      const int64_t fee = config.Integer("fee", 0, 1000);
      topup::fuzz::Promise(fee >= 0 && fee <= 1000, "a number is in its range");
    });
    MayRefuse([&] { config.Text("name"); });
    MayRefuse([&] {
      for (const auto& tier : config.List("tiers")) MayRefuse([&] { tier.Integer("from", 0, 9); });
    });
  });
  return 0;
}
