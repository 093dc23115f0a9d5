#include "server/api/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/api/admin_service.h"
#include "server/api/call_gate.h"
#include "server/api/connection_acceptor.h"
#include "server/api/topup_service.h"
#include "server/base/loopback.h"
#include "server/base/status_macros.h"

namespace topup::api {
namespace {

// A pricing configuration (price_checks.h) and what is around it; other requests are a few KiB.
constexpr int kReceiveBytesMax = 256 << 10;
constexpr int kSendBytesMax = 4 << 20;  // what clients take by default
constexpr int kMetadataBytesMax = 8 << 10;
// How long a connection on which nothing is under way any more may take to close: its client is
// told to go, but one that does not look at it would keep it open.
constexpr absl::Duration kGoodbye = absl::Milliseconds(500);

// Reflection is the one service here that holds a thread for each open stream, and anybody may open
// some. Beyond this a stream of its ends at once with RESOURCE_EXHAUSTED; our services and health
// run on threads that are not counted here.
constexpr int kReflectionThreadsMax = 8;

// The host of "host:port", without brackets.
absl::string_view HostOf(absl::string_view address) {
  if (absl::ConsumePrefix(&address, "[")) return address.substr(0, address.find(']'));
  const size_t colon = address.find(':');
  // More than one colon: a bare IPv6 address.
  if (address.find(':', colon + 1) != absl::string_view::npos) return address;
  return address.substr(0, colon);
}

// The port of "host:port"; nothing where there is none, or it is no number.
std::optional<int> PortOf(absl::string_view address) {
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) return std::nullopt;
  if (port < 0 || port > 65535) return std::nullopt;
  return port;
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const std::optional<TlsMaterial>& tls) {
  if (!tls.has_value()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back(
      {std::string(tls->private_key.Reveal()), tls->certificate_chain});
  if (!tls->client_ca.empty()) {
    options.pem_root_certs = tls->client_ca;
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

// An external acceptor swallows what gRPC thinks of its credentials; a listening port tells. So one
// without services is opened, and closed at once.
bool IsAccepted(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials);
  return builder.BuildAndStart() != nullptr;
}

// gRPC offers these to every server of the process that is built later, and reflection offers
// itself as soon as it is linked: each server leaves out what it must not have.
void OfferProcessServices() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::channelz::experimental::InitChannelzService();
  });
}

class LeaveOut final : public grpc::ServerBuilderOption {
 public:
  // `word` is part of the services' name.
  explicit LeaveOut(absl::string_view word) : word_(word) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                  [this](const auto& plugin) {
                                    return absl::StrContains(plugin->name(), word_);
                                  }),
                   plugins->end());
  }

 private:
  const std::string word_;
};

void SetLimits(const ApiOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kReceiveBytesMax);
  builder.SetMaxSendMessageSize(kSendBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  // Two servers must never share a port silently.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  // A dead peer is found within 80 s; a client may ping every 30 s, idle or not.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.connection_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(options.connection_idle)));
  grpc::ResourceQuota quota("topupd");
  quota.Resize(options.memory_bytes);
  quota.SetMaxThreads(kReflectionThreadsMax);
  builder.SetResourceQuota(quota);
}

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Listen(const ApiOptions& options,
                                                           const ApiParts& parts) {
  const std::optional<int> port = PortOf(options.listen);
  if (!port.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("listen: ", options.listen, " has no port"));
  }
  auto connections = ConnectionAcceptor::Listen(std::string(HostOf(options.listen)), *port,
                                                parts.clock, parts.log, parts.metrics);
  if (connections.ok()) return connections;
  return absl::UnavailableError(absl::StrCat(
      "listen: ", options.listen, " cannot be listened on: ", connections.status().message()));
}

}  // namespace

bool IsLoopback(absl::string_view address) { return base::IsLoopback(HostOf(address)); }

struct GrpcServer::State {
  State(const ApiOptions& options, const ApiParts& parts)
      : feed(parts.feed),
        gate(parts.callers, {.calls = options.call_limit, .write = options.write_limit},
             parts.clock, parts.timers, parts.metrics),
        topup_service(options, parts, gate),
        admin_service(parts.engine, parts.prices, gate, parts.signer) {}

  void SetHealth(const std::string& name, bool serving) {
    server->GetHealthCheckService()->SetServingStatus(name, serving);
  }

  watch::TopupFeed& feed;
  CallGate gate;
  TopupService topup_service;
  AdminService admin_service;
  std::unique_ptr<ConnectionAcceptor> connections;
  std::string address;
  std::unique_ptr<grpc::Server> server;  // goes first
  std::once_flag shut_down;
};

GrpcServer::GrpcServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const ApiOptions& options,
                                                              const ApiParts& parts) {
  if (!IsLoopback(options.listen) && (!options.tls.has_value() || parts.callers.is_local())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "listen: ", options.listen, " is not loopback, which takes TLS and a list of callers"));
  }
  OfferProcessServices();
  auto state = std::make_unique<State>(options, parts);
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  if (!options.reflection) builder.SetOption(std::make_unique<LeaveOut>("reflection"));
  // Channelz shows who is connected.
  if (!parts.callers.is_local()) builder.SetOption(std::make_unique<LeaveOut>("channelz"));
  const std::shared_ptr<grpc::ServerCredentials> credentials = MakeCredentials(options.tls);
  if (options.tls.has_value() && !IsAccepted(credentials)) {
    return absl::UnavailableError(
        absl::StrCat("listen: ", options.listen, ": the TLS material is not accepted"));
  }
  ASSIGN_OR_RETURN(state->connections, Listen(options, parts));
  auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  builder.RegisterService(&state->topup_service);
  builder.RegisterService(&state->admin_service);
  state->server = builder.BuildAndStart();
  if (state->server == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("listen: ", options.listen, ": gRPC does not start"));
  }
  state->connections->Start(std::move(acceptor));
  const size_t colon = options.listen.rfind(':');
  state->address = absl::StrCat(options.listen.substr(0, colon), ":", state->connections->port());
  std::unique_ptr<GrpcServer> server(new GrpcServer(std::move(state)));
  server->SetServing(false);
  server->SetProviderServing(false);
  return server;
}

const std::string& GrpcServer::address() const { return state_->address; }

void GrpcServer::SetServing(bool serving) {
  for (const char* name : {"", "topup.v1.TopupService", "topup.admin.v1.AdminService"}) {
    state_->SetHealth(name, serving);
  }
}

void GrpcServer::SetProviderServing(bool serving) { state_->SetHealth("provider", serving); }

void GrpcServer::Drain() {
  SetServing(false);
  state_->gate.Drain();
  state_->feed.Stop();
}

void GrpcServer::Shutdown(absl::Duration grace) {
  std::call_once(state_->shut_down, [this, grace] {
    Drain();
    state_->connections->Stop();
    std::promise<void> closed;
    // gRPC waits for connections, not for what is under way on them.
    std::thread closing([this, grace, &closed] {
      if (!state_->gate.WaitUntilIdle(grace)) return;
      const auto waited = closed.get_future().wait_for(absl::ToChronoNanoseconds(kGoodbye));
      if (waited == std::future_status::timeout) {
        grpc_server_cancel_all_calls(state_->server->c_server());
      }
    });
    // gRPC waits by the machine's own clock, whatever the rest of the process goes by.
    state_->server->Shutdown(absl::ToChronoTime(base::RealClock().Now() + grace));
    closed.set_value();
    closing.join();
    state_->server->Wait();
  });
}

}  // namespace topup::api
