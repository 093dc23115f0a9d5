// What went wrong with a call, read out of the google.rpc details that the server attaches.
//
// Decide by `reason`, never by `message`: reasons are part of the contract (docs/errors.md), the
// message is for people.
#ifndef TOPUP_CLIENT_CLIENT_ERROR_H_
#define TOPUP_CLIENT_CLIENT_ERROR_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace topup::client {

struct FieldViolation {
  std::string field;        // as in the .proto
  std::string description;  // what is wrong with it
};

struct ClientError {
  absl::StatusCode code = absl::StatusCode::kUnknown;
  // For example "REF_REUSED". Empty where gRPC itself made the error: no such method, no
  // connection, deadline.
  std::string reason;
  std::string message;
  // Every variable of the message, by name.
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  // Set where a repeat can help, after this long.
  std::optional<absl::Duration> retry_after;
  // How often the call was tried.
  int tries = 1;
  // True where the answer of this try or of an earlier one was lost: the call may have taken
  // effect. A send of which this is true is repeated, or looked up, under the same ref; it is
  // never given a new one.
  bool may_have_happened = false;
};

// Reads the details of a status that is not OK. Details that are missing, damaged or of another
// domain are left out.
ClientError ErrorFromStatus(const grpc::Status& status);

// True where the server could not be talked to at all, as far as this error tells.
bool IsUnreachable(const ClientError& error);

// A value, or why there is none.
template <typename T>
class Result {
 public:
  Result(T value) : content_(std::move(value)) {}            // NOLINT: meant to convert
  Result(ClientError error) : content_(std::move(error)) {}  // NOLINT: meant to convert

  bool ok() const { return content_.index() == 0; }

  // The value. Only where ok().
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }

  // Only where not ok().
  const ClientError& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, ClientError> content_;
};

}  // namespace topup::client

#endif  // TOPUP_CLIENT_CLIENT_ERROR_H_
