#include "server/upstream/upstream_options.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/loopback.h"

namespace topup::upstream {
namespace {

bool IsHost(absl::string_view host, bool bracketed) {
  return !host.empty() && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), [bracketed](char c) {
           if (bracketed) return absl::ascii_isxdigit(c) || c == ':' || c == '.';
           return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
         });
}

bool IsPath(absl::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("/-._~", absl::string_view(&c, 1));
  });
}

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("The provider's URL ", what, "; it looks like https://api.oneclickdz.com."));
}

// Splits "host:port" or "[v6]:port".
absl::Status ParseAuthority(absl::string_view authority, ProviderAddress& address) {
  absl::string_view rest = authority;
  const bool bracketed = absl::ConsumePrefix(&rest, "[");
  const size_t host_end = rest.find(bracketed ? ']' : ':');
  const absl::string_view host = rest.substr(0, host_end);
  if (!IsHost(host, bracketed)) return Wrong("has no usable host name");
  address.host = absl::AsciiStrToLower(host);
  rest = host_end == absl::string_view::npos ? absl::string_view() : rest.substr(host_end);
  if (bracketed && !absl::ConsumePrefix(&rest, "]")) return Wrong("lacks a ']' after its address");
  if (rest.empty()) return absl::OkStatus();
  if (!absl::ConsumePrefix(&rest, ":") || !absl::SimpleAtoi(rest, &address.port) ||
      address.port < 1 || address.port > 65535) {
    return Wrong("has a port that is not a number from 1 to 65535");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ProviderAddress> ParseProviderUrl(absl::string_view url) {
  ProviderAddress address;
  absl::string_view rest = absl::StripAsciiWhitespace(url);
  if (absl::ConsumePrefix(&rest, "https://")) {
    address.tls = true;
  } else if (absl::ConsumePrefix(&rest, "http://")) {
    address.tls = false;
    address.port = 80;
  } else {
    return Wrong("begins with neither https:// nor http://");
  }
  const size_t authority_end = rest.find('/');
  absl::Status parsed = ParseAuthority(rest.substr(0, authority_end), address);
  if (!parsed.ok()) return parsed;
  if (authority_end != absl::string_view::npos) {
    absl::string_view path = rest.substr(authority_end);
    while (absl::ConsumeSuffix(&path, "/")) {
    }
    if (!IsPath(path)) return Wrong("has a path with characters that do not belong there");
    address.path_prefix = std::string(path);
  }
  if (!address.tls && !base::IsLoopback(address.host)) {
    return Wrong("is plain http to another machine, which would show it the key");
  }
  return address;
}

}  // namespace topup::upstream
