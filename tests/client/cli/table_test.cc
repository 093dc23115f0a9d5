#include "client/cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "client/cli/display_width.h"

namespace topup::cli {
namespace {

TEST(DisplayWidthTest, CountsColumnsAndNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("Mobilis"), 7);
  EXPECT_EQ(DisplayWidth("été"), 3);
  EXPECT_EQ(DisplayWidth("عرض"), 3);
  EXPECT_EQ(DisplayWidth("日本"), 4);
}

TEST(DisplayWidthTest, CountsMarksForNothing) {
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);                // e with a combining accent
  EXPECT_EQ(DisplayWidth("مُحَمَّد"), 4);                   // Arabic with vowel marks
  EXPECT_EQ(DisplayWidth("a\u200Bb\u2068c\u2069"), 3);  // invisible characters
}

TEST(DisplayWidthTest, CountsEmojiAsTheyAreDrawn) {
  EXPECT_EQ(DisplayWidth("🎁"), 2);
  EXPECT_EQ(DisplayWidth("❤️"), 2);              // a narrow heart made an emoji
  EXPECT_EQ(DisplayWidth("👍🏽"), 2);            // with a skin tone
  EXPECT_EQ(DisplayWidth("👨‍👩‍👧"), 2);  // three joined into one
  EXPECT_EQ(DisplayWidth("🇩🇿"), 2);
}

TEST(DisplayWidthTest, CountsBytesThatAreNotUtf8AsReplacements) {
  EXPECT_EQ(DisplayWidth("a\xFF\xFE z"), 5);
  EXPECT_EQ(DisplayWidth("\xE2\x82"), 2);      // cut off
  EXPECT_EQ(DisplayWidth("\xED\xA0\x80"), 3);  // a surrogate
  EXPECT_EQ(DisplayWidth("\xC0\xAF"), 2);      // overlong
  EXPECT_EQ(Printable("a\xFFz"), "a\uFFFDz");
}

TEST(DisplayWidthTest, ForeignTextCannotMoveTheCursorOrTurnTheLine) {
  EXPECT_EQ(Printable("a\x1b[2Jb\r\nc"), "a\uFFFD[2Jb\uFFFD\uFFFDc");
  EXPECT_EQ(Printable("a\u202Eb\u2066c\u0085"), "abc\uFFFD");
  EXPECT_EQ(Printable("عرض 🎁"), "عرض 🎁");
}

TEST(DisplayWidthTest, IsolatesOnlyWhatRunsFromTheRight) {
  EXPECT_EQ(Isolated("Mobilis"), "Mobilis");
  EXPECT_EQ(Isolated("عرض 500"), "\u2068عرض 500\u2069");
  EXPECT_EQ(DisplayWidth(Isolated("عرض 500")), 7);
}

std::string Printed(const Table& table, bool uses_colour) {
  std::ostringstream out;
  table.Print(out, Style(uses_colour));
  return out.str();
}

TEST(TableTest, ColumnsBeginAtTheSamePlaceWhateverTheScript) {
  Table table({"NAME", "PRICE"});
  table.AddRow({{"عرض 🎁"}, {"1"}});
  table.AddRow({{"a name that is longer"}, {"1000"}});
  table.AlignRight(1);
  EXPECT_EQ(Printed(table, false),
            "NAME                   PRICE\n"
            "\u2068عرض 🎁\u2069                     1\n"
            "a name that is longer   1000\n");
}

TEST(TableTest, NeverCutsText) {
  const std::string text(500, 'x');
  Table table({});
  table.AddRow({{text}, {"y"}});
  EXPECT_EQ(Printed(table, false), text + "  y\n");
}

TEST(TableTest, ANoteStandsUnderItsRowAndWidensNoColumn) {
  Table table({"A", "B"});
  table.AddRow({{"1"}, {"x"}});
  table.AddNote({"longer than any\ncolumn"});
  table.AddNote({"another"});
  table.AddRow({{"2"}, {"y"}});
  EXPECT_EQ(Printed(table, false), "A  B\n1  x\n  longer than any\uFFFDcolumn\n  another\n2  y\n");
}

TEST(TableTest, ColoursTheTextAndNotTheGaps) {
  Table table({});
  table.AddRow({{"a", Colour::kGreen}, {"b"}});
  table.AddRow({{"long"}, {"b"}});
  EXPECT_EQ(Printed(table, true), "\x1b[32ma\x1b[0m     b\nlong  b\n");
}

TEST(TableTest, ColoursOnlyATerminalUnlessTold) {
  EXPECT_TRUE(UseColour(ColourMode::kAuto, /*is_terminal=*/true, /*no_color_is_set=*/false));
  EXPECT_FALSE(UseColour(ColourMode::kAuto, /*is_terminal=*/false, /*no_color_is_set=*/false));
  EXPECT_FALSE(UseColour(ColourMode::kAuto, /*is_terminal=*/true, /*no_color_is_set=*/true));
  EXPECT_TRUE(UseColour(ColourMode::kAlways, /*is_terminal=*/false, /*no_color_is_set=*/true));
  EXPECT_FALSE(UseColour(ColourMode::kNever, /*is_terminal=*/true, /*no_color_is_set=*/false));
}

}  // namespace
}  // namespace topup::cli
