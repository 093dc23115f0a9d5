#include "server/api/grpc_log.h"

#include <grpc/support/log.h>

#include <atomic>

#include "absl/strings/str_cat.h"

namespace topup::api {
namespace {

// gRPC takes a plain function, which has to find the log by itself.
std::atomic<base::Log*> destination{nullptr};

void WriteEntry(gpr_log_func_args* entry) {
  const absl::string_view path = entry->file;
  destination.load()->Write(
      entry->severity == GPR_LOG_SEVERITY_ERROR ? base::LogSeverity::kWarning
                                                : base::LogSeverity::kInfo,
      "grpc.complained",
      {{"text", entry->message},
       {"at", absl::StrCat(path.substr(path.rfind('/') + 1), ":", entry->line)}});
}

}  // namespace

void SendGrpcLogTo(base::Log& log) {
  destination = &log;
  gpr_set_log_function(WriteEntry);
}

}  // namespace topup::api
