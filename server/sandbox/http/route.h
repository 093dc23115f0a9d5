// Which endpoint a request is for, and what its query and body say.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_ROUTE_H_
#define TOPUP_SERVER_SANDBOX_HTTP_ROUTE_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "server/sandbox/faults/fault_settings.h"
#include "server/sandbox/http/http_message.h"
#include "server/sandbox/world/provider_world.h"
#include "server/sandbox/world/send_checks.h"

namespace topup::sandbox {

struct Route {
  Endpoint endpoint = Endpoint::kOther;
  std::string argument;  // the id or ref in the path
};

Route FindRoute(const HttpRequest& request);

// The fields of a send that have the right type.
struct ParsedSend {
  SendRequest request;
  // The first thing that is wrong with the form: no JSON object, or a field of another type.
  std::optional<Refusal> refusal;
};

// Reads the body of a send. Does not throw.
ParsedSend ParseSend(absl::string_view body);

// Reads page, pageSize, from and to.
std::variant<PageRequest, Refusal> ParsePage(const HttpRequest& request);

// Printable ASCII of `text`, everything else as '?', cut to 200 bytes: for ledger and messages.
std::string Printable(absl::string_view text);

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_ROUTE_H_
