// Top-ups as the provider writes them: the request that makes one, and the ways it shows one.
//
// Reads both objects that the documents show: snake_case with MSSIDN, topup_amount and
// balance_amount (English and French pages, live captures), and camelCase with planCode,
// amount and cost (an Arabic page, where cost is the money charged). Pure.
#ifndef TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_TOPUPS_H_
#define TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_TOPUPS_H_

#include <optional>
#include <string>

#include "server/core/provider_answer.h"
#include "server/upstream/http/http_transport.h"
#include "server/upstream/oneclickdz/json_value.h"
#include "server/upstream/provider.h"

namespace topup::upstream::oneclickdz {

http::HttpRequest EncodeSend(const SendRequest& request);
http::HttpRequest EncodeReadByRef(const std::string& provider_ref);
http::HttpRequest EncodeReadById(const std::string& provider_topup_id);
http::HttpRequest EncodeList(const ListRequest& request);

core::SendAnswer DecodeSend(const http::HttpReply& reply);
core::ReadAnswer DecodeRead(const http::HttpReply& reply);
// Items that cannot be decoded are left out.
core::ListAnswer DecodeList(const http::HttpReply& reply);

// Nothing where there is no status, or where the amount or the plan is shown but is none: what
// cannot be compared with our record must not look as if it were merely not shown.
std::optional<core::ProviderTopup> DecodeTopup(const JsonValue& shown);

}  // namespace topup::upstream::oneclickdz

#endif  // TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_TOPUPS_H_
