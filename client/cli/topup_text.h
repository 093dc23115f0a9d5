// How amounts, times and top-ups read on a terminal.
#ifndef TOPUP_CLIENT_CLI_TOPUP_TEXT_H_
#define TOPUP_CLIENT_CLI_TOPUP_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "client/cli/table.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::cli {

// "521.07 DZD".
std::string MoneyText(const v1::Money& money);

// "2026-01-02 03:04:05", in `zone`; empty for a time that is not set.
std::string TimeText(const google::protobuf::Timestamp& time, absl::TimeZone zone);

// "FULFILLED"; the bare number for a status that this program does not know.
std::string StatusWord(v1::TopupStatus status);
Colour StatusColour(v1::TopupStatus status);

// "mobilis" and the like; empty for an unknown operator.
std::string OperatorWord(v1::Operator op);

// What the status means for the one who has to tell the customer, in a sentence.
std::string StatusMeaning(const v1::Topup& topup);

// Everything about one top-up, a line for each thing that is known.
void PrintTopup(const v1::Topup& topup, absl::TimeZone zone, const Style& style, std::ostream& out);

// The lines of a price: face value, cost and profit where they may be seen, steps.
void AddPriceRows(const v1::PriceBreakdown& price, Table& table);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_TOPUP_TEXT_H_
