#include "server/store/sqlite/checkpoint_rule.h"

namespace topup::store::sqlite {
namespace {

constexpr int64_t kPageBytes = 4096;  // SQLite's default, which we keep
// The log may take this share of the room that is left with it: between two looks it grows by a
// batch.
constexpr int64_t kLogShare = 2;

bool IsRoomShort(const LogStanding& standing) {
  return standing.free_bytes.has_value() &&
         *standing.free_bytes < kLogShare * kPageBytes * standing.pages;
}

}  // namespace

CheckpointMode ChooseCheckpoint(const LogStanding& standing, const StoreOptions& options) {
  // Also where all of it is written back: the file keeps its size until it is cut.
  if (standing.found_no_room) return CheckpointMode::kTruncate;
  if (standing.pages >= options.log_limit_pages) return CheckpointMode::kTruncate;
  const bool is_large = standing.pages >= options.forced_checkpoint_pages;
  const bool is_moment = standing.is_idle && standing.pages >= options.idle_checkpoint_pages;
  return is_large || is_moment || IsRoomShort(standing) ? CheckpointMode::kPassive
                                                        : CheckpointMode::kNone;
}

}  // namespace topup::store::sqlite
