#include "server/pricing/library/load_error.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace topup::pricing {

absl::Status LoadRefused(absl::string_view path, absl::string_view step, absl::string_view expected,
                         absl::string_view found) {
  const absl::string_view file = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("The strategy library ", file, " was refused at step \"",
                                      step, "\": expected ", expected, ", found ", found, "."),
                         {.reason = "STRATEGY_LOAD_FAILED",
                          .metadata = {{"file", std::string(file)},
                                       {"step", std::string(step)},
                                       {"expected", std::string(expected)},
                                       {"found", std::string(found)}}});
}

}  // namespace topup::pricing
