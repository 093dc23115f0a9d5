#include "server/sandbox/http/fault_effects.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/sandbox/http/gzip_bomb.h"

namespace topup::sandbox {
namespace {

constexpr char kOtherPhone[] = "0600000099";

HttpReply RawReply(int status, absl::string_view content_type, absl::string_view body) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = std::string(content_type);
  reply.body = std::string(body);
  return reply;
}

HttpReply WithRetryAfter(HttpReply reply, int seconds) {
  if (seconds > 0) reply.headers.emplace_back("Retry-After", absl::StrCat(seconds));
  return reply;
}

// `body` is a JSON object: `members` go in before its last brace.
void AddMembers(absl::string_view members, std::string& body) {
  if (!body.empty() && body.back() == '}') body.insert(body.size() - 1, std::string(members));
}

std::string DuplicateMembers(const HttpReply& reply) {
  const bool said_success = absl::StartsWith(reply.body, "{\"success\":true");
  return absl::StrCat(",\"success\":", said_success ? "false" : "true",
                      ",\"data\":{\"_id\":\"0\",\"topupId\":\"0\",\"topupRef\":\"other\","
                      "\"ref\":\"other\",\"status\":\"REFUNDED\"}");
}

void DamageWire(const Fault& fault, WireAction& wire) {
  using End = WireAction::End;
  switch (fault.kind) {
    case FaultKind::kWrongContentLength:
      wire.content_length_error = fault.size;
      wire.end = End::kClose;
      break;
    case FaultKind::kShortContentLength:
      wire.content_length_error = -fault.size;
      break;
    case FaultKind::kDelay:
      wire.delay = fault.delay;
      break;
    case FaultKind::kHang:
      wire.cut_after = 0;
      wire.end = End::kHang;
      break;
    case FaultKind::kClose:
      wire.cut_after = 0;
      wire.end = End::kClose;
      break;
    case FaultKind::kReset:
      wire.cut_after = 0;
      wire.end = End::kReset;
      break;
    case FaultKind::kCut:
      wire.cut_after = fault.after_bytes;
      wire.end = fault.reset ? End::kReset : End::kClose;
      break;
    case FaultKind::kSlow:
      wire.byte_interval = fault.delay;
      break;
    case FaultKind::kOneByteSegments:
      wire.byte_interval = absl::ZeroDuration();
      break;
    case FaultKind::kDuplicatedReply:
      wire.twice = true;
      break;
    case FaultKind::kEarlyContinue:
      wire.early_continue = true;
      wire.delay = fault.delay;
      break;
    default:
      break;
  }
}

}  // namespace

bool NeedsMadeUpAcceptance(FaultKind kind) {
  switch (kind) {
    case FaultKind::kWrongRef:
    case FaultKind::kReplyToAnother:
    case FaultKind::kTruncatedJson:
    case FaultKind::kMalformedJson:
    case FaultKind::kWrongContentLength:
      return true;
    default:
      return false;
  }
}

std::optional<HttpReply> Replacement(const Fault& fault, const HttpRequest& request,
                                     const AnswerWriter& writer) {
  switch (fault.kind) {
    case FaultKind::kRefuse:
      return WithRetryAfter(
          writer.Failed(fault.http_status, fault.error_code, "Refused on demand of the sandbox"),
          fault.retry_after_seconds);
    case FaultKind::kRateLimited:
      return WithRetryAfter(
          writer.Failed(fault.http_status, "RATE_LIMIT_EXCEEDED", "Too many requests"),
          fault.retry_after_seconds);
    case FaultKind::kUnavailable:
      return WithRetryAfter(
          writer.Failed(fault.http_status, "SERVICE_UNAVAILABLE", "Temporarily unavailable"),
          fault.retry_after_seconds);
    case FaultKind::kRedirect: {
      HttpReply reply = RawReply(fault.http_status, "text/plain", "");
      reply.headers.emplace_back("Location",
                                 fault.location.empty() ? request.path : fault.location);
      return reply;
    }
    case FaultKind::kNotFound:
      return writer.Failed(404, "NOT_FOUND", "No such top-up");
    case FaultKind::kUnknownRoute:
      return writer.UnknownRoute(request.method, request.path);
    case FaultKind::kHtmlBody:
      return RawReply(fault.http_status, "text/html; charset=utf-8",
                      "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
                      "<body><h1>Something went wrong</h1></body></html>");
    case FaultKind::kEmptyBody:
      return RawReply(fault.http_status, "application/json; charset=utf-8", "");
    case FaultKind::kGzipBomb: {
      HttpReply reply = RawReply(fault.http_status, "application/json; charset=utf-8", GzipBomb());
      reply.headers.emplace_back("Content-Encoding", "gzip");
      return reply;
    }
    default:
      return std::nullopt;
  }
}

void DamageRecord(const Fault& fault, TopupRecord& record) {
  if (fault.kind == FaultKind::kOtherPhone) record.phone = kOtherPhone;
  if (fault.kind == FaultKind::kOtherAmount) record.amount_dzd += 10;
}

void DamageView(const Fault& fault, const TopupView* other, TopupView& view) {
  switch (fault.kind) {
    case FaultKind::kWrongRef:
      view.ref += "-other";
      break;
    case FaultKind::kOtherPhone:
      view.phone = kOtherPhone;
      break;
    case FaultKind::kOtherAmount:
      view.amount_dzd += 10;
      break;
    case FaultKind::kUnknownStatusWord:
      view.status_word = "TRANSFERRED";
      break;
    case FaultKind::kReplyToAnother:
      if (other != nullptr) {
        view = *other;
      } else {
        view.id = "000000000000000000000000";
        view.ref = "somebody-elses-ref";
        view.phone = kOtherPhone;
      }
      break;
    default:
      break;
  }
}

void DamageReply(const Fault& fault, HttpReply& reply) {
  switch (fault.kind) {
    case FaultKind::kTruncatedJson:
      reply.body.resize(reply.body.size() / 2);
      break;
    case FaultKind::kMalformedJson:
      AddMembers(",", reply.body);
      break;
    case FaultKind::kDeepJson:
      AddMembers(
          absl::StrCat(",\"deep\":", std::string(fault.size, '['), std::string(fault.size, ']')),
          reply.body);
      break;
    case FaultKind::kHugeJson:
      AddMembers(absl::StrCat(",\"huge\":\"", std::string(fault.size, 'x'), "\""), reply.body);
      break;
    case FaultKind::kDuplicateKeys:
      AddMembers(DuplicateMembers(reply), reply.body);
      break;
    default:
      DamageWire(fault, reply.wire);
      break;
  }
}

}  // namespace topup::sandbox
