// Personal offers: asks an operator, through the provider, what one number can buy.
//
// Asking is a POST, so each request is a recorded top-up of its own (Purpose::kMenu) with its
// own provider ref, sent once at most and followed to its end by the same rules as a sale. The
// record is also the cache: for ten minutes a number's newest request answers for it.
#ifndef TOPUP_SERVER_ENGINE_OFFER_DESK_H_
#define TOPUP_SERVER_ENGINE_OFFER_DESK_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/topup.h"
#include "server/engine/engine.h"
#include "server/engine/engine_options.h"
#include "server/engine/intake.h"
#include "server/engine/plan_catalogue.h"
#include "server/engine/topup_waiters.h"

namespace topup::engine {

// Runs on the engine's loop only, but for Price. Borrows everything.
class OfferDesk {
 public:
  using Done = Engine::Done<std::vector<PricedOffer>>;
  // Told of a request that is recorded, or perhaps is.
  using Recorded = std::function<void(const core::Topup&)>;

  OfferDesk(const EngineParts& parts, const EngineOptions& options, const PlanCatalogue& catalogue,
            const Intake& intake, TopupWaiters& waiters, Recorded recorded);

  // OFFERS_TIMEOUT at `command.answer_by`; the request goes on for the next who asks. OVERLOADED
  // (offers) where too many numbers were asked about within a minute.
  void List(const OffersCommand& command, Done done);

  // Any thread that may wait for a strategy. An offer that cannot be priced has no price.
  std::vector<PricedOffer> Price(const std::vector<core::SuggestedOffer>& offers,
                                 const std::string& caller) const;

 private:
  absl::StatusOr<core::Plan> FindMenuPlan(const OffersCommand& command) const;
  // Counts one more request, where there is room for it.
  bool TakePlace();
  core::Topup MakeMenu(const core::Plan& plan, const core::PhoneNumber& phone) const;
  void Open(const core::Plan& plan, const OffersCommand& command, Done done);
  void Opened(const std::string& key, const core::Topup& menu,
              const absl::StatusOr<store::CreateResult>& result);
  void Await(const core::Topup& menu, const OffersCommand& command, Done done);
  void Answer(std::vector<core::SuggestedOffer> offers, const std::string& caller,
              const Done& done);

  struct Pending {
    OffersCommand command;
    Done done;
  };

  const EngineParts parts_;
  const EngineOptions& options_;
  const PlanCatalogue& catalogue_;
  const Intake& intake_;
  TopupWaiters& waiters_;
  const Recorded recorded_;
  // When the requests of the last kMenuSendWindow were recorded, oldest first (Clock::Elapsed()).
  std::deque<absl::Duration> recent_;
  // Calls that wait for the record of a request, by number and plan.
  std::map<std::string, std::vector<Pending>> opening_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_OFFER_DESK_H_
