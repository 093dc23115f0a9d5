#include "server/ops/ops_server.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace topup::ops {
namespace {

constexpr int kWorkers = 2;
constexpr int kRequestTimeoutSeconds = 5;

void Answer(const absl::Status& status, httplib::Response& response) {
  response.status = status.ok() ? 200 : 503;
  response.set_content(status.ok() ? "ok\n" : absl::StrCat(status.message(), "\n"), "text/plain");
}

}  // namespace

struct OpsServer::State {
  httplib::Server server;
  std::thread thread;
  int port = 0;
};

absl::StatusOr<std::unique_ptr<OpsServer>> OpsServer::Start(const std::string& host, int port,
                                                            OpsSources sources) {
  auto state = std::make_unique<State>();
  httplib::Server& server = state->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kWorkers); };
  server.set_read_timeout(kRequestTimeoutSeconds);
  server.set_write_timeout(kRequestTimeoutSeconds);
  server.set_keep_alive_max_count(1);
  server.set_tcp_nodelay(true);
  // The library shares ports by default: a second process would get half of the requests.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.Get("/metrics", [text = std::move(sources.metrics_text)](const httplib::Request&,
                                                                  httplib::Response& response) {
    response.set_content(text(), "text/plain; version=0.0.4; charset=utf-8");
  });
  server.Get("/livez", [live = std::move(sources.live)](const httplib::Request&,
                                                        httplib::Response& response) {
    Answer(live(), response);
  });
  server.Get("/readyz", [ready = std::move(sources.ready)](const httplib::Request&,
                                                           httplib::Response& response) {
    Answer(ready(), response);
  });
  if (port == 0) {
    state->port = server.bind_to_any_port(host);
  } else {
    state->port = server.bind_to_port(host, port) ? port : -1;
  }
  if (state->port <= 0) {
    return absl::UnavailableError(absl::StrCat("--ops_listen: ", host, ":", port,
                                               " cannot be listened on: is the port taken?"));
  }
  state->thread = std::thread([raw = state.get()] { raw->server.listen_after_bind(); });
  // Stopping it before it runs would be forgotten.
  while (!server.is_running()) std::this_thread::yield();
  return std::unique_ptr<OpsServer>(new OpsServer(std::move(state)));
}

OpsServer::OpsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

OpsServer::~OpsServer() {
  state_->server.stop();
  state_->thread.join();
}

int OpsServer::port() const { return state_->port; }

}  // namespace topup::ops
