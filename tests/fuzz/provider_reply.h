// What the targets of the provider's answers share: an HTTP reply made of an input, a second
// opinion on its body by another reader of JSON, and the promises about every exchange.
#ifndef TOPUP_TESTS_FUZZ_PROVIDER_REPLY_H_
#define TOPUP_TESTS_FUZZ_PROVIDER_REPLY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/core/protocol.h"
#include "server/core/provider_answer.h"
#include "server/upstream/http/http_transport.h"

namespace topup::fuzz {

// The first byte chooses the HTTP status, and from 240 on that the answer is cut; the rest is
// the body, and its front is also what the header fields say.
upstream::http::HttpReply MakeReply(std::string input);

// The body by a reader that has nothing in common with ours.
class SecondOpinion {
 public:
  explicit SecondOpinion(const std::string& body);

  // A JSON object with `success`, a boolean.
  bool enveloped() const { return enveloped_; }
  bool success() const { return success_; }
  const std::string& error_code() const { return error_code_; }  // as given
  // `data`.`name`, where it is a text; empty otherwise.
  std::string DataText(absl::string_view name) const;
  // How many objects `data`.`items` has.
  size_t items() const { return items_; }

 private:
  const std::string body_;
  bool enveloped_ = false;
  bool success_ = false;
  std::string error_code_;
  size_t items_ = 0;
};

// Bounds of every exchange, and that it says what the second opinion says.
void CheckExchange(const core::Exchange& exchange, const upstream::http::HttpReply& reply,
                   const SecondOpinion& opinion);

// A Mobilis sale of 500 dinars, its POST under way; and the same one taken by the provider.
core::Topup ClaimedTopup();
core::Topup AcceptedTopup();
core::Situation Now();
inline constexpr char kOurRef[] = "s-FUZZDEPL-01M85S5R2Y3WBDR7SES8M3KPGR";

// What may follow from one read that showed `shown`, in any state before it.
void CheckReadDecision(const core::Topup& before, const core::ReadAnswer& answer,
                       const core::Decision& decision);

}  // namespace topup::fuzz

#endif  // TOPUP_TESTS_FUZZ_PROVIDER_REPLY_H_
