#include "server/upstream/oneclickdz/oneclickdz_topups.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace topup::upstream::oneclickdz {
namespace {

using Status = core::ProviderTopup::Status;

http::HttpReply Reply(int status, std::string body) {
  http::HttpReply reply;
  reply.complete = true;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

core::ProviderTopup Shown(const std::string& members) {
  const auto value = JsonValue::Parse(absl::StrCat("{", members, "}"));
  EXPECT_TRUE(value.has_value()) << members;
  const auto topup = DecodeTopup(value.value_or(JsonValue()));
  EXPECT_TRUE(topup.has_value()) << members;
  return topup.value_or(core::ProviderTopup());
}

bool IsRefused(const std::string& members) {
  const auto value = JsonValue::Parse(absl::StrCat("{", members, "}"));
  EXPECT_TRUE(value.has_value()) << members;
  return !DecodeTopup(*value).has_value();
}

TEST(OneClickDzTopupsTest, WritesTheNumberAsAStringAndEscapesTheRest) {
  SendRequest request;
  request.provider_ref = "S-abc-1";
  request.plan_code = "A\"B";
  request.phone = *core::PhoneNumber::Parse("0612345678");
  request.amount_dzd = 500;
  const http::HttpRequest made = EncodeSend(request);
  EXPECT_EQ(made.method, http::HttpRequest::Method::kPost);
  EXPECT_EQ(made.target, "/v3/mobile/send");
  EXPECT_EQ(made.json_body,
            R"({"plan_code":"A\"B","MSSIDN":"0612345678","amount":500,"ref":"S-abc-1"})");
}

TEST(OneClickDzTopupsTest, EncodesRefsAndTimesForTheirPlaceInTheUrl) {
  EXPECT_EQ(EncodeReadByRef("API-+213/x?y").target, "/v3/mobile/check-ref/API-%2B213%2Fx%3Fy");
  EXPECT_EQ(EncodeReadById("65a\n").target, "/v3/mobile/check-id/65a%0A");
  ListRequest list;
  list.page = 3;
  list.page_size = 500;
  EXPECT_EQ(EncodeList(list).target, "/v3/mobile/list?page=3&pageSize=100");
  list.from = absl::FromUnixMillis(1'735'689'600'123);
  EXPECT_EQ(EncodeList(list).target, "/v3/mobile/list?page=3&pageSize=100") << "only both together";
  list.to = *list.from + absl::Hours(1);
  EXPECT_EQ(EncodeList(list).target,
            "/v3/mobile/list?page=3&pageSize=100&from=2025-01-01T00%3A00%3A00.123Z"
            "&to=2025-01-01T01%3A00%3A00.123Z");
}

TEST(OneClickDzTopupsTest, ReadsAnAcceptanceWithAndWithoutWhatIsOptional) {
  core::SendAnswer full = DecodeSend(
      Reply(200,
            R"({"success":true,"data":{"topupId":"65a0","topupRef":"API-+213665983439-r1",
          "newBalance":826.13},"meta":{"timestamp":"2025-01-01T00:00:00.500Z"},
          "requestId":"req_9"})"));
  EXPECT_TRUE(full.exchange.enveloped);
  EXPECT_TRUE(full.exchange.success);
  EXPECT_EQ(full.provider_topup_id, "65a0");
  EXPECT_EQ(full.echoed_ref, "API-+213665983439-r1");
  EXPECT_EQ(full.exchange.request_id, "req_9");
  EXPECT_EQ(full.exchange.provider_time, absl::FromUnixMillis(1'735'689'600'500));

  const core::SendAnswer bare =
      DecodeSend(Reply(200, R"({"success":true,"data":{"topupRef":"r1"}})"));
  EXPECT_EQ(bare.echoed_ref, "r1");
  EXPECT_EQ(bare.provider_topup_id, "");
  EXPECT_EQ(bare.exchange.request_id, "");
  EXPECT_FALSE(bare.exchange.provider_time.has_value());
}

