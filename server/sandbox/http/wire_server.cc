#include "server/sandbox/http/wire_server.h"

#include <httplib.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/sandbox/http/wire_connection.h"

namespace topup::sandbox {
namespace {

constexpr int kBacklog = 1024;
constexpr int kConnectionsMax = 2000;
constexpr size_t kBodyMax = 1 << 20;
constexpr absl::Duration kKeepAlive = absl::Seconds(60);

// What cpp-httplib reads from and writes to. Its own writes are kept back: they count only
// where no handler gave an answer.
class BufferedStream : public httplib::Stream {
 public:
  explicit BufferedStream(WireConnection& connection) : connection_(connection) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* into, size_t size) override {
    // It may be waiting for the body that it has just asked for with a 100 Continue.
    if (!Flush()) return -1;
    return connection_.Read(into, size);
  }
  ssize_t write(const char* bytes, size_t size) override {
    written_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = connection_.PeerAddress();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return connection_.socket(); }

  bool Flush() {
    const std::string bytes = std::exchange(written_, "");
    return connection_.Write(bytes);
  }
  void Discard() { written_.clear(); }

 private:
  WireConnection& connection_;
  std::string written_;
};

// The answer to the request that this thread is reading; a handler of cpp-httplib can hand on
// nothing but a whole httplib::Response.
struct PendingReply {
  std::optional<HttpReply> reply;
  bool is_head = false;
};
thread_local PendingReply pending_reply;

HttpRequest ConvertRequest(const httplib::Request& request) {
  HttpRequest converted;
  converted.method = request.method;
  converted.path = request.path;
  for (const auto& [name, value] : request.params) converted.query.emplace(name, value);
  converted.body = request.body;
  if (request.has_header("X-Access-Token")) {
    converted.api_key = request.get_header_value("X-Access-Token");
  }
  converted.remote_address = request.remote_addr;
  return converted;
}

HttpReply ParserRefusal(int status) {
  HttpReply reply;
  reply.status = status;
  // Where the next request begins is anybody's guess.
  reply.wire.end = WireAction::End::kClose;
  if (status == 413) {
    reply.body =
        R"({"success":false,"error":{"code":"PAYLOAD_TOO_LARGE","message":"Body too large"}})";
  } else {
    reply.body = absl::StrCat(R"({"message":"The request cannot be read","error":"Bad Request",)",
                              R"("statusCode":)", status, "}");
  }
  return reply;
}

// The part of cpp-httplib that turns bytes into a request and calls a handler.
class RequestReader : public httplib::Server {
 public:
  explicit RequestReader(const WireServer::Handler& handler) {
    const auto handle = [&handler](const httplib::Request& request, httplib::Response&) {
      pending_reply.is_head = request.method == "HEAD";
      pending_reply.reply = handler(ConvertRequest(request));
    };
    Get(".*", handle);  // HEAD, too
    Post(".*", handle);
    Put(".*", handle);
    Patch(".*", handle);
    Delete(".*", handle);
    Options(".*", handle);
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!pending_reply.reply) pending_reply.reply = ParserRefusal(response.status);
    });
    set_payload_max_length(kBodyMax);
  }

  // Serves one request. False: the connection has to end.
  bool ServeOne(WireConnection& connection) {
    BufferedStream stream(connection);
    pending_reply = PendingReply();
    bool closes = false;
    const bool good = process_request(stream, /*close_connection=*/false, closes, nullptr);
    if (!pending_reply.reply) return stream.Flush() && good && !closes;
    stream.Discard();
    const HttpReply& reply = *pending_reply.reply;
    closes = closes || !good || reply.wire.end == WireAction::End::kClose;
    return connection.SendAs(reply.wire, SerializeReply(reply, pending_reply.is_head, closes)) &&
           !closes;
  }
};

absl::StatusOr<int> Listen(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(host, " is not a numeric address"));
  }
  const absl::Cleanup free_addresses = [&] { freeaddrinfo(found); };
  const int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(listener, found->ai_addr, found->ai_addrlen) != 0 || listen(listener, kBacklog) != 0) {
    const int problem = errno;
    if (listener >= 0) close(listener);
    return absl::UnavailableError(
        absl::StrCat(host, ":", port, " cannot be listened on: ", strerror(problem)));
  }
  return listener;
}

int PortOf(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace

struct WireServer::State {
  explicit State(Handler given) : handler(std::move(given)), reader(handler) {}

  void AcceptUntilStopped();
  void ServeConnection(int socket);

  const Handler handler;
  RequestReader reader;
  int listener = -1;
  int stop_event = -1;
  std::atomic<int> port{0};
  std::thread acceptor;
  std::mutex mu;
  std::condition_variable connection_ended;
  int connections = 0;  // guarded by mu
};

void WireServer::State::AcceptUntilStopped() {
  for (;;) {
    pollfd polled[2] = {{listener, POLLIN, 0}, {stop_event, POLLIN, 0}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) return;
    if (polled[1].revents != 0) return;
    const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      // Out of descriptors the listener stays readable: do not spin on it.
      if (errno == EMFILE || errno == ENFILE) poll(polled + 1, 1, 10);
      continue;
    }
    {
      const std::lock_guard<std::mutex> lock(mu);
      if (connections >= kConnectionsMax) {
        close(socket);
        continue;
      }
      ++connections;
    }
    std::thread([this, socket] { ServeConnection(socket); }).detach();
  }
}

void WireServer::State::ServeConnection(int socket) {
  {
    WireConnection connection(socket, stop_event);
    while (connection.WaitForBytes(kKeepAlive) && reader.ServeOne(connection)) {
    }
  }
  const std::lock_guard<std::mutex> lock(mu);
  --connections;
  connection_ended.notify_all();
}

WireServer::WireServer(Handler handler) : state_(std::make_unique<State>(std::move(handler))) {}

WireServer::~WireServer() { Stop(); }

absl::Status WireServer::Start(const std::string& host, int port) {
  const absl::StatusOr<int> listener = Listen(host, port);
  if (!listener.ok()) return listener.status();
  state_->listener = *listener;
  state_->stop_event = eventfd(0, EFD_CLOEXEC);
  state_->port = PortOf(*listener);
  state_->acceptor = std::thread([state = state_.get()] { state->AcceptUntilStopped(); });
  return absl::OkStatus();
}

int WireServer::port() const { return state_->port; }

void WireServer::Stop() {
  if (!state_->acceptor.joinable()) return;
  eventfd_write(state_->stop_event, 1);
  state_->acceptor.join();
  close(state_->listener);
  std::unique_lock<std::mutex> lock(state_->mu);
  state_->connection_ended.wait(lock, [this] { return state_->connections == 0; });
  close(state_->stop_event);
}

}  // namespace topup::sandbox
