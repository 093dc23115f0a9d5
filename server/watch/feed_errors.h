// The refusals of the watch room, in one wording.
#ifndef TOPUP_SERVER_WATCH_FEED_ERRORS_H_
#define TOPUP_SERVER_WATCH_FEED_ERRORS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/error.h"

namespace topup::watch {

inline absl::Status DrainingError() {
  return base::MakeError(absl::StatusCode::kUnavailable,
                         "The server is stopping: connect again and resume from the last token.",
                         {.reason = "DRAINING", .retry_after = absl::Seconds(1)});
}

inline absl::Status TooOldError(int64_t oldest_sequence) {
  return base::MakeError(absl::StatusCode::kOutOfRange,
                         "Events after this place are kept no longer.",
                         {.reason = "RESUME_TOKEN_TOO_OLD",
                          .metadata = {{"oldest_sequence", absl::StrCat(oldest_sequence)}}});
}

}  // namespace topup::watch

#endif  // TOPUP_SERVER_WATCH_FEED_ERRORS_H_
