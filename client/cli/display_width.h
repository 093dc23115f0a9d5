// How wide text is on a terminal, and how to put foreign text there safely. Pure.
//
// Plan names and messages for customers are Arabic, with emoji and combining marks among them.
// They are shown whole, never cut.
#ifndef TOPUP_CLIENT_CLI_DISPLAY_WIDTH_H_
#define TOPUP_CLIENT_CLI_DISPLAY_WIDTH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace topup::cli {

// Columns that UTF-8 `text` takes: 0 for combining and invisible characters, 2 for East Asian wide
// ones and emoji, with joined emoji, skin tones and emoji presentation counted as terminals draw
// them. Bytes that are not UTF-8 count as one replacement character each.
int DisplayWidth(absl::string_view text);

// `text` for one line of a terminal: control characters (line breaks and escape sequences among
// them), bytes that are not UTF-8 become U+FFFD; marks that override the direction of text go.
// Text from the provider ends up here, so it must not be able to draw over ours.
std::string Printable(absl::string_view text);

// Printable, and wrapped in direction isolates (U+2068, U+2069; no width) where it has
// right-to-left characters, so that the columns around it stay where they are.
std::string Isolated(absl::string_view text);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_DISPLAY_WIDTH_H_
