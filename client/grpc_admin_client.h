// The AdminClient that speaks gRPC.
#ifndef TOPUP_CLIENT_GRPC_ADMIN_CLIENT_H_
#define TOPUP_CLIENT_GRPC_ADMIN_CLIENT_H_

#include <memory>

#include "client/admin_client.h"
#include "client/world.h"
#include "topup/admin/v1/admin_service.grpc.pb.h"

namespace topup::client {

// `stub` must not be null. The client keeps it, and the channel behind it, alive.
std::unique_ptr<AdminClient> MakeAdminClient(
    std::shared_ptr<admin::v1::AdminService::StubInterface> stub, ClientOptions options,
    World world = RealWorld());

}  // namespace topup::client

#endif  // TOPUP_CLIENT_GRPC_ADMIN_CLIENT_H_
