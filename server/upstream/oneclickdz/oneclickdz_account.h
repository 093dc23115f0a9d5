// The provider's answers about itself and our account: plans, balance, health, key. Pure.
#ifndef TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_ACCOUNT_H_
#define TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_ACCOUNT_H_

#include "server/core/provider_answer.h"
#include "server/upstream/http/http_transport.h"

namespace topup::upstream::oneclickdz {

http::HttpRequest EncodeReadPlans();
http::HttpRequest EncodeReadBalance();
http::HttpRequest EncodePing();
http::HttpRequest EncodeValidate();

// Sorted by code. A plan is skipped where its code, amounts or cost cannot be understood, or
// its code came before; a missing cost is no reason. Without `isEnabled` it is disabled.
core::PlansAnswer DecodePlans(const http::HttpReply& reply);

// No balance where it is no amount of dinars, or the currency is said to be another.
core::BalanceAnswer DecodeBalance(const http::HttpReply& reply);

core::PingAnswer DecodePing(const http::HttpReply& reply);

// The body echoes the key: nothing of it is kept but what ValidateAnswer has.
core::ValidateAnswer DecodeValidate(const http::HttpReply& reply);

}  // namespace topup::upstream::oneclickdz

#endif  // TOPUP_SERVER_UPSTREAM_ONECLICKDZ_ONECLICKDZ_ACCOUNT_H_
