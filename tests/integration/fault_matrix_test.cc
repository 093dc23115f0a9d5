// Every fault of the stand-in, on every request of the money path, before and after the
// acceptance, at the first POST and at a later one: nothing is sold twice, lost, or refunded
// although it was sold, and everything settles or stays in doubt with a next step.
#include <cstdio>
#include <future>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/fault_world.h"

namespace topup::integration {
namespace {

using testing::IsEmpty;

// Of the machine's time: far beyond what the slowest cell takes, also where others keep the
// machine busy. Who is not done by then is a break of the rules.
constexpr absl::Duration kPatience = absl::Minutes(4);

struct FaultCase {
  std::string text;  // in the words of the stand-in
  // A read that names another top-up under our ref, or a send that is recorded as another:
  // a person has to decide, and until then it stays in doubt.
  bool may_be_held = false;
};

const std::vector<FaultCase>& AllFaults() {
  static const auto& faults = *new std::vector<FaultCase>{
      {"REFUSE"},
      {"REFUSE http_status: 403 error_code: 'INSUFFICIENT_BALANCE'"},
      {"REFUSE http_status: 403 error_code: 'DUPLICATED_REF'", true},
      {"REFUSE http_status: 403 error_code: 'IP_NOT_ALLOWED'"},
      {"REFUSE http_status: 401 error_code: 'INVALID_ACCESS_TOKEN'"},
      {"REFUSE http_status: 409 error_code: 'CONFLICT'"},
      {"REFUSE http_status: 500 error_code: 'INTERNAL_ERROR'"},
      {"RATE_LIMITED retry_after_seconds: 1"},
      {"UNAVAILABLE retry_after_seconds: 1"},
      {"REDIRECT"},
      {"NOT_FOUND"},
      {"UNKNOWN_ROUTE"},
      {"HTML_BODY"},
      {"HTML_BODY http_status: 502"},
      {"EMPTY_BODY"},
      {"GZIP_BOMB"},
      {"TRUNCATED_JSON"},
      {"MALFORMED_JSON"},
      {"DEEP_JSON"},
      {"HUGE_JSON"},
      {"DUPLICATE_KEYS"},
      {"WRONG_REF", true},
      {"OTHER_PHONE", true},
      {"OTHER_AMOUNT", true},
      {"UNKNOWN_STATUS_WORD"},
      {"REPLY_TO_ANOTHER", true},
      {"WRONG_CONTENT_LENGTH"},
      {"SHORT_CONTENT_LENGTH"},
      {"DELAY delay_ms: 2000"},
      {"HANG"},
      {"CLOSE"},
      {"RESET"},
      {"CUT after_bytes: 20"},
      {"CUT after_bytes: 150 reset: true"},
      {"SLOW delay_ms: 50"},
      {"ONE_BYTE_SEGMENTS"},
      {"DUPLICATED_REPLY"},
      {"EARLY_CONTINUE"},
  };
  return faults;
}

std::string Phone(int cell) { return absl::StrFormat("0661%06d", cell); }

class FaultMatrix {
 public:
  explicit FaultMatrix(std::string behaviour)
      : rules_(absl::StrCat("behaviour { ", behaviour, " }\n")) {}

  // A rule for everything about the next cell's number (an empty one: for every number).
  void Rule(const std::string& text, bool for_cell = true) {
    absl::StrAppend(&rules_, "rules { ", text,
                    for_cell ? absl::StrCat(" numbers: '", Phone(cells()), "'") : "", " }\n");
  }
  void AddCell(const std::string& name, bool may_be_held) {
    names_.push_back(name);
    may_be_held_.push_back(may_be_held);
  }
  // Without a list everything is read by itself; with it, batches show what is in doubt before
  // anybody asks. One ordinary top-up comes first, to prove the key with.
  void BreakTheList() {
    Rule("endpoints: LIST kind: UNKNOWN_ROUTE", /*for_cell=*/false);
    AddCell("ordinary", false);
  }
  int cells() const { return static_cast<int>(names_.size()); }

