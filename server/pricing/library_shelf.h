// The libraries that were opened, each once, for as long as the process runs.
#ifndef TOPUP_SERVER_PRICING_LIBRARY_SHELF_H_
#define TOPUP_SERVER_PRICING_LIBRARY_SHELF_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/log.h"
#include "server/pricing/library/allow_list.h"
#include "server/pricing/plugin_library.h"
#include "server/pricing/pricing_options.h"

namespace topup::pricing {

// Not thread-safe: one thread loads at a time.
class LibraryShelf {
 public:
  // Both have to outlive the shelf.
  LibraryShelf(const PricingOptions& options, base::Log& log) : options_(options), log_(log) {}

  // From now on only what `list` allows is given out, also of what is open already. Nothing:
  // every library, as at first.
  void Allow(std::optional<AllowList> list) { allowed_ = std::move(list); }

  // The library in the file at `path`, absolute; opened only where no file of the same bytes
  // was before. With `digest`, the file has to have it. Blocks.
  //
  // STRATEGY_LOAD_FAILED at any step up to "descriptor". A library that was refused once it
  // was open stays refused until its bytes change or the process is started again.
  absl::StatusOr<std::shared_ptr<const PluginLibrary>> Load(const std::string& path,
                                                            absl::string_view digest);

  // The library that was opened for these bytes; null where none was, or it was refused.
  std::shared_ptr<const PluginLibrary> Find(absl::string_view digest) const;

 private:
  const PricingOptions& options_;
  base::Log& log_;
  std::optional<AllowList> allowed_;
  // By digest; refusals too, because a library that was opened stays mapped even so.
  std::map<std::string, absl::StatusOr<std::shared_ptr<const PluginLibrary>>> opened_;
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_LIBRARY_SHELF_H_
