// What the service offers to a strategy's library: a log, and for now no extension.
#ifndef TOPUP_SERVER_PRICING_HOST_SERVICES_H_
#define TOPUP_SERVER_PRICING_HOST_SERVICES_H_

#include <atomic>
#include <string>

#include "absl/strings/string_view.h"
#include "pricing_plugins/abi/topup_pricing.h"
#include "server/base/log.h"
#include "server/pricing/pricing_options.h"

namespace topup::pricing {

// Thread-safe. Its address is with the library: neither copied nor moved.
class HostServices {
 public:
  // `source` stands in every line: the library's file, or the strategy's id.
  HostServices(const PricingOptions& options, std::string source, base::Log& log);
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;

  // Valid as long as this object.
  const topup_pricing_host_t* table() const { return &table_; }

 private:
  static void WriteLog(const topup_pricing_host_t* host, int32_t severity, const char* message);
  static const void* GetExtension(const topup_pricing_host_t* host, const char* extension_id);

  const std::string program_name_;
  const std::string program_version_;
  const std::string source_;
  base::Log& log_;
  std::atomic<int> line_count_ = 0;
  topup_pricing_host_t table_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_HOST_SERVICES_H_
