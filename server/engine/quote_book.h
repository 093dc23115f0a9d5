// Quotes that are signed, not stored: the whole price travels inside the quote id, so that a
// quote survives a restart and is sold at exactly what was quoted. It is sealed too: the price
// has our cost in it, which is not every caller's to read.
#ifndef TOPUP_SERVER_ENGINE_QUOTE_BOOK_H_
#define TOPUP_SERVER_ENGINE_QUOTE_BOOK_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/signer.h"
#include "server/core/phone_number.h"
#include "server/core/price.h"

namespace topup::engine {

// Bytes of the longest quote: the longest chain, each strategy with as many and as long steps as
// the contract allows.
inline constexpr size_t kQuoteIdSizeMax = 24 << 10;

// What a quote was made for. The number is kept as a keyed fingerprint only.
struct QuoteSubject {
  std::string caller;
  core::PhoneNumber phone;
  std::string plan_code;
  int64_t amount_dzd = 0;
};

// Thread-safe: constant after construction.
class QuoteBook {
 public:
  // `signer` outlives the book.
  explicit QuoteBook(const base::Signer& signer) : signer_(signer) {}

  std::string Issue(const QuoteSubject& subject, const core::PriceBreakdown& price,
                    absl::Time expire_time) const;

  // The price quoted. QUOTE_INVALID (not ours or altered, or of another caller),
  // QUOTE_MISMATCH (another number, plan or amount), QUOTE_EXPIRED.
  absl::StatusOr<core::PriceBreakdown> Redeem(const std::string& quote_id,
                                              const QuoteSubject& subject, absl::Time now) const;

 private:
  const base::Signer& signer_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_QUOTE_BOOK_H_
