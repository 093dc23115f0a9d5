#include "server/api/connection_acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace topup::api {
namespace {

constexpr int kReserveMax = 256;
// After so many the loop looks whether it is to stop.
constexpr int kBurst = 100;
// How long the loop leaves connections in the backlog after descriptors ran out all the same.
constexpr int kPauseMs = 100;
constexpr absl::Duration kComplaintEvery = absl::Minutes(1);
// As long as gRPC waits for the answer to a ping (grpc_server.cc).
constexpr unsigned kUnacknowledgedMs = 20'000;

int DescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
}

// Null where there is none.
using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Addresses Resolve(const char* host, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(host, "0", &hints, &found) != 0) found = nullptr;
  return {found, [](addrinfo* addresses) {
            if (addresses != nullptr) freeaddrinfo(addresses);
          }};
}

in_port_t& PortOf(sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                       : reinterpret_cast<sockaddr_in&>(address).sin_port;
}

void SetOption(int descriptor, int level, int option, unsigned value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

// Those that concern connections are inherited by them.
void SetOptions(int listener, int family) {
  SetOption(listener, SOL_SOCKET, SO_REUSEADDR, 1);
  SetOption(listener, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(listener, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedMs);
  // Any address is both families', as gRPC has it.
  if (family == AF_INET6) SetOption(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0);
}

}  // namespace

int DescriptorsForConnections(int limit) { return limit - std::min(kReserveMax, limit / 4); }

ConnectionAcceptor::ConnectionAcceptor(const base::Clock& clock, base::Log& log,
                                       base::Metrics& metrics)
    : clock_(clock),
      log_(log),
      refused_(metrics.GetCounter("topup_api_refused_connections_total",
                                  "Connections closed at once, for want of descriptors.")),
      descriptor_max_(DescriptorsForConnections(DescriptorLimit())),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ConnectionAcceptor::~ConnectionAcceptor() {
  Stop();
  if (stop_ >= 0) close(stop_);
}

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> ConnectionAcceptor::Listen(
    const std::string& host, int port, const base::Clock& clock, base::Log& log,
    base::Metrics& metrics) {
  std::unique_ptr<ConnectionAcceptor> acceptor(new ConnectionAcceptor(clock, log, metrics));
  if (acceptor->stop_ < 0) return absl::UnavailableError("no descriptor is free");
  acceptor->port_ = port;
  const bool is_any = host.empty() || host == "0.0.0.0" || host == "::";
  Addresses addresses = Resolve(is_any ? nullptr : host.c_str(), is_any ? AF_INET6 : AF_UNSPEC);
  absl::Status last = absl::UnavailableError("the name stands for no address");
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    last = acceptor->ListenOn(*address);
    if (absl::IsAlreadyExists(last)) return absl::UnavailableError(last.message());
  }
  if (is_any && acceptor->listeners_.empty()) {
    // A machine without IPv6.
    addresses = Resolve(nullptr, AF_INET);
    if (addresses != nullptr) last = acceptor->ListenOn(*addresses);
  }
  if (acceptor->listeners_.empty()) return absl::UnavailableError(last.message());
  return acceptor;
}

// kAlreadyExists where the port is taken.
absl::Status ConnectionAcceptor::ListenOn(const addrinfo& address) {
  const int listener = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return absl::UnavailableError(std::strerror(errno));
  SetOptions(listener, address.ai_family);
  sockaddr_storage bound{};
  socklen_t size = address.ai_addrlen;
  std::memcpy(&bound, address.ai_addr, size);
  PortOf(bound) = htons(static_cast<in_port_t>(port_));
  auto* name = reinterpret_cast<sockaddr*>(&bound);
  if (bind(listener, name, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, name, &size) != 0) {
    const int error = errno;
    close(listener);
    return error == EADDRINUSE ? absl::AlreadyExistsError(std::strerror(error))
                               : absl::UnavailableError(std::strerror(error));
  }
  port_ = ntohs(PortOf(bound));
  listeners_.push_back(listener);
  return absl::OkStatus();
}

void ConnectionAcceptor::Start(
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server) {
  server_ = std::move(server);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "accept");
    Run();
  });
}

void ConnectionAcceptor::Stop() {
  eventfd_write(stop_, 1);
  if (thread_.joinable()) thread_.join();
  for (const int listener : std::exchange(listeners_, {})) close(listener);
}

void ConnectionAcceptor::Run() {
  std::vector<pollfd> awaited = {{.fd = stop_, .events = POLLIN, .revents = 0}};
  for (const int listener : listeners_) {
    awaited.push_back({.fd = listener, .events = POLLIN, .revents = 0});
  }
  while (awaited[0].revents == 0) {
    // While nothing can be accepted, only Stop is looked for.
    const bool is_paused = std::exchange(is_paused_, false);
    for (pollfd& each : awaited) each.revents = 0;
    if (poll(awaited.data(), is_paused ? 1 : awaited.size(), is_paused ? kPauseMs : -1) <= 0) {
      continue;
    }
    for (size_t i = 1; i < awaited.size(); ++i) {
      if (awaited[i].revents != 0) AcceptAll(awaited[i].fd);
    }
  }
}

void ConnectionAcceptor::AcceptAll(int listener) {
  for (int accepted = 0; accepted < kBurst; ++accepted) {
    const int descriptor = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= descriptor_max_) {
      Refuse(descriptor);
    } else if (descriptor >= 0) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
      connection.listener_fd = listener;
      connection.fd = descriptor;
      server_->HandleNewConnection(&connection);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      // No descriptor, or no memory, for now.
      is_paused_ = true;
      return Complain("connections.not_accepted", errno);
    }
  }
}

void ConnectionAcceptor::Refuse(int descriptor) {
  // Told before its client can notice.
  refused_->Increment();
  Complain("connections.refused", EMFILE);
  close(descriptor);
}

void ConnectionAcceptor::Complain(absl::string_view event, int error) {
  const absl::Duration now = clock_.Elapsed();
  if (now - complained_ < kComplaintEvery) return;
  complained_ = now;
  log_.Error(event, {{"reason", std::strerror(error)},
                     {"descriptors_for_connections", descriptor_max_},
                     {"refused_so_far", refused_->Value()}});
}

}  // namespace topup::api
