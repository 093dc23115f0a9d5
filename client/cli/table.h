// Columns of text for a terminal, and colours where they are wanted.
#ifndef TOPUP_CLIENT_CLI_TABLE_H_
#define TOPUP_CLIENT_CLI_TABLE_H_

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace topup::cli {

enum class Colour { kPlain, kBold, kDim, kGreen, kYellow, kRed };

enum class ColourMode { kAuto, kAlways, kNever };

// `kAuto` means on a terminal, unless NO_COLOR is set.
bool UseColour(ColourMode mode, bool is_terminal, bool no_color_is_set);

// Decides once whether anything is coloured.
class Style {
 public:
  explicit Style(bool uses_colour) : uses_colour_(uses_colour) {}
  std::string Paint(Colour colour, absl::string_view text) const;

 private:
  const bool uses_colour_;
};

struct Cell {
  std::string text;  // foreign text is welcome: it is made printable here
  Colour colour = Colour::kPlain;
};

// Left-aligned columns, two spaces apart, as wide as their widest cell: nothing is ever cut.
class Table {
 public:
  // `titles` may be empty: then there is no line of titles.
  explicit Table(std::vector<std::string> titles);

  // Missing cells at the end are empty.
  void AddRow(std::vector<Cell> cells);
  // A line of its own under the last row, indented: as long as it is, without a part in the
  // columns.
  void AddNote(Cell note);
  // Aligns the column to the right: for numbers.
  void AlignRight(size_t column);

  void Print(std::ostream& out, const Style& style) const;

 private:
  std::vector<std::vector<Cell>> rows_;  // titles first
  std::multimap<size_t, Cell> notes_;    // by the number of rows above
  bool has_titles_;
  std::vector<bool> right_;
};

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_TABLE_H_
