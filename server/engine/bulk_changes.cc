#include "server/engine/bulk_changes.h"

#include <utility>

namespace topup::engine {

BulkChanges::BulkChanges(const EngineParts& parts, DecisionWriter& writer)
    : parts_(parts), writer_(writer) {}

void BulkChanges::Apply(const core::Topup& topup, DecisionWriter::Decide decide,
                        std::function<void()> ended) {
  ++under_way_;
  writer_.SetBusy(topup.id);
  writer_.Apply(
      topup, std::move(decide), /*must_succeed=*/true,
      [this, topup_id = topup.id, ended = std::move(ended)](const absl::StatusOr<core::Topup>&) {
        writer_.ClearBusy(topup_id);
        // Not inside this call: unchanged rows come back at once, one within the other.
        parts_.loop.Post([this, ended] {
          --under_way_;
          ended();
        });
      });
}

}  // namespace topup::engine