TEST(OneClickDzTopupsTest, TakesNoDataFromWhatIsNoSuccess) {
  const std::string data = R"("data":{"topupId":"1","topupRef":"r1","status":"FULFILLED"})";
  const http::HttpReply replies[] = {
      Reply(200, absl::StrCat(R"({"success":false,)", data, "}")),
      Reply(500, absl::StrCat(R"({"success":true,)", data, "}")),
      Reply(302, absl::StrCat(R"({"success":true,)", data, "}")),
      Reply(200, absl::StrCat(R"({"success":"true",)", data, "}")),
      Reply(200, absl::StrCat(R"({"success":1,)", data, "}")),
      Reply(200, absl::StrCat("{", data, "}")),
      Reply(200, absl::StrCat(R"({"success":true,"success":true,)", data, "}")),
      Reply(200, absl::StrCat(R"([{"success":true,)", data, "}]")),
  };
  for (const http::HttpReply& reply : replies) {
    EXPECT_EQ(DecodeSend(reply).echoed_ref, "") << reply.body;
    EXPECT_FALSE(DecodeRead(reply).topup.has_value()) << reply.body;
  }
}

TEST(OneClickDzTopupsTest, ReadsTheDocumentedObject) {
  const core::ReadAnswer answer =
      DecodeRead(Reply(200,
                       R"({"success":true,"data":{"_id":"65a0","ref":"r1","status":"REFUNDED",
          "plan_code":"PREPAID_DJEZZY","MSSIDN":"0600000002","topup_amount":500,
          "balance_amount":496.25,"created_at":"2025-01-01T00:00:00.000Z",
          "refund_message":"\u0639\u0630\u0631\u0627","suggested_offers":[
            {"typename":"FACTURE","plan_code":"FACTURE_DJEZZY","amount":500},
            {"typename":"no plan","amount":5},{"plan_code":"NO_AMOUNT"},7]},
          "meta":{"timestamp":"2025-01-01T00:00:09.000Z"}})"));
  ASSERT_TRUE(answer.topup.has_value());
  const core::ProviderTopup& topup = *answer.topup;
  EXPECT_EQ(topup.id, "65a0");
  EXPECT_EQ(topup.ref, "r1");
  EXPECT_EQ(topup.status, Status::kRefunded);
  EXPECT_EQ(topup.status_word, "REFUNDED");
  EXPECT_EQ(topup.plan_code, "PREPAID_DJEZZY");
  EXPECT_EQ(topup.phone, "0600000002");
  EXPECT_EQ(topup.amount_dzd, 500);
  EXPECT_EQ(topup.charge, core::Money::Centimes(49'625));
  EXPECT_EQ(topup.create_time, absl::FromUnixSeconds(1'735'689'600));
  EXPECT_EQ(topup.refund_message, "عذرا");
  ASSERT_EQ(topup.suggested_offers.size(), 1u);
  EXPECT_EQ(topup.suggested_offers[0], (core::SuggestedOffer{"FACTURE", "FACTURE_DJEZZY", 500}));
}

TEST(OneClickDzTopupsTest, ReadsTheArabicPagesObject) {
  const core::ProviderTopup topup = Shown(
      R"("_id":"65a0","ref":"r1","status":"SUCCESS","operator":"Djezzy",
         "planCode":"PREPAID_DJEZZY","planName":"x","MSSIDN":"0778037340","amount":500,
         "cost":496.25,"createdAt":"2025-01-01T00:00:00.000Z","updatedAt":"?")");
  EXPECT_EQ(topup.status, Status::kFulfilled);
  EXPECT_EQ(topup.plan_code, "PREPAID_DJEZZY");
  EXPECT_EQ(topup.amount_dzd, 500);
  EXPECT_EQ(topup.charge, core::Money::Centimes(49'625));
  EXPECT_EQ(topup.create_time, absl::FromUnixSeconds(1'735'689'600));
}

TEST(OneClickDzTopupsTest, KnowsBothSetsOfStatusWordsAndNoOthers) {
  const struct {
    const char* word;
    Status status;
  } words[] = {{"PENDING", Status::kPending},        {"HANDLING", Status::kHandling},
               {"FULFILLED", Status::kFulfilled},    {"SUCCESS", Status::kFulfilled},
               {"REFUNDED", Status::kRefunded},      {"FAILED", Status::kRefunded},
               {"fulfilled", Status::kFulfilled},    {"UNKNOWN_ERROR", Status::kUnknownError},
               {"QUEUED", Status::kUnrecognised},    {"", Status::kUnrecognised},
               {"FULFILLED ", Status::kUnrecognised}};
  for (const auto& [word, status] : words) {
    EXPECT_EQ(Shown(absl::StrCat("\"status\":\"", word, "\"")).status, status) << word;
  }
}

TEST(OneClickDzTopupsTest, ReadsAmountsAndNumbersInEveryFormThatTheyMayHave) {
  for (const char* amount : {"500", "500.0", "500.00", "5E2", "\"500\""}) {
    const auto topup = Shown(absl::StrCat(R"("status":"PENDING","topup_amount":)", amount));
    EXPECT_EQ(topup.amount_dzd, 500) << amount;
  }
  for (const char* phone : {"\"0612345678\"", "\"+213612345678\"", "\"213612345678\"",
                            "\"00213612345678\"", "612345678", "213612345678"}) {
    const auto topup = Shown(absl::StrCat(R"("status":"PENDING","MSSIDN":)", phone));
    EXPECT_EQ(topup.phone, "0612345678") << phone;
  }
}

TEST(OneClickDzTopupsTest, WhatIsShownButUnreadableIsNotTakenForNotShown) {
  EXPECT_TRUE(IsRefused(R"("status":"FULFILLED","topup_amount":500.5)"));
  EXPECT_TRUE(IsRefused(R"("status":"FULFILLED","topup_amount":"many")"));
  EXPECT_TRUE(IsRefused(R"("status":"FULFILLED","topup_amount":1e30)"));
  EXPECT_TRUE(IsRefused(R"("status":"FULFILLED","plan_code":{})"));
  EXPECT_TRUE(IsRefused(R"("status":7)"));
  EXPECT_TRUE(IsRefused(R"("ref":"r1")"));
  EXPECT_EQ(Shown(R"("status":"FULFILLED","MSSIDN":"12")").phone, "12");
  EXPECT_FALSE(Shown(R"("status":"FULFILLED","topup_amount":null)").amount_dzd.has_value());
}

TEST(OneClickDzTopupsTest, AChargeThatCannotBeReadLeavesTheStatus) {
  for (const char* charge : {"496.255", "\"x\"", "{}", "1e40"}) {
    const auto topup = Shown(absl::StrCat(R"("status":"FULFILLED","balance_amount":)", charge));
    EXPECT_EQ(topup.status, Status::kFulfilled);
    EXPECT_FALSE(topup.charge.has_value()) << charge;
  }
  // A multiplier is not money.
  EXPECT_FALSE(Shown(R"("status":"PENDING","plan_code":"P","cost":0.98)").charge.has_value());
}

TEST(OneClickDzTopupsTest, ANotFoundKeepsItsFactsForThoseWhoJudge) {
  const core::ReadAnswer answer = DecodeRead(Reply(
      404, R"({"success":false,"error":{"code":"NOT_FOUND","message":"no r1"},"requestId":"q"})"));
  EXPECT_FALSE(answer.topup.has_value());
  EXPECT_TRUE(answer.exchange.enveloped);
  EXPECT_FALSE(answer.exchange.success);
  EXPECT_EQ(answer.exchange.http_status, 404);
  EXPECT_EQ(answer.exchange.error_code, "NOT_FOUND");
  EXPECT_EQ(answer.exchange.error_message, "no r1");
}

TEST(OneClickDzTopupsTest, AListKeepsTheItemsThatItCanRead) {
  const core::ListAnswer answer = DecodeList(
      Reply(200,
            R"({"success":true,"data":{"items":[{"status":"PENDING","ref":"a"},{"ref":"b"},5,
          {"status":"FULFILLED","ref":"c"}],
          "pagination":{"page":1,"pageSize":20,"totalPages":7,"totalResults":130}}})"));
  EXPECT_TRUE(answer.decoded);
  ASSERT_EQ(answer.topups.size(), 2u);
  EXPECT_EQ(answer.topups[1].ref, "c");
  EXPECT_EQ(answer.total_pages, 7);

  const core::ListAnswer in_meta = DecodeList(
      Reply(200, R"({"success":true,"data":{"items":[]},"meta":{"pagination":{"totalPages":2}}})"));
  EXPECT_TRUE(in_meta.decoded);
  EXPECT_EQ(in_meta.total_pages, 2);

  EXPECT_FALSE(DecodeList(Reply(200, R"({"success":true,"data":{"items":{}}})")).decoded);
  EXPECT_FALSE(DecodeList(Reply(200, R"({"success":true,"data":[]})")).decoded);
}

}  // namespace
}  // namespace topup::upstream::oneclickdz
