// One strategy library, opened. The only place that opens shared libraries.
#ifndef TOPUP_SERVER_PRICING_PLUGIN_LIBRARY_H_
#define TOPUP_SERVER_PRICING_PLUGIN_LIBRARY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "pricing_plugins/abi/topup_pricing.h"
#include "server/base/log.h"
#include "server/pricing/host_services.h"
#include "server/pricing/library/library_file.h"
#include "server/pricing/pricing_options.h"
#include "server/pricing/schema/config_schema.h"

namespace topup::pricing {

// What a library says of its strategy, copied and checked.
struct StrategyDescription {
  std::string id;
  std::string version;
  std::string display_name;
  std::string vendor;
  std::string config_schema;
};

// A library that the dynamic linker has opened.
struct LinkedLibrary {
  void* handle = nullptr;  // dlopen's
};

// A library that was opened, is of our contract, and was initialised. Thread-safe.
//
// It is never unloaded: code of it may be on some thread's stack or behind some thread's exit,
// and unmapping it then ends the process. Destroying this object leaves it mapped.
class PluginLibrary {
 public:
  // Links a sealed copy of the very bytes of `file`, with all symbols bound at once and none
  // shown to others. Runs code of the library: check its format and digest first. Not
  // concurrent with other calls; blocks.
  //
  // STRATEGY_LOAD_FAILED at "open": then nothing of it is mapped or was run, and it may be tried
  // again. The reason may be none of its own, such as memory or descriptors that ran out.
  static absl::StatusOr<LinkedLibrary> Link(const LibraryFile& file);

  // The library of a linked `file`, once. As above; `log` has to outlive the result.
  //
  // STRATEGY_LOAD_FAILED at the step that it was refused at, from "entry symbol" to "descriptor".
  static absl::StatusOr<std::shared_ptr<const PluginLibrary>> Open(LinkedLibrary linked,
                                                                   const LibraryFile& file,
                                                                   const PricingOptions& options,
                                                                   base::Log& log);
  ~PluginLibrary();
  PluginLibrary(const PluginLibrary&) = delete;
  PluginLibrary& operator=(const PluginLibrary&) = delete;

  const std::string& path() const { return path_; }
  const std::string& digest() const { return digest_; }
  const StrategyDescription& description() const { return description_; }
  // What it says of configurations, to be asked before it sees one.
  const ConfigSchema& schema() const { return *schema_; }

  // Checked: the contract's version and sizes, no null pointer. Valid for ever.
  const topup_pricing_entry_t& entry() const { return *entry_; }

 private:
  PluginLibrary(const LibraryFile& file, const PricingOptions& options, base::Log& log);

  absl::Status Initialise();
  absl::Status ReadDescriptor();
  absl::Status ReadSchema();

  const std::string path_;
  const std::string digest_;
  HostServices services_;
  const topup_pricing_entry_t* entry_ = nullptr;
  bool initialised_ = false;
  StrategyDescription description_;
  std::shared_ptr<const ConfigSchema> schema_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PLUGIN_LIBRARY_H_
