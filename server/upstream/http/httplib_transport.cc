#include "server/upstream/http/httplib_transport.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/upstream/http/bounded_channel.h"

namespace topup::upstream::http {
namespace {

// OpenSSL writes without MSG_NOSIGNAL. Keeps SIGPIPE from ending the process, whatever its
// disposition is, by holding it back on this thread and taking it off at the end.
class BrokenPipeIgnored {
 public:
  BrokenPipeIgnored() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BrokenPipeIgnored() {
    const timespec at_once = {0, 0};
    while (sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t before_;
};

// What one exchange saw, kept outside the library's objects.
struct Witness {
  const SocketWatchdog::Watch* watch = nullptr;
  bool write_tried = false;
  std::string trouble;
};

class ChannelStream : public httplib::Stream {
 public:
  explicit ChannelStream(int socket, SSL* tls, const SocketWatchdog::Watch& watch)
      : socket_(socket), channel_(socket, tls, watch) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* data, size_t size) override { return channel_.Read(data, size); }
  ssize_t write(const char* data, size_t size) override { return channel_.Write(data, size); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

  const BoundedChannel& channel() const { return channel_; }

 private:
  const int socket_;
  BoundedChannel channel_;
};

// A client whose connected socket is used through our channel. `process_socket` is the one
// place where the library exchanges bytes of HTTP.
template <typename Client>
class WatchedClient : public Client {
 public:
  WatchedClient(const ProviderAddress& address, Witness& witness)
      : Client(address.host, address.port), witness_(witness) {}

 private:
  bool process_socket(const typename Client::Socket& socket,
                      std::function<bool(httplib::Stream&)> exchange) override {
    ChannelStream stream(socket.sock, socket.ssl, *witness_.watch);
    bool good = false;
    try {
      good = exchange(stream);
    } catch (const std::exception& error) {
      witness_.trouble = absl::StrCat("the HTTP library failed: ", error.what());
    }
    witness_.write_tried = witness_.write_tried || stream.channel().write_tried();
    if (witness_.trouble.empty()) witness_.trouble = stream.channel().trouble();
    return good;
  }

  Witness& witness_;
};

// OpenSSL itself checks chain and name, so that the handshake already fails; the library
// looks once more afterwards. The key is only written after both.
void DemandCertificate(const ProviderAddress& address, httplib::SSLClient& client) {
  SSL_CTX* context = client.ssl_context();
  if (context == nullptr) return;  // then the client is not valid, and says so
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, address.host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(expected, address.host.c_str(), address.host.size());
  }
  client.enable_server_certificate_verification(true);
}

// Empty where the framing says without doubt how long the body is.
std::string FramingTrouble(const httplib::Response& response) {
  if (!response.get_header_value("Content-Encoding").empty()) {
    return "the answer is compressed, which was not asked for";
  }
  if (response.status == 204) return "";
  const size_t lengths = response.get_header_value_count("Content-Length");
  const size_t codings = response.get_header_value_count("Transfer-Encoding");
  if (lengths + codings != 1) return "the answer does not say how long it is, or says it twice";
  if (codings == 1) {
    const bool chunked =
        absl::EqualsIgnoreCase(response.get_header_value("Transfer-Encoding"), "chunked");
    return chunked ? "" : "the answer has an unknown transfer encoding";
  }
  const std::string length_text = response.get_header_value("Content-Length");
  uint64_t length = 0;
  const bool digits = std::all_of(length_text.begin(), length_text.end(),
                                  [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!digits || !absl::SimpleAtoi(length_text, &length)) {
    return "the answer has an unreadable length";
  }
  if (length > kReplyBodyMax) return "the answer is too long";
  return "";
}

bool IsSafeTarget(absl::string_view target) {
  return absl::StartsWith(target, "/") &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

httplib::Request MakeRequest(const HttpRequest& request, const ProviderAddress& address,
                             const base::Secret& key) {
  httplib::Request made;
  made.method = request.method == HttpRequest::Method::kPost ? "POST" : "GET";
  made.path = absl::StrCat(address.path_prefix, request.target);
  made.headers.emplace("X-Access-Token", std::string(key.Reveal()));
  made.headers.emplace("Accept", "application/json");
  made.headers.emplace("User-Agent", "topupd");
  if (request.method == HttpRequest::Method::kPost) {
    made.headers.emplace("Content-Type", "application/json");
    made.body = request.json_body;
  }
  return made;
}

std::string Describe(const Witness& witness, httplib::Error error) {
  if (!witness.trouble.empty()) return witness.trouble;
  if (witness.watch->over()) return "its time was over before the connection stood";
  return absl::StrCat("HTTP exchange failed: ", httplib::to_string(error));
}

// Carries the exchange out with a client that is used for nothing else.
HttpReply RunExchange(const HttpRequest& request, const ProviderAddress& address,
                      const base::Secret& key, httplib::ClientImpl& client, Witness& witness) {
  HttpReply reply;
  std::string framing_trouble;
  std::string body;
  httplib::Request sent = MakeRequest(request, address, key);
  sent.response_handler = [&](const httplib::Response& head) {
    framing_trouble = FramingTrouble(head);
    return framing_trouble.empty();
  };
  sent.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    if (body.size() + size > kReplyBodyMax) {
      framing_trouble = "the answer is too long";
      return false;
    }
    body.append(data, size);
    return true;
  };
  httplib::Response response;
  httplib::Error error = httplib::Error::Success;
  bool good = client.send(sent, response, error);
  if (good) framing_trouble = FramingTrouble(response);  // 204 never met the handler
  const std::string length = response.get_header_value("Content-Length");
  if (good && !length.empty() && response.status != 204 && length != absl::StrCat(body.size())) {
    framing_trouble = "the answer is not as long as it says";
  }
  if (!good || !framing_trouble.empty()) {
    reply.error = framing_trouble.empty() ? Describe(witness, error) : framing_trouble;
    return reply;
  }
  reply.complete = true;
  reply.status = response.status;
  reply.body = std::move(body);
  reply.request_id = response.get_header_value("X-Request-Id");
  reply.retry_after = response.get_header_value("Retry-After");
  reply.date = response.get_header_value("Date");
  return reply;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttplibTransport>> HttplibTransport::Create(
    const UpstreamOptions& options, const base::Clock& clock) {
  if (!options.ca_file.empty()) {
    const std::unique_ptr<X509_STORE, void (*)(X509_STORE*)> trial(X509_STORE_new(),
                                                                   X509_STORE_free);
    if (trial == nullptr || X509_STORE_load_file(trial.get(), options.ca_file.c_str()) != 1) {
      return absl::InvalidArgumentError(
          "The file with the provider's CA cannot be read, or holds no certificate in PEM form.");
    }
  }
  return std::unique_ptr<HttplibTransport>(new HttplibTransport(options, clock));
}

HttplibTransport::HttplibTransport(const UpstreamOptions& options, const base::Clock& clock)
    : address_(options.address),
      ca_file_(options.ca_file),
      connect_timeout_(options.connect_timeout),
      clock_(clock),
      watchdog_(clock) {}

void HttplibTransport::CutReads() { watchdog_.Cut(); }

HttpReply HttplibTransport::Exchange(const HttpRequest& request, const base::Secret& key,
                                     absl::Duration deadline) {
  HttpReply reply;
  reply.request_left = false;
  if (!IsSafeTarget(request.target)) {
    reply.error = "not sent: its path has characters that do not belong there";
    return reply;
  }
  const BrokenPipeIgnored no_signal;
  SocketWatchdog::Watch watch(watchdog_, deadline, request.method == HttpRequest::Method::kGet);
  if (watch.over()) {
    reply.error = "not sent: its time was over";
    return reply;
  }
  Witness witness;
  witness.watch = &watch;
  try {
    std::unique_ptr<httplib::ClientImpl> client;
    if (address_.tls) {
      auto tls_client = std::make_unique<WatchedClient<httplib::SSLClient>>(address_, witness);
      DemandCertificate(address_, *tls_client);
      if (!ca_file_.empty()) tls_client->set_ca_cert_path(ca_file_);
      client = std::move(tls_client);
    } else {
      client = std::make_unique<WatchedClient<httplib::ClientImpl>>(address_, witness);
    }
    const absl::Duration left = std::min(connect_timeout_, deadline - clock_.Elapsed());
    const int64_t micros = std::max<int64_t>(1000, absl::ToInt64Microseconds(left));
    client->set_connection_timeout(micros / 1'000'000, micros % 1'000'000);
    client->set_keep_alive(false);
    client->set_follow_location(false);
    client->set_decompress(false);
    client->set_url_encode(false);  // ours is encoded
    client->set_tcp_nodelay(true);
    client->set_socket_options([&watch](socket_t socket) { watch.Add(socket); });
    reply = RunExchange(request, address_, key, *client, witness);
  } catch (const std::exception& error) {
    reply = HttpReply();
    reply.error = absl::StrCat("the HTTP library failed: ", error.what());
  }
  reply.request_left = witness.write_tried;
  return reply;
}

}  // namespace topup::upstream::http
