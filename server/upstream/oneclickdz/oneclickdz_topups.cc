#include "server/upstream/oneclickdz/oneclickdz_topups.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/core/money.h"
#include "server/core/phone_number.h"
#include "server/upstream/oneclickdz/oneclickdz_envelope.h"
#include "server/upstream/oneclickdz/oneclickdz_names.h"

namespace topup::upstream::oneclickdz {
namespace {

// The samples' ids have 24 characters. What is longer is not an id that could be asked for.
constexpr size_t kIdMax = 100;
constexpr size_t kRefundMessageMax = 2000;
constexpr size_t kNameMax = 200;
constexpr size_t kOffersMax = 50;

// `cost` is money in the camelCase object only; everywhere else it is a plan's multiplier.
std::optional<core::Money> DecodeCharge(const JsonValue& shown) {
  const JsonValue& charged = shown.FirstOf({"balance_amount", "balanceAmount"});
  const bool is_camel_case = !shown["planCode"].IsNull();
  const JsonValue& value = charged.IsNull() && is_camel_case ? shown["cost"] : charged;
  const std::optional<std::string> text = value.AsText();
  if (!text.has_value()) return std::nullopt;
  return core::ParseDecimalDinars(*text);
}

// The national form where it is a number at all, whatever form it has; else as shown, so that
// it compares unequal to ours. A JSON number has lost its leading zero.
std::string NationalPhone(const JsonValue& value) {
  const std::string text = value.AsText().value_or("");
  if (text.empty()) return "";
  std::optional<core::PhoneNumber> phone = core::PhoneNumber::Parse(text);
  if (!phone.has_value() && value.kind() == JsonValue::Kind::kNumber) {
    phone = core::PhoneNumber::Parse(absl::StrCat("0", text));
  }
  return phone.has_value() ? phone->National() : CutText(text, kIdMax);
}

std::string ShortId(const JsonValue& value) {
  const std::string text = value.AsText().value_or("");
  return text.size() <= kIdMax ? text : "";
}

std::vector<core::SuggestedOffer> DecodeOffers(const JsonValue& shown) {
  std::vector<core::SuggestedOffer> offers;
  for (const JsonValue& item : shown.items()) {
    if (offers.size() == kOffersMax) break;
    const std::optional<int64_t> amount = ParseWholeDinars(item["amount"]);
    const std::string plan_code = ShortId(item.FirstOf({"plan_code", "planCode"}));
    // An offer that cannot be bought is none.
    if (plan_code.empty() || !amount.has_value() || *amount < 0) continue;
    const std::string name = item.FirstOf({"typename", "name"}).AsText().value_or("");
    offers.push_back({CutText(name, kNameMax), plan_code, *amount});
  }
  return offers;
}

}  // namespace

http::HttpRequest EncodeSend(const SendRequest& request) {
  http::HttpRequest made;
  made.method = http::HttpRequest::Method::kPost;
  made.target = "/v3/mobile/send";
  // MSSIDN is the provider's spelling, and a string: as a number it would lose its zero.
  made.json_body = absl::StrCat("{\"plan_code\":", JsonQuote(request.plan_code),
                                ",\"MSSIDN\":", JsonQuote(request.phone.National()),
                                ",\"amount\":", request.amount_dzd,
                                ",\"ref\":", JsonQuote(request.provider_ref), "}");
  return made;
}

http::HttpRequest EncodeReadByRef(const std::string& provider_ref) {
  http::HttpRequest made;
  made.target = absl::StrCat("/v3/mobile/check-ref/", PercentEncode(provider_ref));
  return made;
}

http::HttpRequest EncodeReadById(const std::string& provider_topup_id) {
  http::HttpRequest made;
  made.target = absl::StrCat("/v3/mobile/check-id/", PercentEncode(provider_topup_id));
  return made;
}

http::HttpRequest EncodeList(const ListRequest& request) {
  const auto stamp = [](absl::Time time) {
    return PercentEncode(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()));
  };
  http::HttpRequest made;
  made.target = absl::StrCat("/v3/mobile/list?page=", std::max(1, request.page),
                             "&pageSize=", std::clamp(request.page_size, 1, 100));
  if (request.from.has_value() && request.to.has_value()) {
    absl::StrAppend(&made.target, "&from=", stamp(*request.from), "&to=", stamp(*request.to));
  }
  return made;
}

