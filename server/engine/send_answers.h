// What a send is told of a top-up that is there already, or that has no place.
#ifndef TOPUP_SERVER_ENGINE_SEND_ANSWERS_H_
#define TOPUP_SERVER_ENGINE_SEND_ANSWERS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/topup.h"
#include "server/engine/engine.h"

namespace topup::engine {

// `topup` has the ref of `command`: it is what was asked for, or REF_REUSED.
absl::StatusOr<SendResult> ReplayOf(const core::Topup& topup, const SendCommand& command);

// DUPLICATE_TOPUP: `first` has another ref, and was sent within `window`.
absl::Status DuplicateError(const core::Topup& first, absl::Duration window);

// OVERLOADED: no more may be QUEUED.
absl::Status QueueFullError();

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_SEND_ANSWERS_H_
