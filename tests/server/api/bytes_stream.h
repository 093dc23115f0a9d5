// Useful for: tests of services that the build has no stubs for.
#ifndef TOPUP_TESTS_SERVER_API_BYTES_STREAM_H_
#define TOPUP_TESTS_SERVER_API_BYTES_STREAM_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

namespace topup::api {

// A stream that has sent one message, and stays open until its end.
class BytesStream {
 public:
  // `method` as in "grpc.health.v1.Health/Watch".
  BytesStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
              const std::string& message, std::unique_ptr<grpc::ClientContext> context)
      : stub_(channel), context_(std::move(context)) {
    stub_.PrepareBidiStreamingCall(context_.get(), "/" + method, grpc::StubOptions(), &stream_);
    const grpc::Slice slice(message);
    stream_.request = grpc::ByteBuffer(&slice, 1);
    stream_.StartWrite(&stream_.request);
    stream_.StartRead(&stream_.response);
    stream_.StartCall();
  }
  ~BytesStream() {
    context_->TryCancel();
    End();
  }
  BytesStream(const BytesStream&) = delete;
  BytesStream& operator=(const BytesStream&) = delete;

  // Waits for the first message; false where the stream ends without one.
  bool AnswersFirst() { return first_.get(); }
  // Waits for its end.
  grpc::Status End() { return ended_.get(); }

 private:
  struct Stream : grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
    void OnReadDone(bool ok) override { first.set_value(ok); }
    void OnDone(const grpc::Status& status) override { ended.set_value(status); }

    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
    std::promise<bool> first;
    std::promise<grpc::Status> ended;
  };

  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
  const std::unique_ptr<grpc::ClientContext> context_;
  Stream stream_;
  const std::shared_future<bool> first_{stream_.first.get_future()};
  const std::shared_future<grpc::Status> ended_{stream_.ended.get_future()};
};

}  // namespace topup::api

#endif  // TOPUP_TESTS_SERVER_API_BYTES_STREAM_H_
