// The danger: a cost, in a sentence made for operators, that reaches one who may not see costs.
#include "server/api/case_convert.h"

#include <gtest/gtest.h>

namespace topup::api {
namespace {

std::string DetailOf(const std::string& kind, bool see_cost) {
  core::Incident incident;
  incident.kind = kind;
  incident.detail = "it says 98.00 DZD";
  admin::v1::Incident message;
  FillIncident(incident, see_cost, message);
  return message.detail();
}

TEST(CaseConvertTest, WhatWasChargedStaysWithThoseWhoMaySeeCosts) {
  for (const char* kind : {"CHARGE_MISMATCH", "MENU_CHARGED"}) {
    EXPECT_EQ(DetailOf(kind, true), "it says 98.00 DZD");
    EXPECT_EQ(DetailOf(kind, false), "the charge is shown to callers that may see costs");
  }
  EXPECT_EQ(DetailOf("ACCEPTED_AFTER_REJECTED", false), "it says 98.00 DZD");
}

TEST(CaseConvertTest, AChangeOfCostIsOnlyAChangeForWhoeverMayNotSeeCosts) {
  EXPECT_EQ(DescribeChange("P costs 985000 ppm instead of 980000", true),
            "P costs 985000 ppm instead of 980000");
  EXPECT_EQ(DescribeChange("P costs 985000 ppm instead of 980000", false), "P changed");
  for (const char* harmless :
       {"P is new", "P is gone", "P is switched on", "P is switched off", "P changed"}) {
    EXPECT_EQ(DescribeChange(harmless, false), harmless);
  }
}

}  // namespace
}  // namespace topup::api
