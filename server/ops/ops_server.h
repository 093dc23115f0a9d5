// The operators' HTTP port: /metrics for Prometheus, /livez and /readyz for a supervisor.
// Read-only, for trusted networks: it is neither encrypted nor authenticated.
#ifndef TOPUP_SERVER_OPS_OPS_SERVER_H_
#define TOPUP_SERVER_OPS_OPS_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace topup::ops {

// What the port answers with; called on its threads, must not block for long.
struct OpsSources {
  std::function<std::string()> metrics_text;
  // OK, or why not: shown in words.
  std::function<absl::Status()> live;
  std::function<absl::Status()> ready;
};

// Serves from Start until it is destroyed. At most two requests at a time; more wait.
class OpsServer {
 public:
  // kUnavailable where the address cannot be listened on. `port` 0 picks a free one.
  static absl::StatusOr<std::unique_ptr<OpsServer>> Start(const std::string& host, int port,
                                                          OpsSources sources);
  ~OpsServer();

  int port() const;

 private:
  struct State;
  explicit OpsServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace topup::ops

#endif  // TOPUP_SERVER_OPS_OPS_SERVER_H_
