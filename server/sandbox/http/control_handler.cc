#include "server/sandbox/http/control_handler.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/sandbox/world/test_numbers.h"

namespace topup::sandbox {
namespace {

using nlohmann::json;

constexpr int64_t kBalanceMax = 100'000'000'000'000;
constexpr int64_t kAmountMax = 1'000'000'000;

HttpReply TextReply(int status, std::string text) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::move(text);
  return reply;
}

absl::StatusOr<json> ParseObject(const std::string& body) {
  json value = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) return absl::InvalidArgumentError("the body must be a JSON object");
  return value;
}

absl::StatusOr<std::string> TextField(const json& body, const char* field) {
  const auto found = body.find(field);
  if (found == body.end() || !found->is_string()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", field, "\" must be text"));
  }
  return found->get<std::string>();
}

absl::Status TakeNumber(const json& body, const char* field, int64_t max, int64_t& into) {
  const auto found = body.find(field);
  if (found == body.end()) return absl::OkStatus();
  if (!found->is_number_unsigned() || found->get<uint64_t>() > static_cast<uint64_t>(max)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", field, "\" must be 0 to ", max));
  }
  into = found->get<int64_t>();
  return absl::OkStatus();
}

absl::Status TakeBool(const json& body, const char* field, bool& into) {
  const auto found = body.find(field);
  if (found == body.end()) return absl::OkStatus();
  if (!found->is_boolean()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", field, "\" must be true or false"));
  }
  into = found->get<bool>();
  return absl::OkStatus();
}

absl::Status PutFaults(const HttpRequest& request, SimulatedProvider& provider) {
  ASSIGN_OR_RETURN(FaultSettings settings, ParseFaultSettings(request.body));
  provider.SetFaults(std::move(settings));
  return absl::OkStatus();
}

absl::Status PutBalance(const HttpRequest& request, SimulatedProvider& provider) {
  ASSIGN_OR_RETURN(const json body, ParseObject(request.body));
  int64_t centimes = -1;
  RETURN_IF_ERROR(TakeNumber(body, "balance_centimes", kBalanceMax, centimes));
  if (centimes < 0) return absl::InvalidArgumentError("\"balance_centimes\" must be given");
  return provider.SetBalance(centimes);
}

absl::Status PutPlan(const HttpRequest& request, SimulatedProvider& provider) {
  ASSIGN_OR_RETURN(const json body, ParseObject(request.body));
  ASSIGN_OR_RETURN(const std::string code, TextField(body, "code"));
  ASSIGN_OR_RETURN(CataloguePlan plan, provider.FindPlan(code));
  RETURN_IF_ERROR(TakeBool(body, "isEnabled", plan.is_enabled));
  RETURN_IF_ERROR(TakeBool(body, "shows_cost", plan.shows_cost));
  RETURN_IF_ERROR(TakeNumber(body, "cost_ppm", 10'000'000, plan.cost_ppm));
  RETURN_IF_ERROR(TakeNumber(body, "min_amount", kAmountMax, plan.min_amount_dzd));
  RETURN_IF_ERROR(TakeNumber(body, "max_amount", kAmountMax, plan.max_amount_dzd));
  RETURN_IF_ERROR(TakeNumber(body, "amount", kAmountMax, plan.amount_dzd));
  provider.PutPlan(std::move(plan));
  return absl::OkStatus();
}

absl::Status PutTopup(const HttpRequest& request, SimulatedProvider& provider) {
  ASSIGN_OR_RETURN(const json body, ParseObject(request.body));
  ASSIGN_OR_RETURN(const std::string ref, TextField(body, "ref"));
  ASSIGN_OR_RETURN(const std::string word, TextField(body, "status"));
  const std::optional<TopupState> state = ParseStateWord(word);
  if (!state) return absl::InvalidArgumentError("\"status\" must be a documented status");
  return provider.ForceState(ref, *state);
}

absl::Status PutDown(const HttpRequest& request, SimulatedProvider& provider) {
  ASSIGN_OR_RETURN(const json body, ParseObject(request.body));
  bool down = true;
  RETURN_IF_ERROR(TakeBool(body, "down", down));
  provider.SetDown(down);
  return absl::OkStatus();
}

