// A provider whose API key can be replaced while it is used.
#ifndef TOPUP_SERVER_UPSTREAM_KEYED_PROVIDER_H_
#define TOPUP_SERVER_UPSTREAM_KEYED_PROVIDER_H_

#include "absl/status/status.h"
#include "server/base/secret.h"
#include "server/upstream/provider.h"

namespace topup::upstream {

class KeyedProvider : public Provider {
 public:
  // Requests that are asked for from now on use `key`; those that wait keep the one before.
  // InvalidArgument, and the old key stays, where it is empty or could not stand in a header.
  // Thread-safe.
  virtual absl::Status SetKey(base::Secret key) = 0;
};

}  // namespace topup::upstream

#endif  // TOPUP_SERVER_UPSTREAM_KEYED_PROVIDER_H_
