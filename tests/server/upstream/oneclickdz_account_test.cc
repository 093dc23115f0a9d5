#include "server/upstream/oneclickdz/oneclickdz_account.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/upstream/oneclickdz/oneclickdz_envelope.h"

namespace topup::upstream::oneclickdz {
namespace {

http::HttpReply Reply(int status, std::string body) {
  http::HttpReply reply;
  reply.complete = true;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

http::HttpReply Data(const std::string& data) {
  return Reply(200, absl::StrCat(R"({"success":true,"data":)", data, "}"));
}

core::Exchange Facts(const http::HttpReply& reply) { return DecodeEnvelope(reply).exchange; }

TEST(OneClickDzEnvelopeTest, FindsTheErrorWhereverItIs) {
  core::Exchange exchange = Facts(Reply(
      403, R"({"success":false,"error":{"code":"DUPLICATED-REF","message":"m","details":[1]}})"));
  EXPECT_TRUE(exchange.enveloped);
  EXPECT_EQ(exchange.error_code, "DUPLICATED_REF");
  EXPECT_EQ(exchange.error_message, "m");
  EXPECT_EQ(exchange.http_status, 403);

  exchange = Facts(Reply(400, R"({"success":false,"error":{"code":"err_validation"},
                                  "message":"top","meta":{"requestId":"q1"}})"));
  EXPECT_EQ(exchange.error_code, "ERR_VALIDATION");
  EXPECT_EQ(exchange.error_message, "top");
  EXPECT_EQ(exchange.request_id, "q1");

  exchange =
      Facts(Reply(404, R"({"message":"Route GET:/x","error":"NOT_FOUND","statusCode":404})"));
  EXPECT_FALSE(exchange.enveloped);
  EXPECT_EQ(exchange.error_code, "") << "a router's words are not the provider's codes";
  EXPECT_EQ(exchange.error_message, "Route GET:/x");
}

TEST(OneClickDzEnvelopeTest, CodesThatAreNoneAreLeftOut) {
  for (const char* code : {"\"a b\"", "\"<script>\"", "{}", "null", "\"\""}) {
    const auto exchange =
        Facts(Reply(403, absl::StrCat(R"({"success":false,"error":{"code":)", code, "}}")));
    EXPECT_TRUE(exchange.enveloped);
    EXPECT_EQ(exchange.error_code, "") << code;
  }
}

TEST(OneClickDzEnvelopeTest, AnswersThatAreNoJsonAreCompleteButNotEnveloped) {
  for (const char* body : {"", "<html>502</html>", "null", "[]", "{", R"({"success":null})"}) {
    const auto exchange = Facts(Reply(502, body));
    EXPECT_TRUE(exchange.response_complete);
    EXPECT_EQ(exchange.http_status, 502);
    EXPECT_FALSE(exchange.enveloped) << body;
  }
}

TEST(OneClickDzEnvelopeTest, AnIncompleteAnswerSaysNothingButWhy) {
  http::HttpReply reply = Reply(200, R"({"success":true})");
  reply.complete = false;
  reply.error = "cut";
  const auto exchange = Facts(reply);
  EXPECT_TRUE(exchange.request_left);
  EXPECT_FALSE(exchange.response_complete);
  EXPECT_FALSE(exchange.enveloped);
  EXPECT_EQ(exchange.http_status, 0);
  EXPECT_EQ(exchange.transport_error, "cut");
}

TEST(OneClickDzEnvelopeTest, TakesTimeAndIdFromTheHeadersWhereTheBodyHasNone) {
  http::HttpReply reply = Data("{}");
  reply.date = "Wed, 01 Jan 2025 00:00:05 GMT";
  reply.request_id = "hdr";
  EXPECT_EQ(Facts(reply).provider_time, absl::FromUnixSeconds(1'735'689'605));
  EXPECT_EQ(Facts(reply).request_id, "hdr");
  reply.body =
      R"({"success":true,"requestId":"b","meta":{"timestamp":"2025-01-01T00:00:01.000Z"}})";
  EXPECT_EQ(Facts(reply).provider_time, absl::FromUnixSeconds(1'735'689'601));
  EXPECT_EQ(Facts(reply).request_id, "b");
}

TEST(OneClickDzEnvelopeTest, ImplausibleTimesAreNone) {
  for (const char* time : {"\"infinite-future\"", "\"1970-01-01T00:00:00Z\"", "5", "\"soon\"",
                           "\"9999-01-01T00:00:00Z\""}) {
    const auto exchange =
        Facts(Reply(200, absl::StrCat(R"({"success":true,"meta":{"timestamp":)", time, "}}")));
    EXPECT_FALSE(exchange.provider_time.has_value()) << time;
  }
}

TEST(OneClickDzEnvelopeTest, ReadsRetryAfterAsSecondsOrAsADate) {
  http::HttpReply reply = Reply(429, R"({"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED"}})");
  EXPECT_FALSE(Facts(reply).retry_after.has_value());
  reply.retry_after = "7";
  EXPECT_EQ(Facts(reply).retry_after, absl::Seconds(7));
  reply.retry_after = "-7";
  EXPECT_FALSE(Facts(reply).retry_after.has_value());
  reply.retry_after = "Wed, 01 Jan 2025 00:00:15 GMT";
  EXPECT_FALSE(Facts(reply).retry_after.has_value()) << "whose clock?";
  reply.date = "Wed, 01 Jan 2025 00:00:05 GMT";
  EXPECT_EQ(Facts(reply).retry_after, absl::Seconds(10));
}

TEST(OneClickDzEnvelopeTest, CutsTextsBetweenCharacters) {
  EXPECT_EQ(CutText("abc", 3), "abc");
  EXPECT_EQ(CutText("ab\xd8\xb9", 3), "ab");
  EXPECT_EQ(CutText("\xd8\xb9", 1), "");
  const std::string body =
      absl::StrCat(R"({"success":false,"message":")", std::string(999, 'x'), "\"}");
  EXPECT_EQ(Facts(Reply(500, body)).error_message.size(), 500u);
}

TEST(OneClickDzAccountTest, ReadsBothListsOfPlans) {
  const core::PlansAnswer answer = DecodePlans(Data(R"({
      "dynamicPlans":[
        {"code":"PREPAID_MOBILIS","name":"P","operator":"Mobilis","cost":0.96,"isEnabled":true,
         "min_amount":40,"max_amount":3999},
        {"code":"GROS_MOBILIS","name":"G","operator":"GMobilis","isEnabled":true,
         "min_amount":5000,"max_amount":300000},
        {"code":"GETMENU_Mobilis","name":"M","operator":"Mobilis","cost":0.98,"isEnabled":false}],
      "fixedPlans":[
        {"code":"PIXX_500","name":"X","operator":"Pixx","cost":0.9925,"isEnabled":true,
         "amount":500}]})"));
  EXPECT_TRUE(answer.decoded);
  EXPECT_EQ(answer.skipped, 0);
  ASSERT_EQ(answer.plans.size(), 4u);
  const core::Plan& menu = answer.plans[0];
  EXPECT_EQ(menu.kind, core::PlanKind::kMenu);
  EXPECT_FALSE(menu.enabled);
  const core::Plan& gros = answer.plans[1];
  EXPECT_EQ(gros.code, "GROS_MOBILIS");
  EXPECT_EQ(gros.op, core::Operator::kMobilis);
  EXPECT_EQ(gros.provider_operator, "GMobilis");
  EXPECT_FALSE(gros.cost_ppm.has_value());
  const core::Plan& fixed = answer.plans[2];
  EXPECT_EQ(fixed.kind, core::PlanKind::kFixed);
  EXPECT_EQ(fixed.min_amount_dzd, 500);
  EXPECT_EQ(fixed.max_amount_dzd, 500);
  EXPECT_EQ(fixed.cost_ppm, 992'500);
  const core::Plan& dynamic = answer.plans[3];
  EXPECT_EQ(dynamic.kind, core::PlanKind::kDynamic);
  EXPECT_EQ(dynamic.min_amount_dzd, 40);
  EXPECT_EQ(dynamic.max_amount_dzd, 3999);
  EXPECT_TRUE(dynamic.enabled);
}

TEST(OneClickDzAccountTest, SkipsPlansThatItDoesNotUnderstand) {
  const core::PlansAnswer answer = DecodePlans(Data(R"({
      "dynamicPlans":[{"code":"A","min_amount":50,"max_amount":10},
        {"code":"B","min_amount":50},{"name":"no code","min_amount":1,"max_amount":2},
        {"code":"C","min_amount":50,"max_amount":60,"cost":490},
        {"code":"D","min_amount":50,"max_amount":60,"cost":"cheap"},
        {"code":"GOOD","min_amount":50,"max_amount":60}, 7],
      "fixedPlans":[{"code":"E","amount":0},{"code":"F"},{"code":"GOOD","amount":5}]})"));
  EXPECT_TRUE(answer.decoded);
  ASSERT_EQ(answer.plans.size(), 1u);
  EXPECT_EQ(answer.plans[0].code, "GOOD");
  EXPECT_EQ(answer.plans[0].kind, core::PlanKind::kDynamic);
  EXPECT_FALSE(answer.plans[0].enabled) << "nobody said that it may be sold";
  EXPECT_EQ(answer.skipped, 9);
  EXPECT_FALSE(DecodePlans(Data(R"({"dynamicPlans":[]})")).decoded);
  EXPECT_FALSE(DecodePlans(Data("[]")).decoded);
}

TEST(OneClickDzAccountTest, ReadsTheBalanceInDinarsOnly) {
  EXPECT_EQ(DecodeBalance(Data(R"({"balance":1326.13})")).balance, core::Money::Centimes(132'613));
  EXPECT_EQ(DecodeBalance(Data(R"({"balance":"980","currency":"DZD"})")).balance,
            core::Money::Centimes(98'000));
  EXPECT_FALSE(DecodeBalance(Data(R"({"balance":10,"currency":"EUR"})")).balance.has_value());
  EXPECT_FALSE(DecodeBalance(Data(R"({"balance":null})")).balance.has_value());
  EXPECT_FALSE(DecodeBalance(Data(R"({"balance":1.234})")).balance.has_value());
}

TEST(OneClickDzAccountTest, ReadsHealthAndTakesOddWordsForDown) {
  const core::PingAnswer answer = DecodePing(
      Data(R"({"api":"ok","operators":{"mobilis":"up","djezzy":"down","ooredoo":"slow","x":7}})"));
  EXPECT_TRUE(answer.api_up);
  EXPECT_EQ(answer.operator_up,
            (std::map<std::string, bool>{
                {"mobilis", true}, {"djezzy", false}, {"ooredoo", false}, {"x", false}}));
  EXPECT_FALSE(DecodePing(Data(R"({"api":"error"})")).api_up);
}

TEST(OneClickDzAccountTest, ReadsWhoseKeyItIsAndKeepsNothingOfTheKey) {
  const core::ValidateAnswer answer = DecodeValidate(Data(
      R"({"username":"+213665983439","apiKey":{"key":"canary","isEnabled":true,
          "type":"sandbox","allowedips":[],"scope":"READ-WRITE"}})"));
  EXPECT_TRUE(answer.decoded);
  EXPECT_TRUE(answer.key_enabled);
  EXPECT_EQ(answer.key_type, "SANDBOX");
  EXPECT_EQ(answer.scope, "READ-WRITE");
  EXPECT_FALSE(
      DecodeValidate(Data(R"({"apiKey":{"isEnabled":false,"type":"PRODUCTION"}})")).key_enabled);
  EXPECT_FALSE(DecodeValidate(Data(R"({"apiKey":{}})")).decoded);
}

}  // namespace
}  // namespace topup::upstream::oneclickdz
