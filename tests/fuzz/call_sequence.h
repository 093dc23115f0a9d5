// An input of rpc_calls: calls one after the other, each as METHOD (1 byte), SIZE (2 bytes,
// little-endian) and the request's bytes; the last one may be cut. What the target reads and its
// mutator writes.
#ifndef TOPUP_TESTS_FUZZ_CALL_SEQUENCE_H_
#define TOPUP_TESTS_FUZZ_CALL_SEQUENCE_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/api/methods.h"
#include "tests/fuzz/fuzz_input.h"

namespace topup::fuzz {

struct EncodedCall {
  uint8_t method = 0;  // of api::Method, modulo their number
  std::string request;
};

inline constexpr size_t kCallsMax = 6;
inline constexpr size_t kRequestSizeMax = 0xffff;

inline api::Method MethodOf(const EncodedCall& call) {
  return static_cast<api::Method>(call.method % api::kMethods.size());
}

inline std::vector<EncodedCall> DecodeCalls(absl::string_view bytes) {
  std::vector<EncodedCall> calls;
  FuzzInput input(bytes);
  while (!input.AtEnd() && calls.size() < kCallsMax) {
    EncodedCall call{.method = input.Byte()};
    call.request = input.Text(input.Number(2));
    calls.push_back(std::move(call));
  }
  return calls;
}

inline std::string EncodeCalls(const std::vector<EncodedCall>& calls) {
  std::string bytes;
  for (const EncodedCall& call : calls) {
    const size_t size = std::min(call.request.size(), kRequestSizeMax);
    bytes += static_cast<char>(call.method);
    bytes += static_cast<char>(size & 0xff);
    bytes += static_cast<char>(size >> 8);
    bytes += call.request.substr(0, size);
  }
  return bytes;
}

}  // namespace topup::fuzz

#endif  // TOPUP_TESTS_FUZZ_CALL_SEQUENCE_H_
