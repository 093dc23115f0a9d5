#include "server/pricing/host_services.h"

#include <cstring>
#include <utility>

namespace topup::pricing {
namespace {

constexpr int kLineMax = 100;             // as host.h of the contract says
constexpr size_t kMessageSizeMax = 1024;  // likewise

base::LogSeverity SeverityOf(int32_t severity) {
  if (severity == TOPUP_PRICING_LOG_INFO) return base::LogSeverity::kInfo;
  if (severity == TOPUP_PRICING_LOG_WARNING) return base::LogSeverity::kWarning;
  return base::LogSeverity::kError;
}

}  // namespace

HostServices::HostServices(const PricingOptions& options, std::string source, base::Log& log)
    : program_name_(options.program_name),
      program_version_(options.program_version),
      source_(std::move(source)),
      log_(log),
      table_{.struct_size = sizeof(topup_pricing_host_t),
             .abi_version = TOPUP_PRICING_ABI_VERSION,
             .name = program_name_.c_str(),
             .version = program_version_.c_str(),
             .host_data = this,
             .log = &HostServices::WriteLog,
             .get_extension = &HostServices::GetExtension} {}

void HostServices::WriteLog(const topup_pricing_host_t* host, int32_t severity,
                            const char* message) {
  auto& self = *static_cast<HostServices*>(host->host_data);
  // Counted only up to the limit, so that no number of calls makes it overflow.
  if (message == nullptr || self.line_count_.load() > kLineMax) return;
  const int line = self.line_count_.fetch_add(1);
  if (line > kLineMax) return;
  if (line == kLineMax) {
    self.log_.Warning("strategy.silenced", {{"strategy", self.source_}, {"lines", kLineMax}});
    return;
  }
  const absl::string_view text(message, strnlen(message, kMessageSizeMax));
  self.log_.Write(SeverityOf(severity), "strategy.logged",
                  {{"strategy", self.source_}, {"message", text}});
}

const void* HostServices::GetExtension(const topup_pricing_host_t* /*host*/,
                                       const char* /*extension_id*/) {
  return nullptr;
}

}  // namespace topup::pricing
