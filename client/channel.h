// Connects to topupd.
//
// One place decides what a connection is like: TLS wherever the server is not on this machine (it
// offers nothing else there), no proxy from the environment, no repeats by gRPC itself, a ping
// where a stream is silent for long.
#ifndef TOPUP_CLIENT_CHANNEL_H_
#define TOPUP_CLIENT_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "client/admin_client.h"
#include "client/client_error.h"
#include "client/topup_client.h"

namespace topup::client {

struct ConnectionOptions {
  std::string server = "127.0.0.1:50051";
  // PEM texts, not paths. TLS is used where one of them is set or `server` is not a loopback
  // address; without `ca_pem` the system's roots are trusted.
  std::string ca_pem;
  std::string cert_pem;  // with key_pem: the client's own certificate
  std::string key_pem;
};

struct Connection {
  std::unique_ptr<TopupClient> topups;
  std::unique_ptr<AdminClient> admin;
};

// Makes clients for `server`. Does not wait for the connection: the first call does. The error is
// INVALID_ARGUMENT: only one of certificate and key is given, or the address is empty.
Result<Connection> Connect(const ConnectionOptions& connection, const ClientOptions& options);

// True for 127.0.0.0/8, ::1, localhost and unix sockets, with or without port and scheme.
bool IsLoopback(absl::string_view server);

}  // namespace topup::client

#endif  // TOPUP_CLIENT_CHANNEL_H_
