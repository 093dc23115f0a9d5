// Every setting of topupd: its name, its default and what it means. Help, defaults and checks
// are made from this one table.
#ifndef TOPUP_SERVER_CONFIG_SETTINGS_TABLE_H_
#define TOPUP_SERVER_CONFIG_SETTINGS_TABLE_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace topup::config {

enum class SettingKind {
  kText,
  kSwitch,    // on, off, true, false; `--name` alone is on
  kCount,     // a whole number within min..max
  kDuration,  // Go-style: "5s", "1h30m"; within min..max seconds
};

struct SettingRow {
  absl::string_view name;  // of the flag, and of the field in settings.proto
  SettingKind kind;
  absl::string_view default_text;  // as a flag would give it; empty: not set
  double min;                      // of counts, and of durations in seconds
  double max;
  absl::string_view meaning;
};

// In the order of --help.
const std::vector<SettingRow>& SettingsTable();

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_SETTINGS_TABLE_H_
