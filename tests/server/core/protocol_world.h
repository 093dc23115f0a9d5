// One state of the model, and the steps that lead on from it. Inside protocol_model only.
#ifndef TOPUP_TESTS_SERVER_CORE_PROTOCOL_WORLD_H_
#define TOPUP_TESTS_SERVER_CORE_PROTOCOL_WORLD_H_

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/core/protocol.h"
#include "tests/server/core/protocol_model.h"

namespace topup::core {

inline constexpr absl::Duration kTick = absl::Minutes(1);

// How long a request may wait in the provider's queue, and how long a read may not show what
// was taken. The rules' grace has to outlast the first, and their horizon both together.
inline constexpr int kQueueTicks = 1;
inline constexpr int kLagTicks = 3;

ProtocolRules ModelRules(const Variant& variant);

// What a worker has in memory, and loses when it dies.
struct Worker {
  enum class Phase { kIdle, kClaimed, kAnswered, kRead };
  enum class Reply {
    kNone,
    kUnsent,
    kLost,
    kAccepted,
    kDuplicate,
    kNoBalance,
    kThrottled,
    kConfiguration,
    kFound,
    kNotFound,
  };

  Phase phase = Phase::kIdle;
  Reply reply = Reply::kNone;
  int64_t fence = 0;
  int ref = 0;          // what it POSTs under or asks for
  absl::Time watchdog;  // of a claim: no byte leaves after it
};

struct World {
  static World First(const Variant& variant);

  // Committed.
  Topup row;
  int ref = 0;  // which of the provider refs the row has; 0 for ever but in wrong variants
  // In memory.
  std::vector<Worker> workers;
  // The provider.
  struct Waiting {
    int ref = 0;
    absl::Time deadline;
  };
  std::vector<Waiting> queue;
  std::array<int, 4> accepted{};
  std::array<absl::Time, 4> accept_time{};
  bool has_balance = true;
  int ref_count = 0;  // refs made so far, in variants that make new ones

  absl::Time now;

  int AcceptedCount() const;
  bool IsEnded() const;  // nothing that is still open for the caller
  std::string Violation() const;
  // Equal for states that behave alike from here on.
  std::string Key() const;
};

using Visit = std::function<void(const char* step, World next)>;

// Calls `visit` with every state that can follow.
void ForEachStep(const World& world, const Variant& variant, const Visit& visit);

}  // namespace topup::core

#endif  // TOPUP_TESTS_SERVER_CORE_PROTOCOL_WORLD_H_
