// Useful for: tests of clients that do not take what they are sent. A call that sends its request
// and then reads nothing until the test has seen enough.
#ifndef TOPUP_TESTS_SERVER_API_UNREAD_CALL_H_
#define TOPUP_TESTS_SERVER_API_UNREAD_CALL_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "google/protobuf/message.h"

namespace topup::api {

// A connection of its own to `address`, with the smallest windows that gRPC lets a client have:
// a few messages fill them.
inline std::shared_ptr<grpc::Channel> NarrowChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 16);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

class UnreadCall {
 public:
  // `method` as in "topup.v1.TopupService/ListTopups".
  UnreadCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
             const google::protobuf::Message& request, std::unique_ptr<grpc::ClientContext> context)
      : stub_(channel), context_(std::move(context)), call_(request) {
    stub_.PrepareBidiStreamingCall(context_.get(), "/" + method, grpc::StubOptions(), &call_);
    call_.Start();
  }
  ~UnreadCall() {
    context_->TryCancel();
    End();
  }
  UnreadCall(const UnreadCall&) = delete;
  UnreadCall& operator=(const UnreadCall&) = delete;

  // Now reads what there is, and gives how it ended.
  grpc::Status End() {
    call_.ReadAll();
    return ended_.get();
  }

 private:
  struct Call : grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
    explicit Call(const google::protobuf::Message& message) {
      const grpc::Slice slice(message.SerializeAsString());
      request = grpc::ByteBuffer(&slice, 1);
    }
    void Start() {
      AddHold();
      StartWriteLast(&request, grpc::WriteOptions());
      StartCall();
    }
    void ReadAll() {
      if (std::exchange(reading, true)) return;
      StartRead(&response);
      RemoveHold();
    }
    void OnReadDone(bool ok) override {
      if (ok) StartRead(&response);
    }
    void OnDone(const grpc::Status& status) override { ended.set_value(status); }

    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
    bool reading = false;
    std::promise<grpc::Status> ended;
  };

  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
  const std::unique_ptr<grpc::ClientContext> context_;
  Call call_;
  const std::shared_future<grpc::Status> ended_{call_.ended.get_future()};
};

}  // namespace topup::api

#endif  // TOPUP_TESTS_SERVER_API_UNREAD_CALL_H_
