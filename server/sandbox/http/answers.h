// The bodies of the provider's answers.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_ANSWERS_H_
#define TOPUP_SERVER_SANDBOX_HTTP_ANSWERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/sandbox/http/http_message.h"
#include "server/sandbox/world/catalogue.h"
#include "server/sandbox/world/provider_rules.h"
#include "server/sandbox/world/provider_world.h"
#include "server/sandbox/world/send_checks.h"
#include "server/sandbox/world/topup_record.h"

namespace topup::sandbox {

// The account's own phone, as it shows in prefixed refs.
inline constexpr char kAccountPhone[] = "+213600000000";

// Renders under the switches of `rules`; `request_id` goes into each answer.
class AnswerWriter {
 public:
  // `rules` must outlive the writer. `now` is our time; the skew is added in here.
  AnswerWriter(const ProviderRules& rules, absl::Time now, std::string request_id);

  HttpReply Ping() const;
  HttpReply Validate(absl::string_view api_key) const;
  HttpReply Balance(int64_t centimes) const;
  HttpReply Plans(const std::vector<CataloguePlan>& plans) const;
  HttpReply Accepted(const TopupView& topup, int64_t new_balance_centimes) const;
  HttpReply Topup(const TopupView& topup) const;
  HttpReply Topups(const Page<TopupView>& page, const PageRequest& request) const;
  HttpReply Transactions(const Page<Transaction>& page, const PageRequest& request) const;

  // A failure in the envelope.
  HttpReply Refused(const Refusal& refusal) const;
  HttpReply Failed(int http_status, absl::string_view code, absl::string_view message) const;
  // What the router says about a path it does not know: no envelope.
  HttpReply UnknownRoute(absl::string_view method, absl::string_view path) const;

 private:
  HttpReply Success(absl::string_view data_json, bool with_meta) const;
  HttpReply Envelope(int status, std::string body) const;
  std::string ShownRef(absl::string_view ref) const;
  std::string TopupJson(const TopupView& topup) const;

  const ProviderRules& rules_;
  const absl::Time now_;
  const std::string request_id_;
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_ANSWERS_H_
