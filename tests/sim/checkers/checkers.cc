#include "tests/sim/checkers/checkers.h"

namespace topup::sim {

const std::vector<Checker>& AllCheckers() {
  static const auto& checkers = *new std::vector<Checker>{
      {"at_most_one_acceptance", CheckAtMostOneAcceptance},
      {"write_ahead", CheckWriteAhead},
      {"acked_survives", CheckAckedSurvives},
      {"no_means_no", CheckNoMeansNo},
      {"same_request_same_topup", CheckSameRequestSameTopup},
      {"no_orphans", CheckNoOrphans},
      {"truth_converges", CheckTruthConverges},
      {"settled_is_final", CheckSettledIsFinal},
      {"streams_monotone_complete", CheckStreamsMonotoneComplete},
      {"event_before_effect", CheckEventBeforeEffect},
      {"refund_only_when_allowed", CheckRefundOnlyWhenAllowed},
      {"no_read_stuck", CheckNoReadStuck},
      {"charged_is_quoted", CheckChargedIsQuoted},
      {"sent_is_ordered", CheckSentIsOrdered},
      {"environment_purity", CheckEnvironmentPurity},
      {"conservation", CheckConservation},
      {"bounded_blast_radius", CheckBoundedBlastRadius},
      {"quiet_logs", CheckQuietLogs},
  };
  return checkers;
}

std::vector<Violation> CheckAll(const History& history) {
  std::vector<Violation> violations;
  for (const Checker& checker : AllCheckers()) {
    Breaches breaches;
    checker.check(history, breaches);
    for (std::string& breach : breaches) violations.push_back({checker.name, std::move(breach)});
  }
  return violations;
}

}  // namespace topup::sim
