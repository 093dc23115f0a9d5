#include "server/sandbox/http/answers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/sandbox/world/json_writer.h"

namespace topup::sandbox {
namespace {

std::string PlanJson(const CataloguePlan& plan) {
  JsonObject json;
  json.AddText("code", plan.code).AddText("name", plan.name);
  json.AddText("operator", plan.operator_name);
  if (plan.shows_cost) json.Add("cost", JsonPpm(plan.cost_ppm));
  json.AddBool("isEnabled", plan.is_enabled);
  if (plan.is_dynamic) {
    json.AddNumber("min_amount", plan.min_amount_dzd);
    json.AddNumber("max_amount", plan.max_amount_dzd);
  } else {
    json.AddNumber("amount", plan.amount_dzd);
  }
  return json.Text();
}

std::string PaginationJson(const PageRequest& request, int64_t total_results) {
  JsonObject json;
  json.AddNumber("page", request.page).AddNumber("pageSize", request.page_size);
  json.AddNumber("totalPages", (total_results + request.page_size - 1) / request.page_size);
  json.AddNumber("totalResults", total_results);
  return json.Text();
}

std::string PageJson(const JsonArray& items, const PageRequest& request, int64_t total_results) {
  return JsonObject()
      .Add("items", items.Text())
      .Add("pagination", PaginationJson(request, total_results))
      .Text();
}

}  // namespace

AnswerWriter::AnswerWriter(const ProviderRules& rules, absl::Time now, std::string request_id)
    : rules_(rules), now_(now), request_id_(std::move(request_id)) {}

HttpReply AnswerWriter::Ping() const {
  JsonObject operators;
  for (const char* name : {"mobilis", "ooredoo", "djezzy", "mobilisFixedPlans"}) {
    const auto& down = rules_.operators_down;
    const bool is_down = std::find(down.begin(), down.end(), name) != down.end();
    operators.AddText(name, is_down ? "down" : "up");
  }
  JsonObject data;
  data.AddText("api", rules_.api_down ? "error" : "ok").Add("operators", operators.Text());
  return Success(data.Text(), rules_.show_meta);
}

HttpReply AnswerWriter::Validate(absl::string_view api_key) const {
  JsonObject key;
  key.AddText("key", api_key).AddBool("isEnabled", rules_.key_enabled);
  key.AddText("type", rules_.key_production ? "PRODUCTION" : "SANDBOX");
  key.Add("allowedips", "[]");
  key.AddText("scope", rules_.key_read_only ? "READ-ONLY" : "READ-WRITE");
  JsonObject data;
  data.AddText("username", kAccountPhone).Add("apiKey", key.Text());
  return Success(data.Text(), /*with_meta=*/false);
}

HttpReply AnswerWriter::Balance(int64_t centimes) const {
  JsonObject data;
  data.Add("balance", JsonCentimes(centimes));
  if (rules_.show_currency) data.AddText("currency", "DZD");
  return Success(data.Text(), rules_.show_meta);
}

HttpReply AnswerWriter::Plans(const std::vector<CataloguePlan>& plans) const {
  JsonArray dynamic_plans;
  JsonArray fixed_plans;
  for (const CataloguePlan& plan : plans) {
    (plan.is_dynamic ? dynamic_plans : fixed_plans).Add(PlanJson(plan));
  }
  if (rules_.odd_plan_entries) {
    dynamic_plans.Add(R"({"name":"no code","operator":"Mobilis","isEnabled":true})");
    dynamic_plans.Add(R"({"code":"ODD_TEXT_COST","name":"x","operator":"Mobilis","cost":"0.9",)"
                      R"("isEnabled":true,"min_amount":50,"max_amount":100})");
    fixed_plans.Add(R"({"code":"ODD_ZERO","name":"x","operator":"Pixx","cost":0.97,)"
                    R"("isEnabled":true,"amount":0})");
    fixed_plans.Add(R"({"code":"ODD_NO_AMOUNT","name":"x","operator":"Pixx","isEnabled":true})");
    fixed_plans.Add("null");
  }
  JsonObject data;
  data.Add("dynamicPlans", dynamic_plans.Text()).Add("fixedPlans", fixed_plans.Text());
  return Success(data.Text(), rules_.show_meta);
}

HttpReply AnswerWriter::Accepted(const TopupView& topup, int64_t new_balance_centimes) const {
  JsonObject data;
  data.AddText("topupId", topup.id).AddText("topupRef", ShownRef(topup.ref));
  if (rules_.show_new_balance) data.Add("newBalance", JsonCentimes(new_balance_centimes));
  return Success(data.Text(), rules_.show_meta);
}

HttpReply AnswerWriter::Topup(const TopupView& topup) const {
  return Success(TopupJson(topup), rules_.show_meta);
}

HttpReply AnswerWriter::Topups(const Page<TopupView>& page, const PageRequest& request) const {
  JsonArray items;
  for (const TopupView& topup : page.items) items.Add(TopupJson(topup));
  return Success(PageJson(items, request, page.total_results), rules_.show_meta);
}

HttpReply AnswerWriter::Transactions(const Page<Transaction>& page,
                                     const PageRequest& request) const {
  JsonArray items;
  for (const Transaction& transaction : page.items) {
    const bool is_credit = transaction.new_balance_centimes > transaction.old_balance_centimes;
    JsonObject item;
    item.AddText("_id", transaction.id).AddText("type", transaction.type);
    item.AddText("operation", is_credit ? "IN" : "OUT");
    item.Add("amount", JsonCentimes(transaction.amount_centimes));
    item.Add("oldBalance", JsonCentimes(transaction.old_balance_centimes));
    item.Add("newBalance", JsonCentimes(transaction.new_balance_centimes));
    item.AddText("objid", transaction.topup_id).AddText("note", transaction.note);
    item.Add("time", JsonTime(transaction.time + rules_.clock_skew));
    items.Add(item.Text());
  }
  return Success(PageJson(items, request, page.total_results), rules_.show_meta);
}

HttpReply AnswerWriter::Refused(const Refusal& refusal) const {
  JsonObject details;
  if (!refusal.field.empty()) {
    details.AddText("field", refusal.field);
    if (!refusal.value_json.empty()) details.Add("value", refusal.value_json);
  }
  if (refusal.required_centimes) {
    details.Add("required", JsonCentimes(*refusal.required_centimes));
    details.Add("available", JsonCentimes(refusal.available_centimes.value_or(0)));
  }
  if (refusal.attempts_left) details.AddNumber("attemptsLeft", *refusal.attempts_left);
  JsonObject error;
  error.AddText("code", refusal.code).AddText("message", refusal.message);
  if (details.Text() != "{}") error.Add("details", details.Text());
  JsonObject body;
  body.AddBool("success", false).Add("error", error.Text());
  if (rules_.show_request_id) body.AddText("requestId", request_id_);
  return Envelope(refusal.http_status, body.Text());
}

HttpReply AnswerWriter::Failed(int http_status, absl::string_view code,
                               absl::string_view message) const {
  Refusal refusal;
  refusal.http_status = http_status;
  refusal.code = std::string(code);
  refusal.message = std::string(message);
  return Refused(refusal);
}

HttpReply AnswerWriter::UnknownRoute(absl::string_view method, absl::string_view path) const {
  JsonObject body;
  body.AddText("message", absl::StrCat("Route ", method, ":", path, " not found"));
  body.AddText("error", "Not Found").AddNumber("statusCode", 404);
  return Envelope(404, body.Text());
}

HttpReply AnswerWriter::Success(absl::string_view data_json, bool with_meta) const {
  JsonObject body;
  body.AddBool("success", true).Add("data", data_json);
  if (with_meta) {
    JsonObject meta;
    meta.Add("timestamp", JsonTime(now_ + rules_.clock_skew));
    body.Add("meta", meta.Text());
  }
  if (rules_.show_request_id) body.AddText("requestId", request_id_);
  return Envelope(200, body.Text());
}

HttpReply AnswerWriter::Envelope(int status, std::string body) const {
  HttpReply reply;
  reply.status = status;
  if (rules_.show_request_id) reply.headers.emplace_back("X-Request-Id", request_id_);
  reply.body = std::move(body);
  return reply;
}

std::string AnswerWriter::ShownRef(absl::string_view ref) const {
  if (!rules_.ref_prefixed) return std::string(ref);
  return absl::StrCat("API-", kAccountPhone, "-", ref);
}

std::string AnswerWriter::TopupJson(const TopupView& topup) const {
  JsonObject json;
  json.AddText("_id", topup.id).AddText("ref", ShownRef(topup.ref));
  json.AddText("status", topup.status_word).AddText("plan_code", topup.plan_code);
  json.AddText("MSSIDN", topup.phone).AddNumber("topup_amount", topup.amount_dzd);
  json.Add("balance_amount", JsonCentimes(topup.balance_amount_centimes));
  json.Add("created_at", JsonTime(topup.create_time + rules_.clock_skew));
  if (!topup.refund_message.empty()) json.AddText("refund_message", topup.refund_message);
  if (!topup.offers.empty()) {
    JsonArray offers;
    for (const Offer& offer : topup.offers) {
      JsonObject item;
      item.AddText("typename", offer.name).AddText("plan_code", offer.plan_code);
      offers.Add(item.AddNumber("amount", offer.amount_dzd).Text());
    }
    json.Add("suggested_offers", offers.Text());
  }
  return json.Text();
}

}  // namespace topup::sandbox