  // Runs all cells at once and returns what went wrong.
  std::vector<std::string> Run() {
    FaultWorld world(rules_);
    std::vector<std::string> must_settle;
    std::map<std::string, std::string> names;
    for (int cell = 0; cell < cells(); ++cell) {
      const std::string id = world.Send(absl::StrCat("cell-", cell), Phone(cell));
      names[id] = names_[cell];
      if (!may_be_held_[cell]) must_settle.push_back(id);
    }
    std::vector<std::string> violations;
    for (const std::string& id : world.AwaitSettled(must_settle, kPatience)) {
      const core::Topup topup = world.store().FindById(id).value();
      violations.push_back(absl::StrCat(
          topup.ref, ": not settled: ", core::StatusName(topup.status), ", next action ",
          static_cast<int>(topup.progress.next_action), ", posts ", topup.progress.posts));
    }
    for (const std::string& violation : world.FindViolations()) violations.push_back(violation);
    for (std::string& violation : violations) {
      const core::Topup topup =
          world.store()
              .FindByRef("matrix", violation.substr(0, violation.find_first_of(" :")))
              .value_or(core::Topup());
      absl::StrAppend(&violation, " [", names[topup.id], "]");
    }
    return violations;
  }

 private:
  std::string rules_;
  std::vector<std::string> names_;
  std::vector<bool> may_be_held_;
};

void Report(const std::string& name, const FaultMatrix& matrix,
            const std::vector<std::string>& violations) {
  std::printf("%s: %d cells, %zu violations\n", name.c_str(), matrix.cells(), violations.size());
  EXPECT_THAT(violations, IsEmpty());
}

constexpr char kQuickLife[] = "pending_ms: 2000 handling_ms: 2000";

TEST(FaultMatrixTest, AnyFaultOfASend) {
  FaultMatrix matrix(kQuickLife);
  matrix.BreakTheList();
  for (const FaultCase& fault : AllFaults()) {
    for (const std::string moment : {"BEFORE_ACCEPTANCE", "AFTER_ACCEPTANCE"}) {
      matrix.Rule(
          absl::StrCat("endpoints: SEND attempts: FIRST kind: ", fault.text, " moment: ", moment));
      matrix.AddCell(absl::StrCat("first send ", fault.text, " ", moment), fault.may_be_held);
      // The first POST is lost on its way, the second one meets the fault.
      matrix.Rule("endpoints: SEND attempts: FIRST kind: CLOSE");
      matrix.Rule(absl::StrCat("endpoints: SEND attempts: RETRY first: 1 kind: ", fault.text,
                               " moment: ", moment));
      matrix.AddCell(absl::StrCat("second send ", fault.text, " ", moment), fault.may_be_held);
    }
  }
  Report("send", matrix, matrix.Run());
}

TEST(FaultMatrixTest, AnyFaultOfTheReadsThatSettleDoubt) {
  FaultMatrix matrix(kQuickLife);
  matrix.BreakTheList();
  for (const FaultCase& fault : AllFaults()) {
    // In doubt, and taken: the fault hides that, or shows something else.
    matrix.Rule("endpoints: SEND attempts: FIRST kind: CLOSE moment: AFTER_ACCEPTANCE");
    matrix.Rule(absl::StrCat("endpoints: CHECK_REF first: 2 kind: ", fault.text));
    matrix.AddCell(absl::StrCat("check_ref of a taken one ", fault.text), fault.may_be_held);
  }
  // In doubt, and lost: nothing names its number, so that each fault meets one of them. What
  // claims to show it holds it for good, and is left out.
  for (const FaultCase& fault : AllFaults()) {
    if (fault.may_be_held) continue;
    matrix.Rule("endpoints: SEND attempts: FIRST kind: CLOSE");
    matrix.AddCell(absl::StrCat("check_ref of a lost one ", fault.text), false);
    matrix.Rule(absl::StrCat("endpoints: CHECK_REF first: 1 kind: ", fault.text),
                /*for_cell=*/false);
  }
  Report("check_ref", matrix, matrix.Run());
}

TEST(FaultMatrixTest, AnyFaultOfASingleStatusRead) {
  FaultMatrix matrix("pending_ms: 20000 handling_ms: 5000");
  matrix.BreakTheList();
  for (const FaultCase& fault : AllFaults()) {
    matrix.Rule(absl::StrCat("endpoints: CHECK_ID first: 2 kind: ", fault.text));
    matrix.AddCell(absl::StrCat("check_id ", fault.text), false);
  }
  Report("check_id", matrix, matrix.Run());
}

TEST(FaultMatrixTest, AnyFaultOfABatchRead) {
  FaultMatrix matrix("pending_ms: 90000 handling_ms: 10000");
  for (const FaultCase& fault : AllFaults()) {
    matrix.Rule(absl::StrCat("endpoints: LIST first: 1 kind: ", fault.text), /*for_cell=*/false);
    matrix.AddCell(absl::StrCat("list ", fault.text), false);
  }
  Report("list", matrix, matrix.Run());
}

}  // namespace
}  // namespace topup::integration
