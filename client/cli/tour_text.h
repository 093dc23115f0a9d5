// How the tour reads: a table that can be drawn over itself, and what it tells in the end. Pure.
#ifndef TOPUP_CLIENT_CLI_TOUR_TEXT_H_
#define TOPUP_CLIENT_CLI_TOUR_TEXT_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/cli/table.h"
#include "client/cli/tour_stops.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::cli {

// A stop of the tour and how far it has got.
struct TourRow {
  TourStop stop;
  std::optional<v1::Topup> topup = {};  // nothing before the send was answered
  absl::Duration age = absl::ZeroDuration();
};

// The table: one line for each row and one of titles, 80 columns at most with the tour's plans.
std::string TourTable(const std::vector<TourRow>& rows, const Style& style);

// `text` (whole lines) so that a terminal shows it where the `lines_before` lines drawn last
// stand. Lines that the terminal is too narrow for are cut there, not wrapped: a wrapped line
// would be two to draw over.
std::string DrawnOver(const std::string& text, int lines_before);

// One line for a change of `row`, for an output that cannot be drawn over.
std::string TourLine(const TourRow& row, const Style& style);

// What each top-up means and what its customer is told, whole.
void PrintTourStory(const std::vector<TourRow>& rows, absl::TimeZone zone, const Style& style,
                    std::ostream& out);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_TOUR_TEXT_H_
