// Whether a ref names a top-up, said so that "no" stays true.
//
// A reader of the store does not see what still waits for its commit. A caller whose send has
// timed out asks for its ref, and gives its customer the money back where there is no top-up: so
// that is not said while a send of the ref may still be recorded. The book knows which refs have
// sends under way, from before anything of a send is looked at until the store has answered it;
// whoever finds nothing under such a ref waits for them, and looks again.
//
// What a process had not committed when it died is never committed: a new one begins empty.
#ifndef TOPUP_SERVER_ENGINE_REF_BOOK_H_
#define TOPUP_SERVER_ENGINE_REF_BOOK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/topup.h"
#include "server/engine/engine_options.h"

namespace topup::engine {

// Thread-safe. Borrows everything. Its size is bounded by the calls in flight at the edge and the
// writes that the store lets wait.
class RefBook {
 public:
  // May come on a thread of `reads`, of the store or of the engine. Where it is no top-up and not
  // kNotFound it must not block.
  using Found = std::function<void(absl::StatusOr<core::Topup>)>;

  explicit RefBook(const EngineParts& parts) : parts_(parts) {}

  // A send that may be recorded under this ref begins. Several may be under way at once.
  void BeginSend(const std::string& caller, const std::string& ref);
  // It has been answered by the store, so that what is recorded can be read; or it will not be
  // given to the store. Before this it must not wait for others: two would wait for each other.
  void EndSend(const std::string& caller, const std::string& ref);

  // What the ref names, once. kNotFound: nothing, and no send that has begun before this call
  // can be recorded any more. STORAGE_UNAVAILABLE (kUnavailable): not known by `answer_by`, or
  // within a minute. False, and nothing happens, where too many reads wait.
  [[nodiscard]] bool Find(const std::string& caller, const std::string& ref, absl::Time answer_by,
                          Found found);

  // Whoever waits is answered that it is not known, from now on at once; for shutdown.
  void StopWaiting();

 private:
  using Key = std::pair<std::string, std::string>;  // caller and ref

  struct Waiter {
    Found found;
    base::TaskLoop::TimerId timer = 0;
  };
  struct Sends {
    int under_way = 0;
    std::map<uint64_t, Waiter> waiters;
  };

  bool IsUnderWay(const Key& key) const;
  absl::StatusOr<core::Topup> Read(const Key& key) const;
  // False where no send is under way any more.
  bool WaitForSends(const Key& key, absl::Time answer_by, const Found& found);
  // After none was under way.
  void FindAgain(const Key& key, const Found& found);
  void TimeUp(const Key& key, uint64_t waiter_id);

  const EngineParts parts_;
  mutable std::mutex mutex_;  // guards everything below
  bool closed_ = false;
  uint64_t next_waiter_id_ = 1;
  absl::flat_hash_map<Key, Sends> sends_;  // those under way
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_REF_BOOK_H_
