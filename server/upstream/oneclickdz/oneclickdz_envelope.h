// What every answer of the provider has in common: the envelope around its data.
//
//   { "success": true,  "data": {...}, "meta": {"timestamp": ...}, "requestId": ... }
//   { "success": false, "error": {"code": ..., "message": ..., "details": ...}, "requestId": ... }
//
// All but `success` may be missing or elsewhere, and answers without an envelope exist. Pure.
#ifndef TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_ENVELOPE_H_
#define TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_ENVELOPE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/core/provider_answer.h"
#include "server/upstream/http/http_transport.h"
#include "server/upstream/oneclickdz/json_value.h"

namespace topup::upstream::oneclickdz {

struct Envelope {
  // All facts but its two times of our clock.
  core::Exchange exchange;
  // Null unless this is a success: enveloped, `success` true, and an HTTP status of 2xx.
  JsonValue data;
  JsonValue meta;
};

Envelope DecodeEnvelope(const http::HttpReply& reply);

// An ISO 8601 time between the years 2000 and 2200; nothing for anything else.
std::optional<absl::Time> ParseProviderTime(const JsonValue& value);

// Whole dinars from 500, 500.0, 5E2 or "500"; nothing for anything else.
std::optional<int64_t> ParseWholeDinars(const JsonValue& value);

// At most `size` bytes of `text`, cut between characters.
std::string CutText(absl::string_view text, size_t size);

// `text` as one segment of a path, or one value of a query.
std::string PercentEncode(absl::string_view text);

}  // namespace topup::upstream::oneclickdz

#endif  // TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_ENVELOPE_H_
