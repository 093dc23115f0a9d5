#include "server/sandbox/http/route.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/sandbox/world/json_writer.h"

namespace topup::sandbox {
namespace {

using nlohmann::json;

constexpr int64_t kAmountMax = 1'000'000'000;

struct FixedRoute {
  const char* method;
  const char* path;
  Endpoint endpoint;
};

constexpr FixedRoute kFixedRoutes[] = {
    {"GET", "/v3/ping", Endpoint::kPing},
    {"GET", "/v3/validate", Endpoint::kValidate},
    {"GET", "/v3/account/balance", Endpoint::kBalance},
    {"GET", "/v3/account/transactions", Endpoint::kTransactions},
    {"GET", "/v3/mobile/plans", Endpoint::kPlans},
    {"POST", "/v3/mobile/send", Endpoint::kSend},
    {"GET", "/v3/mobile/list", Endpoint::kList},
};

// Compact text of a value that somebody else sent; never throws.
std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void TakeText(const json& body, const char* field, std::optional<std::string>& into,
              std::optional<Refusal>& refusal) {
  const auto found = body.find(field);
  if (found == body.end()) return;
  if (found->is_string()) {
    into = found->get<std::string>();
  } else if (!refusal) {
    refusal = FieldRefusal(field, "must be string", Dump(*found));
  }
}

void TakeAmount(const json& body, std::optional<int64_t>& into, std::optional<Refusal>& refusal) {
  const auto found = body.find("amount");
  if (found == body.end()) return;
  // Out of the range of every plan, and of the arithmetic.
  const bool small = found->is_number_unsigned() && found->get<uint64_t>() <= kAmountMax;
  if (small) {
    into = found->get<int64_t>();
  } else if (!refusal) {
    refusal = FieldRefusal("amount", "must be integer", Dump(*found));
  }
}

Refusal QueryRefusal(absl::string_view field, absl::string_view message, absl::string_view value) {
  Refusal refusal = FieldRefusal(field, message, JsonString(Printable(value)));
  refusal.message = absl::StrCat("querystring/", field, " ", message);
  return refusal;
}

std::optional<Refusal> TakeNumber(const HttpRequest& request, const char* field, int64_t max,
                                  int64_t& into) {
  const auto found = request.query.find(field);
  if (found == request.query.end()) return std::nullopt;
  if (!absl::SimpleAtoi(found->second, &into) || into < 1 || into > max) {
    return QueryRefusal(field, absl::StrCat("must be 1 to ", max), found->second);
  }
  return std::nullopt;
}

std::optional<Refusal> TakeTime(const HttpRequest& request, const char* field,
                                std::optional<absl::Time>& into) {
  const auto found = request.query.find(field);
  if (found == request.query.end()) return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::EndsWith(found->second, "Z") ||
      !absl::ParseTime(absl::RFC3339_full, found->second, &time, &error)) {
    return QueryRefusal(field, "must match format \"date-time\"", found->second);
  }
  into = time;
  return std::nullopt;
}

}  // namespace

Route FindRoute(const HttpRequest& request) {
  for (const FixedRoute& route : kFixedRoutes) {
    if (request.method == route.method && request.path == route.path) return {route.endpoint, ""};
  }
  if (request.method == "GET") {
    absl::string_view rest = request.path;
    if (absl::ConsumePrefix(&rest, "/v3/mobile/check-id/") && !rest.empty()) {
      return {Endpoint::kCheckId, std::string(rest)};
    }
    if (absl::ConsumePrefix(&rest, "/v3/mobile/check-ref/") && !rest.empty()) {
      return {Endpoint::kCheckRef, std::string(rest)};
    }
  }
  return {};
}

ParsedSend ParseSend(absl::string_view body) {
  ParsedSend parsed;
  // A limit on the depth by a callback: the parser itself is iterative, its result is not.
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= 8; };
  const json value = json::parse(body.begin(), body.end(), shallow, /*allow_exceptions=*/false);
  if (!value.is_object()) {
    parsed.refusal = FieldRefusal("", "must be object", "");
    parsed.refusal->message = "body must be object";
    return parsed;
  }
  TakeText(value, "plan_code", parsed.request.plan_code, parsed.refusal);
  TakeText(value, "MSSIDN", parsed.request.phone, parsed.refusal);
  TakeAmount(value, parsed.request.amount_dzd, parsed.refusal);
  TakeText(value, "ref", parsed.request.ref, parsed.refusal);
  return parsed;
}

std::variant<PageRequest, Refusal> ParsePage(const HttpRequest& request) {
  PageRequest page;
  for (std::optional<Refusal> refusal :
       {TakeNumber(request, "page", 1'000'000'000, page.page),
        TakeNumber(request, "pageSize", 100, page.page_size), TakeTime(request, "from", page.from),
        TakeTime(request, "to", page.to)}) {
    if (refusal) return *std::move(refusal);
  }
  if (page.from.has_value() != page.to.has_value()) {
    return QueryRefusal(page.from ? "to" : "from", "must be given with the other one", "");
  }
  return page;
}

std::string Printable(absl::string_view text) {
  std::string printable(text.substr(0, 200));
  for (char& c : printable) {
    if (!absl::ascii_isprint(c)) c = '?';
  }
  return printable;
}

}  // namespace topup::sandbox
