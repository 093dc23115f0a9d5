#include "server/engine/quote_book.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace topup::engine {
namespace {

using base::MakeError;

constexpr char kPurpose[] = "quote/2";

// Fields one after the other, each as LENGTH:BYTES, so that no text can pass for two.
class FieldWriter {
 public:
  void Add(absl::string_view text) { absl::StrAppend(&bytes_, text.size(), ":", text); }
  void Add(int64_t number) { Add(absl::StrCat(number)); }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class FieldReader {
 public:
  explicit FieldReader(absl::string_view bytes) : bytes_(bytes) {}

  std::string Text() {
    const size_t colon = bytes_.find(':');
    size_t size = 0;
    if (colon == absl::string_view::npos || !absl::SimpleAtoi(bytes_.substr(0, colon), &size) ||
        size > bytes_.size() - colon - 1) {
      ok_ = false;
      return "";
    }
    std::string text(bytes_.substr(colon + 1, size));
    bytes_.remove_prefix(colon + 1 + size);
    return text;
  }

  int64_t Number() {
    int64_t number = 0;
    if (!absl::SimpleAtoi(Text(), &number)) ok_ = false;
    return ok_ ? number : 0;
  }

  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && bytes_.empty(); }

 private:
  absl::string_view bytes_;
  bool ok_ = true;
};

void AddBasis(const core::PriceBasis& basis, FieldWriter& writer) {
  writer.Add(basis.config_digest);
  writer.Add(basis.route);
  writer.Add(basis.chain);
  writer.Add(absl::ToUnixMicros(basis.time));
  writer.Add(basis.cost_ppm);
  writer.Add(int64_t{basis.caller_volume.has_value()});
  if (!basis.caller_volume.has_value()) return;
  writer.Add(basis.caller_volume->count_today);
  writer.Add(basis.caller_volume->volume_today.centimes());
  writer.Add(basis.caller_volume->count_this_month);
  writer.Add(basis.caller_volume->volume_this_month.centimes());
}

core::PriceBasis ReadBasis(FieldReader& reader) {
  core::PriceBasis basis;
  basis.config_digest = reader.Text();
  basis.route = reader.Text();
  basis.chain = reader.Text();
  basis.time = absl::FromUnixMicros(reader.Number());
  basis.cost_ppm = reader.Number();
  if (reader.Number() == 0) return basis;
  core::CallerVolume& volume = basis.caller_volume.emplace();
  volume.count_today = reader.Number();
  volume.volume_today = core::Money::Centimes(reader.Number());
  volume.count_this_month = reader.Number();
  volume.volume_this_month = core::Money::Centimes(reader.Number());
  return basis;
}

void AddPrice(const core::PriceBreakdown& price, FieldWriter& writer) {
  for (const core::Money money : {price.face_value, price.cost, price.price, price.profit}) {
    writer.Add(money.centimes());
  }
  writer.Add(static_cast<int64_t>(price.strategies.size()));
  for (const core::StrategyIdentity& strategy : price.strategies) {
    writer.Add(strategy.strategy_id);
    writer.Add(strategy.version);
    writer.Add(strategy.library_digest);
    writer.Add(strategy.config_digest);
  }
  writer.Add(static_cast<int64_t>(price.steps.size()));
  for (const core::PriceStep& step : price.steps) {
    writer.Add(step.description);
    writer.Add(step.price_after.centimes());
  }
  AddBasis(price.basis, writer);
}

core::PriceBreakdown ReadPrice(FieldReader& reader) {
  core::PriceBreakdown price;
  for (core::Money* money : {&price.face_value, &price.cost, &price.price, &price.profit}) {
    *money = core::Money::Centimes(reader.Number());
  }
  for (int64_t left = reader.Number(); left > 0 && reader.ok(); --left) {
    core::StrategyIdentity strategy;
    strategy.strategy_id = reader.Text();
    strategy.version = reader.Text();
    strategy.library_digest = reader.Text();
    strategy.config_digest = reader.Text();
    price.strategies.push_back(std::move(strategy));
  }
  for (int64_t left = reader.Number(); left > 0 && reader.ok(); --left) {
    core::PriceStep step;
    step.description = reader.Text();
    step.price_after = core::Money::Centimes(reader.Number());
    price.steps.push_back(std::move(step));
  }
  price.basis = ReadBasis(reader);
  return price;
}

absl::Status Invalid() {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   "The quote is not one that was given to this caller: ask for a new one.",
                   {.reason = "QUOTE_INVALID",
                    .field_violations = {{"quote_id", "is not a quote of ours, or was altered"}}});
}

}  // namespace

std::string QuoteBook::Issue(const QuoteSubject& subject, const core::PriceBreakdown& price,
                             absl::Time expire_time) const {
  FieldWriter writer;
  writer.Add(absl::ToUnixMicros(expire_time));
  writer.Add(subject.caller);
  writer.Add(signer_.Fingerprint(subject.phone.National()));
  writer.Add(subject.plan_code);
  writer.Add(subject.amount_dzd);
  AddPrice(price, writer);
  return signer_.Seal(kPurpose, writer.Take());
}

absl::StatusOr<core::PriceBreakdown> QuoteBook::Redeem(const std::string& quote_id,
                                                       const QuoteSubject& subject,
                                                       absl::Time now) const {
  const std::optional<std::string> payload = signer_.Unseal(kPurpose, quote_id);
  if (!payload.has_value()) {
    return Invalid();
  }
  FieldReader reader(*payload);
  const absl::Time expire_time = absl::FromUnixMicros(reader.Number());
  const std::string caller = reader.Text();
  const std::string phone = reader.Text();
  const std::string plan_code = reader.Text();
  const int64_t amount_dzd = reader.Number();
  core::PriceBreakdown price = ReadPrice(reader);
  if (!reader.AtEnd() || caller != subject.caller) {
    return Invalid();
  }
  if (phone != signer_.Fingerprint(subject.phone.National()) || plan_code != subject.plan_code ||
      amount_dzd != subject.amount_dzd) {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        "The quote is for another number, plan or amount: send what was quoted, or quote again.",
        {.reason = "QUOTE_MISMATCH",
         .field_violations = {{"quote_id", "was given for another number, plan or amount"}}});
  }
  if (now >= expire_time) {
    const std::string text = absl::FormatTime(absl::RFC3339_sec, expire_time, absl::UTCTimeZone());
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("The quote expired at ", text, ": ask for a new one."),
                     {.reason = "QUOTE_EXPIRED", .metadata = {{"expire_time", text}}});
  }
  return price;
}

}  // namespace topup::engine