HttpReply GetLedger(const HttpRequest& request, SimulatedProvider& provider) {
  int64_t from = 0;
  const auto query = request.query.find("from");
  if (query != request.query.end() && (!absl::SimpleAtoi(query->second, &from) || from < 0)) {
    return TextReply(400, "from must be a number\n");
  }
  const absl::StatusOr<std::vector<std::string>> lines = provider.LedgerLines();
  if (!lines.ok()) return TextReply(500, absl::StrCat(lines.status().message(), "\n"));
  std::string text;
  for (size_t i = from; i < lines->size(); ++i) absl::StrAppend(&text, (*lines)[i], "\n");
  HttpReply reply = TextReply(200, std::move(text));
  reply.content_type = "application/x-ndjson";
  return reply;
}

struct PutRoute {
  const char* path;
  absl::Status (*put)(const HttpRequest& request, SimulatedProvider& provider);
};

constexpr PutRoute kPutRoutes[] = {
    {"/sandbox/faults", PutFaults}, {"/sandbox/balance", PutBalance}, {"/sandbox/plans", PutPlan},
    {"/sandbox/topups", PutTopup},  {"/sandbox/down", PutDown},
};

}  // namespace

HttpReply HandleControl(const HttpRequest& request, SimulatedProvider& provider) {
  if (request.method == "GET" && request.path == "/sandbox/ledger") {
    return GetLedger(request, provider);
  }
  if (request.method == "GET" && request.path == "/sandbox/help") {
    return TextReply(200, DescribeSandbox());
  }
  for (const PutRoute& route : kPutRoutes) {
    if (request.method != "PUT" || request.path != route.path) continue;
    const absl::Status status = route.put(request, provider);
    if (status.ok()) return TextReply(204, "");
    return TextReply(400, absl::StrCat(status.message(), "\n"));
  }
  return TextReply(404, "GET ledger, help; PUT faults, balance, plans, topups, down\n");
}

std::string DescribeSandbox() {
  return absl::StrCat(
      "Numbers with a fate of their own (times before --time_scale; they go with plans of every\n"
      "operator). Every other number: PENDING 5 s, HANDLING 10 s, FULFILLED. Plans GETMENU_*\n"
      "charge nothing and end REFUNDED with offers.\n\n",
      DescribeTestNumbers(),
      "\nFaults, as text: rules { endpoints: SEND numbers: '0770000001' kind: HANG\n"
      "moment: AFTER_ACCEPTANCE per_mille: 50 first: 3 } behaviour { ref_form: BARE }\n"
      "  endpoints  PING VALIDATE BALANCE TRANSACTIONS PLANS SEND CHECK_ID CHECK_REF LIST\n"
      "  which      numbers refs attempts (FIRST, RETRY) per_mille skip first each_ref\n"
      "  kind       another answer: REFUSE RATE_LIMITED UNAVAILABLE REDIRECT NOT_FOUND\n"
      "             UNKNOWN_ROUTE HTML_BODY EMPTY_BODY GZIP_BOMB; the right one, damaged:\n"
      "             TRUNCATED_JSON MALFORMED_JSON DEEP_JSON HUGE_JSON DUPLICATE_KEYS WRONG_REF\n"
      "             OTHER_PHONE OTHER_AMOUNT UNKNOWN_STATUS_WORD REPLY_TO_ANOTHER\n"
      "             WRONG_CONTENT_LENGTH SHORT_CONTENT_LENGTH; on the wire: DELAY HANG CLOSE\n"
      "             RESET CUT SLOW ONE_BYTE_SEGMENTS DUPLICATED_REPLY EARLY_CONTINUE\n"
      "  with       http_status error_code location retry_after_seconds delay_ms size\n"
      "             after_bytes reset moment (BEFORE_ACCEPTANCE, AFTER_ACCEPTANCE)\n"
      "server/sandbox/faults/faults.proto explains each, and the switches of behaviour.\n"
      "\nOutside /v3: GET /sandbox/ledger?from=N, GET /sandbox/help; PUT /sandbox/faults (text),\n"
      "/sandbox/balance {\"balance_centimes\":1}, /sandbox/plans {\"code\":\"PIXX_500\",\n"
      "\"isEnabled\":false}, /sandbox/topups {\"ref\":\"r\",\"status\":\"FULFILLED\"},\n"
      "/sandbox/down {\"down\":true}.\n");
}

}  // namespace topup::sandbox
