// A TopupService that behaves: records sends by ref, settles by the number, fails when told to.
//
// Useful for: everything a client does with retries, streams and errors, over real gRPC and
// without a server of ours. 0600000001 is refunded, 0600000003 ends at UNKNOWN_ERROR, 0600000009
// is rejected, every other number is fulfilled: a watch, or a send that waits for the end, plays
// the whole life at once.
#ifndef TOPUP_TESTS_CLIENT_FAKE_TOPUP_SERVICE_H_
#define TOPUP_TESTS_CLIENT_FAKE_TOPUP_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "topup/v1/topup_service.grpc.pb.h"

namespace topup::tests {

struct ErrorContent {
  std::map<std::string, std::string> metadata;
  std::optional<absl::Duration> retry_after;
  std::vector<std::pair<std::string, std::string>> field_violations;
  std::string domain = "topup.v1";
};

// A status as topupd makes it.
grpc::Status MakeErrorStatus(grpc::StatusCode code, const std::string& reason,
                             const std::string& message, const ErrorContent& content = {});

// What one stream says before it ends with `end`.
template <typename Message>
struct StreamScript {
  std::vector<Message> messages;
  grpc::Status end;
  // Then waits until the client goes away, instead of ending.
  bool hangs = false;
};

template <typename Message>
grpc::Status Play(const StreamScript<Message>& script, grpc::ServerContext& context,
                  grpc::ServerWriter<Message>& writer) {
  for (const Message& message : script.messages) {
    if (!writer.Write(message)) return grpc::Status::CANCELLED;
  }
  // gRPC's sync server offers no way to wait for the client to leave but to look.
  while (script.hangs && !context.IsCancelled()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return script.end;
}

// Thread-safe.
class FakeTopupService final : public v1::TopupService::Service {
 public:
  // The next calls of `method` ("SendTopup", ...) end so, in order, before anything else happens.
  void FailNext(const std::string& method, grpc::Status status);
  // The next SendTopup, or CancelTopup, takes effect, and then answers `status`.
  void LoseNextAnswer(const std::string& method, grpc::Status status);
  void AddStream(StreamScript<v1::WatchTopupResponse> script);
  void AddStream(StreamScript<v1::WatchTopupsResponse> script);

  // Everything that was asked, failed tries included.
  std::vector<v1::SendTopupRequest> sends() const;
  std::vector<v1::WatchTopupRequest> watches() const;
  std::vector<v1::WatchTopupsRequest> watches_of_all() const;
  // The `authorization` metadata of the last call, and whether it had a deadline.
  std::string last_authorization() const;
  bool last_had_deadline() const;
  int recorded_topups() const;

  grpc::Status ListPlans(grpc::ServerContext* context, const v1::ListPlansRequest* request,
                         v1::ListPlansResponse* response) override;
  grpc::Status ListOffers(grpc::ServerContext* context, const v1::ListOffersRequest* request,
                          v1::ListOffersResponse* response) override;
  grpc::Status QuoteTopup(grpc::ServerContext* context, const v1::QuoteTopupRequest* request,
                          v1::QuoteTopupResponse* response) override;
  grpc::Status SendTopup(grpc::ServerContext* context, const v1::SendTopupRequest* request,
                         v1::SendTopupResponse* response) override;
  grpc::Status CancelTopup(grpc::ServerContext* context, const v1::CancelTopupRequest* request,
                           v1::CancelTopupResponse* response) override;
  grpc::Status GetTopup(grpc::ServerContext* context, const v1::GetTopupRequest* request,
                        v1::GetTopupResponse* response) override;
  grpc::Status ListTopups(grpc::ServerContext* context, const v1::ListTopupsRequest* request,
                          v1::ListTopupsResponse* response) override;
  grpc::Status WatchTopup(grpc::ServerContext* context, const v1::WatchTopupRequest* request,
                          grpc::ServerWriter<v1::WatchTopupResponse>* writer) override;
  grpc::Status WatchTopups(grpc::ServerContext* context, const v1::WatchTopupsRequest* request,
                           grpc::ServerWriter<v1::WatchTopupsResponse>* writer) override;

 private:
  // Notes the call's frame; returns the failure scripted for it.
  grpc::Status Enter(const grpc::ServerContext& context, const std::string& method);
  grpc::Status TakeLostAnswer(const std::string& method);
  // Null where there is none. Under the mutex.
  v1::Topup* Find(const std::string& topup_id, const std::string& ref);

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<grpc::Status>> failures_;
  std::map<std::string, std::deque<grpc::Status>> lost_answers_;
  std::deque<StreamScript<v1::WatchTopupResponse>> streams_;
  std::deque<StreamScript<v1::WatchTopupsResponse>> streams_of_all_;
  std::vector<v1::SendTopupRequest> sends_;
  std::vector<v1::WatchTopupRequest> watches_;
  std::vector<v1::WatchTopupsRequest> watches_of_all_;
  std::string last_authorization_;
  bool last_had_deadline_ = false;
  std::vector<v1::Topup> topups_;  // in order of creation
};

// The service, in this process.
class InProcessServer {
 public:
  // `also_served` may be null; it outlives this.
  explicit InProcessServer(grpc::Service* also_served = nullptr);
  ~InProcessServer();

  FakeTopupService service;
  std::shared_ptr<v1::TopupService::StubInterface> NewStub();
  std::shared_ptr<grpc::Channel> NewChannel() { return server_->InProcessChannel({}); }

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace topup::tests

#endif  // TOPUP_TESTS_CLIENT_FAKE_TOPUP_SERVICE_H_
