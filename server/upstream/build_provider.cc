#include "server/upstream/build_provider.h"

#include <utility>

#include "server/base/status_macros.h"
#include "server/upstream/http/httplib_transport.h"
#include "server/upstream/oneclickdz/oneclickdz_provider.h"

namespace topup::upstream {

absl::StatusOr<std::unique_ptr<KeyedProvider>> BuildProvider(const UpstreamOptions& options,
                                                             base::Secret key,
                                                             const base::Clock& clock,
                                                             base::Metrics& metrics) {
  ASSIGN_OR_RETURN(std::unique_ptr<http::HttpTransport> transport,
                   http::HttplibTransport::Create(options, clock));
  auto provider = std::make_unique<oneclickdz::OneClickDzProvider>(options, std::move(transport),
                                                                   clock, metrics);
  RETURN_IF_ERROR(provider->SetKey(std::move(key)));
  return std::unique_ptr<KeyedProvider>(std::move(provider));
}

}  // namespace topup::upstream
