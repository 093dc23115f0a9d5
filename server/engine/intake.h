// Takes sends: every check in its order, the price, and the commit that makes a top-up exist.
//
// The ref decides before anything that can change: a known ref gets its top-up, or REF_REUSED,
// whatever has become of plan, price or load since. So whenever anything refuses, the store's
// own commit included, the ref is looked up before the refusal is given, once no other send of
// it is under way; and the insert itself looks again in its commit.
#ifndef TOPUP_SERVER_ENGINE_INTAKE_H_
#define TOPUP_SERVER_ENGINE_INTAKE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/topup.h"
#include "server/engine/engine.h"
#include "server/engine/engine_options.h"
#include "server/engine/plan_catalogue.h"
#include "server/engine/provider_account.h"
#include "server/engine/quote_book.h"
#include "server/engine/ref_book.h"
#include "server/pricing/caller_volumes.h"

namespace topup::engine {

// Thread-safe: called on the edge's threads. Borrows everything.
class Intake {
 public:
  using Taken = std::function<void(absl::StatusOr<SendResult>)>;
  // Told of a top-up that is perhaps recorded: the commit's outcome is not known.
  using Unsure = std::function<void(const core::Topup&)>;

  Intake(const EngineParts& parts, const EngineOptions& options, const PlanCatalogue& catalogue,
         const ProviderAccount& account, const QuoteBook& quotes, RefBook& refs,
         const pricing::CallerVolumes& volumes, Unsure unsure);

  // Answers once the top-up is on disk (or was before, or is refused), on any thread. Where that
  // depends on another send of the same ref: by `command.answer_by`, with STORAGE_UNAVAILABLE.
  void Take(SendCommand command, Taken taken) const;

  absl::StatusOr<Quote> QuoteTopup(const QuoteCommand& command) const;

  // Prices a plan at an amount for a caller now. The plan has a cost.
  absl::StatusOr<core::PriceBreakdown> Price(const core::Plan& plan, int64_t amount_dzd,
                                             const std::string& caller) const;

  // Our name for a new top-up at the provider.
  std::string MakeProviderRef(absl::Time now) const;

 private:
  struct Sale {
    core::Plan plan;
    int64_t amount_dzd = 0;
  };

  struct Prepared {
    core::Topup topup;
    absl::Status refusal;  // OK: the top-up is complete
    // Refused for its price, which comes after the guard: a repeat is refused as one.
    bool guard_first = false;
  };

  Prepared Prepare(const SendCommand& command, absl::Time now) const;
  absl::StatusOr<Sale> ChooseSubject(const SendCommand& command, absl::Time now,
                                     core::Topup& topup) const;
  absl::Status SetPrice(const SendCommand& command, const Sale& sale, core::Topup& topup) const;
  absl::StatusOr<Sale> ChooseSale(const core::PhoneNumber& phone, const std::string& plan_code,
                                  std::optional<int64_t> amount_dzd, absl::Time now) const;
  void Create(SendCommand command, core::Topup topup, Taken taken) const;
  void Created(const SendCommand& command, const core::Topup& topup,
               absl::StatusOr<store::CreateResult> result, const Taken& taken) const;
  void ReplayOrRefuse(SendCommand command, Prepared prepared, Taken taken) const;
  // For a ref that names nothing.
  absl::StatusOr<SendResult> Refuse(const SendCommand& command, const Prepared& prepared) const;
  // What the guard stands on against it.
  absl::StatusOr<std::optional<core::Topup>> FindDuplicate(const SendCommand& command,
                                                           const core::Topup& topup) const;

  const EngineParts parts_;
  const EngineOptions& options_;
  const PlanCatalogue& catalogue_;
  const ProviderAccount& account_;
  const QuoteBook& quotes_;
  RefBook& refs_;
  const pricing::CallerVolumes& volumes_;
  const Unsure unsure_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_INTAKE_H_
