// The provider at the far end of an HTTP call. The front door of the upstream room.
//
// Implementations carry one request out and report what they saw; they judge nothing, repeat
// nothing and follow no redirect. In particular Send makes exactly one POST on a fresh
// connection, or none: a library that quietly repeats it would sell twice.
#ifndef TOPUP_SERVER_UPSTREAM_PROVIDER_H_
#define TOPUP_SERVER_UPSTREAM_PROVIDER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/core/phone_number.h"
#include "server/core/provider_answer.h"

namespace topup::upstream {

// What is sent: every field is of the recorded top-up.
struct SendRequest {
  std::string provider_ref;
  std::string plan_code;
  core::PhoneNumber phone;
  int64_t amount_dzd = 0;  // also sent for fixed plans: the only reading that suits all
};

// Reads that are carried out at once. One more would wait for one to end, and start later than the
// ceiling has counted it: so the engine never has more under way. Eight of them follow top-ups, and
// use up a ceiling of two a second as long as each takes up to 4 s.
inline constexpr int kReadsAtOnce = 12;

// The most top-ups that one request shows.
inline constexpr int kListPageSizeMax = 100;

struct ListRequest {
  int page = 1;
  int page_size = kListPageSizeMax;
  // Created between the two, by the provider's clock; both or neither.
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
};

// Thread-safe. Every method returns at once and calls `done` exactly once, on a thread of the
// implementation, also when it is shutting down (then with `request_left` false where nothing
// was sent). `done` must not block.
class Provider {
 public:
  template <typename Answer>
  using Done = std::function<void(Answer)>;

  virtual ~Provider() = default;

  // One POST, over by `watchdog_end` (on Clock::Elapsed()) whatever happens: past it, nothing
  // is sent any more. Too many POSTs at once: answered with `request_left` false.
  virtual void Send(const SendRequest& request, absl::Duration watchdog_end,
                    Done<core::SendAnswer> done) = 0;

  // Reads end after the configured timeout.
  virtual void ReadByRef(const std::string& provider_ref, Done<core::ReadAnswer> done) = 0;
  virtual void ReadById(const std::string& provider_topup_id, Done<core::ReadAnswer> done) = 0;
  virtual void List(const ListRequest& request, Done<core::ListAnswer> done) = 0;
  virtual void ReadPlans(Done<core::PlansAnswer> done) = 0;
  virtual void ReadBalance(Done<core::BalanceAnswer> done) = 0;
  virtual void Ping(Done<core::PingAnswer> done) = 0;
  virtual void Validate(Done<core::ValidateAnswer> done) = 0;
};

}  // namespace topup::upstream

#endif  // TOPUP_SERVER_UPSTREAM_PROVIDER_H_
