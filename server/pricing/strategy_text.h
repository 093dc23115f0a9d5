// Text that a strategy gave us: never trusted to end, to be UTF-8, or to be printable.
#ifndef TOPUP_SERVER_PRICING_STRATEGY_TEXT_H_
#define TOPUP_SERVER_PRICING_STRATEGY_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace topup::pricing {

enum class LineBreaks { kForbidden, kAllowed };

// The text at `data`, which has to end in a NUL within `size_max` bytes. Nothing where it is
// null, does not end, is not UTF-8, or has control characters (but for line breaks and tabs
// where they are allowed). An empty text is a text.
std::optional<std::string> ReadStrategyText(const char* data, size_t size_max,
                                            LineBreaks line_breaks = LineBreaks::kForbidden);

// The same without a copy: a view into `data`.
std::optional<absl::string_view> ViewStrategyText(const char* data, size_t size_max,
                                                  LineBreaks line_breaks = LineBreaks::kForbidden);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_STRATEGY_TEXT_H_
