// The phone numbers with a fate of their own: those that the provider documents, and further
// ones of the stand-in.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_TEST_NUMBERS_H_
#define TOPUP_SERVER_SANDBOX_WORLD_TEST_NUMBERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/sandbox/world/provider_rules.h"
#include "server/sandbox/world/topup_record.h"

namespace topup::sandbox {

struct TestNumber {
  std::string phone;
  std::string summary;  // for --help
  // Changes the life of a top-up; null: it is fulfilled like any other.
  void (*shape)(TopupRecord& record) = nullptr;
  // The fault that a send to it meets, as text of faults.proto (a FaultRule without its
  // numbers); empty: none.
  std::string fault_text;
};

const std::vector<TestNumber>& TestNumbers();

// Gives a new record its future: the rules' timings, then what its number or a menu plan
// means, then the scale.
void ShapeCourse(TopupRecord& record, bool is_menu, const ProviderRules& rules, double time_scale);

// One line for each number.
std::string DescribeTestNumbers();

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_TEST_NUMBERS_H_
