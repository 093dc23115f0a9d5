// What really happened, in order: one JSON line for every request and every accepted top-up.
//
// Lines are written before the answer leaves, so whatever a client was told, and whatever it
// was not told, is in here. A ledger with a file survives the end of the process (lines are
// handed to the system, not forced to the disk); `ReplayLedger` makes the world anew from it.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_LEDGER_H_
#define TOPUP_SERVER_SANDBOX_WORLD_LEDGER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/sandbox/world/provider_world.h"
#include "server/sandbox/world/topup_record.h"

namespace topup::sandbox {

// A request as the ledger keeps it. Empty text and 0: does not apply.
struct RequestEntry {
  int64_t sequence = 0;
  absl::Time time;
  std::string endpoint;
  std::string method;
  std::string path;
  std::string ref;
  std::string phone;
  std::string plan_code;
  std::optional<int64_t> amount_dzd;
  int posts_of_ref = 0;
  std::string fault;
  bool after_acceptance = false;
  int http_status = 0;  // 0: nothing that has a status was sent
};

std::string RequestLine(const RequestEntry& entry);
std::string AcceptedLine(const TopupRecord& record);
std::string BalanceLine(int64_t centimes, absl::Time time);
std::string StateLine(absl::string_view ref, TopupState state, absl::Time time);

// Not thread-safe.
class Ledger {
 public:
  // An empty path keeps the lines in memory only, the newest 100,000 of them. A last line that
  // was cut off in the middle is removed from the file. Unavailable where the file cannot be
  // opened or read.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(std::string path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Adds lines (without newlines), all or none. Unavailable where the file cannot take them.
  absl::Status Append(const std::vector<std::string>& lines);

  // Every line that is kept, oldest first.
  absl::StatusOr<std::vector<std::string>> Lines() const;

 private:
  Ledger(std::string path, int file) : path_(std::move(path)), file_(file) {}

  const std::string path_;
  const int file_;  // -1: memory only
  int64_t size_ = 0;
  std::deque<std::string> memory_;
};

// Plays the lines into an empty world; counts the POSTs of each ref and the requests.
// InvalidArgument, with the line's number, for a line that is none of ours.
absl::Status ReplayLedger(const std::vector<std::string>& lines, ProviderWorld& world,
                          std::unordered_map<std::string, int>& posts_of_ref,
                          int64_t& request_count);

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_LEDGER_H_
