// gRPC's own complaints as lines of our log, instead of its plain text on standard error.
#ifndef TOPUP_SERVER_API_GRPC_LOG_H_
#define TOPUP_SERVER_API_GRPC_LOG_H_

#include "server/base/log.h"

namespace topup::api {

// For the whole process, before gRPC is used first. `log` is never destroyed: gRPC's threads may
// speak until the process has ended.
void SendGrpcLogTo(base::Log& log);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_GRPC_LOG_H_
