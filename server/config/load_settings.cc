#include "server/config/load_settings.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "server/config/settings_table.h"

namespace topup::config {
namespace {

using google::protobuf::FieldDescriptor;

constexpr size_t kFileMax = 1 << 20;

const SettingRow* FindRow(absl::string_view name) {
  for (const SettingRow& row : SettingsTable()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const FieldDescriptor* FieldOf(const SettingRow& row) {
  return Settings::descriptor()->FindFieldByName(std::string(row.name));
}

std::optional<bool> ParseSwitch(absl::string_view text) {
  if (text == "on" || text == "true" || text == "yes" || text == "1") return true;
  if (text == "off" || text == "false" || text == "no" || text == "0") return false;
  return std::nullopt;
}

// Empty where `text` is a value of `row`, and then `settings` has it; else what is wrong.
std::string SetFromText(const SettingRow& row, absl::string_view text, Settings& settings) {
  const FieldDescriptor* field = FieldOf(row);
  const google::protobuf::Reflection* reflection = settings.GetReflection();
  switch (row.kind) {
    case SettingKind::kText:
      reflection->SetString(&settings, field, std::string(text));
      return "";
    case SettingKind::kSwitch: {
      const std::optional<bool> on = ParseSwitch(text);
      if (!on.has_value()) return "is neither on nor off";
      reflection->SetBool(&settings, field, *on);
      return "";
    }
    case SettingKind::kCount: {
      int64_t count = 0;
      if (!absl::SimpleAtoi(text, &count)) return "is not a whole number";
      reflection->SetInt64(&settings, field, count);
      return "";
    }
    case SettingKind::kDuration:
      reflection->SetString(&settings, field, std::string(text));
      return "";
  }
  return "";
}

void CheckRange(const SettingRow& row, const Settings& settings,
                std::vector<std::string>& problems) {
  const FieldDescriptor* field = FieldOf(row);
  const google::protobuf::Reflection* reflection = settings.GetReflection();
  if (!reflection->HasField(settings, field)) return;
  if (row.kind == SettingKind::kCount) {
    const int64_t count = reflection->GetInt64(settings, field);
    if (static_cast<double>(count) < row.min || static_cast<double>(count) > row.max) {
      problems.push_back(absl::StrFormat("--%s is %d: give a number from %.0f to %.0f", row.name,
                                         count, row.min, row.max));
    }
  } else if (row.kind == SettingKind::kDuration) {
    const std::string text = reflection->GetString(settings, field);
    absl::Duration duration;
    if (!absl::ParseDuration(text, &duration)) {
      problems.push_back(absl::StrCat("--", row.name, " is \"", text,
                                      "\": give a duration such as 5s, 90s or 1h30m"));
    } else if (duration < absl::Seconds(row.min) || duration > absl::Seconds(row.max)) {
      problems.push_back(absl::StrCat("--", row.name, " is ", text, ": give one from ",
                                      absl::FormatDuration(absl::Seconds(row.min)), " to ",
                                      absl::FormatDuration(absl::Seconds(row.max))));
    }
  }
}

int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string UnknownFlag(absl::string_view name) {
  const SettingRow* nearest = nullptr;
  int distance = 4;
  for (const SettingRow& row : SettingsTable()) {
    if (const int edits = EditDistance(name, row.name); edits < distance) {
      distance = edits;
      nearest = &row;
    }
  }
  return absl::StrCat("--", name, " is not a flag",
                      nearest == nullptr ? ": --help lists them all"
                                         : absl::StrCat(": did you mean --", nearest->name, "?"));
}

// The flags as given, by name; the special ones go straight into `loaded`.
std::map<std::string, std::string> ReadFlags(const std::vector<std::string>& arguments,
                                             LoadedSettings& loaded, std::string& config_path) {
  std::map<std::string, std::string> flags;
  for (const std::string& argument : arguments) {
    if (!absl::StartsWith(argument, "--") || argument == "--") {
      loaded.problems.push_back(
          absl::StrCat("\"", argument, "\" is not a flag: flags are --name=value"));
      continue;
    }
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    const bool has_value = equals != std::string::npos;
    const std::string value = has_value ? argument.substr(equals + 1) : "on";
    const SettingRow* row = FindRow(name);
    if (name == "help") {
      loaded.help = true;
    } else if (name == "version") {
      loaded.version = true;
    } else if (name == "print_config") {
      loaded.print_config = true;
    } else if (name == "config" && has_value && !value.empty() && config_path.empty()) {
      config_path = value;
    } else if (name == "config" && has_value) {
      loaded.problems.push_back(value.empty() ? "--config needs a value: --config=FILE"
                                              : "--config is given twice");
    } else if (row == nullptr && name != "config") {
      loaded.problems.push_back(UnknownFlag(name));
    } else if (!has_value && (row == nullptr || row->kind != SettingKind::kSwitch)) {
      loaded.problems.push_back(absl::StrCat("--", name, " needs a value: --", name, "=..."));
    } else if (!flags.emplace(name, value).second) {
      loaded.problems.push_back(absl::StrCat("--", name, " is given twice"));
    }
  }
  return flags;
}

class ProblemCollector : public google::protobuf::io::ErrorCollector {
 public:
  explicit ProblemCollector(const TextProblemSink& sink) : sink_(sink) {}
  void AddError(int line, int column, const std::string& message) override {
    reported_ = true;
    sink_(line + 1, column + 1, message);
  }
  bool reported() const { return reported_; }

 private:
  const TextProblemSink& sink_;
  bool reported_ = false;
};

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  std::error_code ignored;
  // A directory opens and reads as if it were empty.
  const bool directory = std::filesystem::is_directory(path, ignored);
  if (directory || !file.is_open() || !(content << file.rdbuf() || file.peek() == EOF)) {
    return absl::NotFoundError(absl::StrCat("file ", path, " cannot be read"));
  }
  if (content.str().size() > kFileMax) {
    return absl::OutOfRangeError(absl::StrCat("file ", path, " is larger than 1 MiB"));
  }
  return content.str();
}

void ParseText(const std::string& text, google::protobuf::Message& message,
               const TextProblemSink& sink) {
  ProblemCollector collector(sink);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  if (!parser.ParseFromString(text, &message) && !collector.reported()) {
    sink(1, 1, absl::StrCat("This is not protobuf text of ", message.GetDescriptor()->name()));
  }
}

void ParseText(const std::string& text, const std::string& file_name,
               google::protobuf::Message& message, std::vector<std::string>& problems) {
  ParseText(text, message, [&](int line, int column, const std::string& what) {
    problems.push_back(absl::StrCat(file_name, ":", line, ":", column, ": ", what));
  });
}

LoadedSettings LoadSettings(const std::vector<std::string>& arguments,
                            const FileReader& read_file) {
  LoadedSettings loaded;
  std::string config_path;
  const std::map<std::string, std::string> flags = ReadFlags(arguments, loaded, config_path);
  for (const SettingRow& row : SettingsTable()) {
    if (!row.default_text.empty()) SetFromText(row, row.default_text, loaded.settings);
  }
  if (!config_path.empty()) {
    const absl::StatusOr<std::string> text = read_file(config_path);
    Settings file;
    if (text.ok()) {
      ParseText(*text, config_path, file, loaded.problems);
    } else {
      loaded.problems.push_back(absl::StrCat("--config: ", text.status().message()));
    }
    loaded.settings.MergeFrom(file);
  }
  for (const auto& [name, value] : flags) {
    const std::string problem = SetFromText(*FindRow(name), value, loaded.settings);
    if (!problem.empty()) {
      loaded.problems.push_back(absl::StrCat("--", name, "=", value, " ", problem));
    }
  }
  for (const SettingRow& row : SettingsTable()) {
    CheckRange(row, loaded.settings, loaded.problems);
  }
  return loaded;
}

std::string SettingsHelp() {
  std::string help =
      "topupd: sells mobile top-ups over gRPC, each at most once.\n\n"
      "Usage: topupd [--name=value ...]\n\n"
      "  --config=FILE\n      protobuf text with the same names; a flag wins over the file\n"
      "  --print_config\n      prints what is in force, and exits\n"
      "  --version\n      prints the version, and exits\n";
  for (const SettingRow& row : SettingsTable()) {
    absl::StrAppend(&help, "  --", row.name, "=",
                    row.default_text.empty() ? "..." : row.default_text, "\n      ", row.meaning,
                    "\n");
  }
  absl::StrAppend(&help,
                  "\nThe file may also hold plan_cost { plan_code: \"GROS_MOBILIS\" cost_ppm: "
                  "985000 } for plans\nthat the provider gives no cost for. SIGTERM drains and "
                  "exits 0; a second one exits at\nonce; SIGHUP reads the provider key and the "
                  "prices again.\n");
  return help;
}

std::string PrintSettings(const Settings& settings) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(settings, &text);
  return text;
}

}  // namespace topup::config
