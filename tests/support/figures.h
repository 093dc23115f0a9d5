// Numbers for people: 12034 is 12,034.
#ifndef TOPUP_TESTS_SUPPORT_FIGURES_H_
#define TOPUP_TESTS_SUPPORT_FIGURES_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace topup::support {

// Of a number that is not negative.
inline std::string Grouped(int64_t number) {
  std::string text = absl::StrCat(number);
  for (int place = static_cast<int>(text.size()) - 3; place > 0; place -= 3) {
    text.insert(static_cast<size_t>(place), 1, ',');
  }
  return text;
}

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_FIGURES_H_
