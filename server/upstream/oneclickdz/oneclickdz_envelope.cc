#include "server/upstream/oneclickdz/oneclickdz_envelope.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "server/core/money.h"
#include "server/upstream/oneclickdz/oneclickdz_names.h"

namespace topup::upstream::oneclickdz {
namespace {

constexpr size_t kMessageMax = 500;
constexpr size_t kRequestIdMax = 100;

bool IsPlausible(absl::Time time) {
  static const absl::Time kFirst = absl::FromCivil(absl::CivilYear(2000), absl::UTCTimeZone());
  static const absl::Time kLast = absl::FromCivil(absl::CivilYear(2200), absl::UTCTimeZone());
  return time >= kFirst && time < kLast;
}

std::optional<absl::Time> ParseHttpDate(absl::string_view text) {
  absl::Time time;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, &time, nullptr)) return std::nullopt;
  if (!IsPlausible(time)) return std::nullopt;
  return time;
}

// Seconds, or a date, which only makes sense by the provider's own clock.
std::optional<absl::Duration> ParseRetryAfter(const http::HttpReply& reply) {
  int64_t seconds = 0;
  if (absl::SimpleAtoi(reply.retry_after, &seconds)) {
    if (seconds < 0) return std::nullopt;
    return absl::Seconds(seconds);
  }
  const std::optional<absl::Time> until = ParseHttpDate(reply.retry_after);
  const std::optional<absl::Time> now = ParseHttpDate(reply.date);
  if (!until.has_value() || !now.has_value()) return std::nullopt;
  return std::max(absl::ZeroDuration(), *until - *now);
}

void DecodeError(const JsonValue& body, core::Exchange& exchange) {
  const JsonValue& error = body["error"];
  if (exchange.enveloped)
    exchange.error_code = NormaliseErrorCode(error["code"].AsText().value_or(""));
  // Without an envelope, `error` is a text beside `message`.
  std::optional<std::string> message = error["message"].AsString();
  if (!message.has_value()) message = body["message"].AsString();
  if (!message.has_value()) message = error.AsString();
  exchange.error_message = CutText(message.value_or(""), kMessageMax);
}

}  // namespace

Envelope DecodeEnvelope(const http::HttpReply& reply) {
  Envelope envelope;
  core::Exchange& exchange = envelope.exchange;
  exchange.request_left = reply.request_left;
  exchange.response_complete = reply.complete;
  if (!reply.complete) {
    exchange.transport_error = reply.error;
    return envelope;
  }
  exchange.http_status = reply.status;
  exchange.retry_after = ParseRetryAfter(reply);
  exchange.provider_time = ParseHttpDate(reply.date);
  exchange.request_id = CutText(reply.request_id, kRequestIdMax);

  const std::optional<JsonValue> body = JsonValue::Parse(reply.body);
  if (!body.has_value() || !body->IsObject()) return envelope;
  envelope.meta = (*body)["meta"];
  const std::optional<bool> success = (*body)["success"].AsBool();
  exchange.enveloped = success.has_value();
  exchange.success = success.value_or(false);
  for (const JsonValue* place : {&(*body)["requestId"], &envelope.meta["requestId"]}) {
    const std::string id = place->AsText().value_or("");
    if (!id.empty()) {
      exchange.request_id = CutText(id, kRequestIdMax);
      break;
    }
  }
  const std::optional<absl::Time> stamp = ParseProviderTime(envelope.meta["timestamp"]);
  if (stamp.has_value()) exchange.provider_time = stamp;
  if (!exchange.success) {
    DecodeError(*body, exchange);
  } else if (reply.status >= 200 && reply.status < 300) {
    envelope.data = (*body)["data"];
  }
  return envelope;
}

std::optional<absl::Time> ParseProviderTime(const JsonValue& value) {
  const std::optional<std::string> text = value.AsString();
  absl::Time time;
  if (!text.has_value() || !absl::ParseTime(absl::RFC3339_full, *text, &time, nullptr) ||
      !IsPlausible(time)) {
    return std::nullopt;
  }
  return time;
}

std::optional<int64_t> ParseWholeDinars(const JsonValue& value) {
  const std::optional<std::string> text = value.AsText();
  if (!text.has_value()) return std::nullopt;
  const std::optional<core::Money> money = core::ParseDecimalDinars(*text);
  if (!money.has_value() || money->centimes() % 100 != 0) return std::nullopt;
  return money->centimes() / 100;
}

std::string CutText(absl::string_view text, size_t size) {
  if (text.size() <= size) return std::string(text);
  // Bytes 10xxxxxx continue a character.
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

std::string PercentEncode(absl::string_view text) {
  std::string encoded;
  for (char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace topup::upstream::oneclickdz
