// How strategies, and a price beside the same price worked out again, read on a terminal.
#ifndef TOPUP_CLIENT_CLI_PRICE_TEXT_H_
#define TOPUP_CLIENT_CLI_PRICE_TEXT_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/table.h"
#include "topup/admin/v1/admin_service.pb.h"

namespace topup::cli {

// The digest in force, then a row for each strategy, with why it was refused under it.
void PrintStrategies(const admin::v1::ListStrategiesResponse& response, const Style& style,
                     std::ostream& out);

// Recorded and priced again side by side, with a mark where they differ, then what that means.
void PrintExplanation(const admin::v1::ExplainPriceResponse& response, absl::TimeZone zone,
                      const Style& style, std::ostream& out);

// The first twelve characters: enough to tell digests apart by eye.
std::string ShortDigest(absl::string_view digest);

// 992500 parts per million as "0.9925".
std::string RatioText(int64_t ppm);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_PRICE_TEXT_H_
