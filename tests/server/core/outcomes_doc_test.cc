// docs/outcomes.md says what the answer table says, row by row.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/core/answer_table.h"

namespace topup::core {
namespace {

std::vector<std::string> Lines() {
  std::ifstream file("docs/outcomes.md");
  EXPECT_TRUE(file.good()) << "docs/outcomes.md is not beside the test";
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// The cells of each row of the first table under a heading.
std::vector<std::vector<std::string>> TableUnder(absl::string_view heading) {
  std::vector<std::vector<std::string>> rows;
  bool under = false;
  for (const std::string& line : Lines()) {
    if (absl::StartsWith(line, "## ")) {
      if (!rows.empty()) break;
      under = line == absl::StrCat("## ", heading);
    }
    if (!under || !absl::StartsWith(line, "| ") || absl::StartsWith(line, "| ---")) continue;
    absl::string_view cells = line;
    absl::ConsumePrefix(&cells, "| ");
    absl::ConsumeSuffix(&cells, " |");
    rows.push_back(absl::StrSplit(cells, " | "));
  }
  if (!rows.empty()) rows.erase(rows.begin());  // the header
  return rows;
}

TEST(OutcomesDocTest, ShowsEveryRowOfTheAnswerTableInItsOrder) {
  const std::vector<std::vector<std::string>> rows = TableUnder("What the answer to a POST means");
  ASSERT_EQ(rows.size(), AnswerTable().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const AnswerRow& row = AnswerTable()[i];
    ASSERT_EQ(rows[i].size(), 4u) << row.name;
    EXPECT_EQ(rows[i][0], row.name);
    EXPECT_TRUE(absl::StartsWith(rows[i][1], absl::StrCat("`", SendMeaningName(row.meaning), "`")))
        << row.name << " is documented as " << rows[i][1];
  }
}

TEST(OutcomesDocTest, NamesEveryCodeThatARowLooksFor) {
  const std::vector<std::vector<std::string>> rows = TableUnder("What the answer to a POST means");
  ASSERT_EQ(rows.size(), AnswerTable().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const absl::string_view code : AnswerTable()[i].codes) {
      EXPECT_TRUE(absl::StrContains(rows[i][1], absl::StrCat("`", code, "`"))) << code;
    }
  }
}

TEST(OutcomesDocTest, NamesTheStatusesThatAreNoRefusal) {
  std::string text;
  for (const std::string& line : Lines()) absl::StrAppend(&text, line, " ");
  for (const AnswerRow& row : AnswerTable()) {
    if (row.status_except.empty()) continue;
    EXPECT_EQ(row.status_except, (std::vector<int>{408, 409, 425, 499}));
  }
  EXPECT_TRUE(absl::StrContains(text, "408, 409, 425 or 499"));
}

TEST(OutcomesDocTest, ExplainsEveryKindOfIncident) {
  std::vector<std::string> kinds;
  for (const std::vector<std::string>& row : TableUnder("Incidents")) kinds.push_back(row[0]);
  EXPECT_EQ(kinds, (std::vector<std::string>{"`CHARGE_MISMATCH`", "`ACCEPTED_AFTER_REJECTED`",
                                             "`ACCEPTED_NOT_FOUND`", "`FIELDS_MISMATCH`",
                                             "`LATE_REVERSAL`", "`MENU_CHARGED`",
                                             "`UNKNOWN_PROVIDER_TOPUP`", "`DUPLICATE_NOT_FOUND`"}));
}

}  // namespace
}  // namespace topup::core
