#include "server/engine/caller_desk.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/core/protocol.h"

namespace topup::engine {
namespace {

using base::MakeError;

absl::Status NotFound() {
  return MakeError(absl::StatusCode::kNotFound, "This caller has no such top-up.",
                   {.reason = "TOPUP_NOT_FOUND"});
}

absl::Status TooManyReads() {
  return base::OverloadedError("reads", "Too many reads wait: try again later.");
}

}  // namespace

CallerDesk::CallerDesk(const EngineParts& parts, DecisionWriter& writer, RefBook& refs,
                       std::function<void(const core::Topup&)> looked_at)
    : parts_(parts), writer_(writer), refs_(refs), looked_at_(std::move(looked_at)) {}

void CallerDesk::Find(TopupKey key, Done<core::Topup> found) {
  const auto check = [caller = key.caller, found](absl::StatusOr<core::Topup> topup) {
    const bool hidden = topup.ok() ? topup->caller != caller : absl::IsNotFound(topup.status());
    found(hidden ? NotFound() : std::move(topup));
  };
  const bool queued = key.topup_id.empty() ? refs_.Find(key.caller, key.ref, key.answer_by, check)
                                           : parts_.reads.TryPost([this, id = key.topup_id, check] {
                                               check(parts_.store.FindById(id));
                                             });
  if (!queued) found(TooManyReads());
}

void CallerDesk::Get(TopupKey key, Done<core::Topup> done) {
  Find(std::move(key), [this, done = std::move(done)](absl::StatusOr<core::Topup> topup) {
    if (topup.ok() && !core::IsSettled(topup->status)) {
      parts_.loop.Post([this, topup = *topup] { looked_at_(topup); });
    }
    done(std::move(topup));
  });
}

void CallerDesk::List(store::ListFilter filter, Done<store::ListResult> done) {
  const bool queued = parts_.reads.TryPost(
      [this, filter = std::move(filter), done] { done(parts_.store.List(filter)); });
  if (!queued) done(TooManyReads());
}

void CallerDesk::Cancel(TopupKey key, Done<core::Topup> done) {
  Find(std::move(key), [this, done = std::move(done)](absl::StatusOr<core::Topup> topup) {
    if (!topup.ok()) {
      done(topup.status());
      return;
    }
    parts_.loop.Post([this, topup = *std::move(topup), done] { CancelOnLoop(topup, done); });
  });
}

void CallerDesk::CancelOnLoop(const core::Topup& topup, Done<core::Topup> done) {
  // Where a claim is on its way too, the one that commits first decides: the other one's
  // compare-and-set fails, and it decides again on the row as it then is.
  writer_.Apply(
      topup, [this](const core::Topup& row) { return core::CancelQueued(row, parts_.clock.Now()); },
      /*must_succeed=*/false,
      [done](absl::StatusOr<core::Topup> written) {
        if (!written.ok() || written->status == core::TopupStatus::kCancelled) {
          done(std::move(written));
          return;
        }
        const std::string status(core::StatusName(written->status));
        done(MakeError(
            absl::StatusCode::kFailedPrecondition,
            absl::StrCat("The top-up is ", status, ": only one that is QUEUED can be cancelled."),
            {.reason = "NOT_CANCELLABLE", .metadata = {{"status", status}}}));
      });
}

}  // namespace topup::engine
