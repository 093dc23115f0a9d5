#include "client/cli/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/cli/display_width.h"

namespace topup::cli {

bool UseColour(ColourMode mode, bool is_terminal, bool no_color_is_set) {
  if (mode == ColourMode::kAuto) return is_terminal && !no_color_is_set;
  return mode == ColourMode::kAlways;
}

std::string Style::Paint(Colour colour, absl::string_view text) const {
  if (!uses_colour_ || colour == Colour::kPlain || text.empty()) return std::string(text);
  const char* code = "";
  switch (colour) {
    case Colour::kPlain:
      break;
    case Colour::kBold:
      code = "1";
      break;
    case Colour::kDim:
      code = "2";
      break;
    case Colour::kGreen:
      code = "32";
      break;
    case Colour::kYellow:
      code = "33";
      break;
    case Colour::kRed:
      code = "31";
      break;
  }
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

Table::Table(std::vector<std::string> titles) : has_titles_(!titles.empty()) {
  if (!has_titles_) return;
  std::vector<Cell> row;
  for (std::string& title : titles) row.push_back({std::move(title), Colour::kBold});
  rows_.push_back(std::move(row));
}

void Table::AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

void Table::AddNote(Cell note) { notes_.emplace(rows_.size(), std::move(note)); }

void Table::AlignRight(size_t column) {
  if (right_.size() <= column) right_.resize(column + 1);
  right_[column] = true;
}

void Table::Print(std::ostream& out, const Style& style) const {
  std::vector<int> widths;
  for (const std::vector<Cell>& row : rows_) {
    if (widths.size() < row.size()) widths.resize(row.size());
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(Isolated(row[i].text)));
    }
  }
  size_t rows_printed = 0;
  for (const std::vector<Cell>& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string text = Isolated(row[i].text);
      const std::string gap(widths[i] - DisplayWidth(text), ' ');
      const bool is_right = i < right_.size() && right_[i];
      if (i > 0) line += "  ";
      if (is_right) line += gap;
      line += style.Paint(row[i].colour, text);
      // Blanks at the end of a line help nobody.
      if (!is_right && i + 1 < row.size()) line += gap;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out << line << '\n';
    const auto [note_begin, note_end] = notes_.equal_range(++rows_printed);
    for (auto note = note_begin; note != note_end; ++note) {
      out << "  " << style.Paint(note->second.colour, Isolated(note->second.text)) << '\n';
    }
  }
}

}  // namespace topup::cli