core::SendAnswer DecodeSend(const http::HttpReply& reply) {
  Envelope envelope = DecodeEnvelope(reply);
  core::SendAnswer answer;
  answer.provider_topup_id = ShortId(envelope.data.FirstOf({"topupId", "_id"}));
  // Never cut: a shorter text could end as our ref does.
  answer.echoed_ref = envelope.data.FirstOf({"topupRef", "ref"}).AsText().value_or("");
  answer.exchange = std::move(envelope.exchange);
  return answer;
}

core::ReadAnswer DecodeRead(const http::HttpReply& reply) {
  Envelope envelope = DecodeEnvelope(reply);
  core::ReadAnswer answer;
  if (envelope.data.IsObject()) answer.topup = DecodeTopup(envelope.data);
  answer.exchange = std::move(envelope.exchange);
  return answer;
}

core::ListAnswer DecodeList(const http::HttpReply& reply) {
  Envelope envelope = DecodeEnvelope(reply);
  core::ListAnswer answer;
  const JsonValue& items = envelope.data["items"];
  answer.decoded = items.IsArray();
  for (const JsonValue& item : items.items()) {
    std::optional<core::ProviderTopup> topup = DecodeTopup(item);
    if (topup.has_value()) answer.topups.push_back(*std::move(topup));
  }
  const JsonValue& in_data = envelope.data["pagination"];
  const JsonValue& pagination = in_data.IsNull() ? envelope.meta["pagination"] : in_data;
  const std::string total_pages = pagination["totalPages"].AsText().value_or("");
  if (!absl::SimpleAtoi(total_pages, &answer.total_pages) || answer.total_pages < 0) {
    answer.total_pages = 0;
  }
  answer.exchange = std::move(envelope.exchange);
  return answer;
}

std::optional<core::ProviderTopup> DecodeTopup(const JsonValue& shown) {
  const std::optional<std::string> status_word = shown["status"].AsString();
  if (!status_word.has_value()) return std::nullopt;
  core::ProviderTopup topup;
  topup.status_word = CutText(*status_word, kNameMax);
  topup.status = StatusFromWord(*status_word);
  topup.id = ShortId(shown.FirstOf({"_id", "id", "topupId"}));
  topup.ref = shown.FirstOf({"ref", "topupRef"}).AsText().value_or("");

  const JsonValue& plan = shown.FirstOf({"plan_code", "planCode"});
  topup.plan_code = plan.AsString().value_or("");
  if (!plan.IsNull() && topup.plan_code.empty()) return std::nullopt;
  topup.phone = NationalPhone(shown.FirstOf({"MSSIDN", "MSISDN", "mssidn", "msisdn"}));
  const JsonValue& amount = shown.FirstOf({"topup_amount", "topupAmount", "amount"});
  topup.amount_dzd = ParseWholeDinars(amount);
  if (!amount.IsNull() && !topup.amount_dzd.has_value()) return std::nullopt;

  // A charge that cannot be read is no reason to disbelieve the status.
  topup.charge = DecodeCharge(shown);
  topup.create_time = ParseProviderTime(shown.FirstOf({"created_at", "createdAt"}));
  topup.refund_message =
      CutText(shown.FirstOf({"refund_message", "refundMessage"}).AsString().value_or(""),
              kRefundMessageMax);
  topup.suggested_offers = DecodeOffers(shown.FirstOf({"suggested_offers", "suggestedOffers"}));
  return topup;
}

}  // namespace topup::upstream::oneclickdz
