#include "server/base/loopback.h"

#include <arpa/inet.h>

#include <string>

namespace topup::base {

bool IsLoopback(absl::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (host.find('\0') != absl::string_view::npos) return false;
  in_addr address{};
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         ntohl(address.s_addr) >> 24 == 127;
}

}  // namespace topup::base
