#include "client/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "client/grpc_admin_client.h"
#include "client/grpc_topup_client.h"

namespace topup::client {
namespace {

grpc::ChannelArguments ChannelRules() {
  grpc::ChannelArguments rules;
  // The client's own loop is the only one that repeats.
  rules.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Money calls do not take a detour because of an environment variable.
  rules.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // The problems of a refused configuration, and texts of it beside them, may be more than 8 KiB,
  // the default; then nothing of the error would arrive.
  rules.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 256 << 10);
  // By default a channel that failed once refuses every call for a second, then for longer.
  rules.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  rules.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  rules.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  // Finds a peer that vanished under an open stream. The server takes one ping in 30 s.
  rules.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  rules.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  return rules;
}

ClientError Unusable(std::string message) {
  ClientError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.message = std::move(message);
  error.tries = 0;
  return error;
}

}  // namespace

bool IsLoopback(absl::string_view server) {
  if (absl::StartsWith(server, "unix:") || absl::StartsWith(server, "unix-abstract:")) return true;
  for (const char* scheme : {"dns:///", "dns:", "ipv4:", "ipv6:"}) {
    if (absl::ConsumePrefix(&server, scheme)) break;
  }
  if (absl::ConsumePrefix(&server, "[")) return absl::StartsWith(server, "::1]");
  if (server == "::1") return true;
  const absl::string_view host = server.substr(0, server.find(':'));
  if (host == "localhost") return true;
  // A name may begin with "127." too: only digits and dots are an address.
  return absl::StartsWith(host, "127.") &&
         host.find_first_not_of("0123456789.") == absl::string_view::npos;
}

Result<Connection> Connect(const ConnectionOptions& connection, const ClientOptions& options) {
  if (connection.server.empty()) return Unusable("The server's address is empty.");
  if (connection.cert_pem.empty() != connection.key_pem.empty()) {
    return Unusable("A client certificate needs its key, and a key its certificate.");
  }
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (IsLoopback(connection.server) && connection.ca_pem.empty() && connection.cert_pem.empty()) {
    credentials = grpc::InsecureChannelCredentials();
  } else {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = connection.ca_pem;
    tls.pem_private_key = connection.key_pem;
    tls.pem_cert_chain = connection.cert_pem;
    credentials = grpc::SslCredentials(tls);
  }
  const std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel(connection.server, credentials, ChannelRules());
  Connection made;
  made.topups = MakeTopupClient(v1::TopupService::NewStub(channel), options);
  made.admin = MakeAdminClient(admin::v1::AdminService::NewStub(channel), options);
  return made;
}

}  // namespace topup::client
