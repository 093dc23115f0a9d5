// Ends connections whose time is over.
//
// A library's timeouts bound each of its steps; a peer that sends a byte now and then lives
// through all of them. The watchdog looks at the clock instead and shuts the socket down,
// which wakes whoever waits for it.
#ifndef TOPUP_SERVER_UPSTREAM_HTTP_SOCKET_WATCHDOG_H_
#define TOPUP_SERVER_UPSTREAM_HTTP_SOCKET_WATCHDOG_H_

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace topup::upstream::http {

// Thread-safe. Owns one thread, which sleeps while nothing is watched.
class SocketWatchdog {
 public:
  // The sockets of one exchange. Thread-safe; must not outlive its watchdog.
  class Watch {
   public:
    Watch(SocketWatchdog& watchdog, absl::Duration deadline, bool may_be_cut);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Watches `socket` too. Keeps a duplicate, so that a descriptor which is closed and
    // given to somebody else meanwhile is never touched.
    void Add(int socket);

    // True once the time is over, or the watch was cut.
    bool over() const;

   private:
    friend class SocketWatchdog;

    SocketWatchdog& watchdog_;
    const absl::Duration deadline_;
    const bool may_be_cut_;
    // Guarded by the watchdog's mutex.
    bool over_ = false;
    std::vector<int> sockets_;
  };

  explicit SocketWatchdog(const base::Clock& clock);
  ~SocketWatchdog();

  // Ends all watches that may be cut, and those to come.
  void Cut();

 private:
  void Run();
  // Both with `mutex_` held.
  void EndIfOver(Watch& watch);
  bool IsOver(const Watch& watch) const;

  const base::Clock& clock_;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::set<Watch*> watches_;
  bool cut_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: runs on all of the above
};

}  // namespace topup::upstream::http

#endif  // TOPUP_SERVER_UPSTREAM_HTTP_SOCKET_WATCHDOG_H_
