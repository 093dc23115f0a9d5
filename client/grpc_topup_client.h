// The TopupClient that speaks gRPC.
#ifndef TOPUP_CLIENT_GRPC_TOPUP_CLIENT_H_
#define TOPUP_CLIENT_GRPC_TOPUP_CLIENT_H_

#include <memory>

#include "client/topup_client.h"
#include "client/world.h"
#include "topup/v1/topup_service.grpc.pb.h"

namespace topup::client {

// `stub` must not be null. The client keeps it, and the channel behind it, alive.
std::unique_ptr<TopupClient> MakeTopupClient(std::shared_ptr<v1::TopupService::StubInterface> stub,
                                             ClientOptions options, World world = RealWorld());

}  // namespace topup::client

#endif  // TOPUP_CLIENT_GRPC_TOPUP_CLIENT_H_
