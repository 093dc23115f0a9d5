// Reads the command line and the file given with --config: default < file < flag. Lists every
// problem, not the first.
#ifndef TOPUP_SERVER_CONFIG_LOAD_SETTINGS_H_
#define TOPUP_SERVER_CONFIG_LOAD_SETTINGS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config/settings.pb.h"

namespace topup::config {

// Gives a file's content; an error names the file.
using FileReader = std::function<absl::StatusOr<std::string>(const std::string& path)>;

// Reads a file of at most 1 MiB.
absl::StatusOr<std::string> ReadFile(const std::string& path);

struct LoadedSettings {
  // Every field of the table is set where it has a default or was given.
  Settings settings;
  bool help = false;
  bool version = false;
  bool print_config = false;
  std::vector<std::string> problems;  // one line each; empty: all is well
};

// `arguments`: without the program's name.
LoadedSettings LoadSettings(const std::vector<std::string>& arguments, const FileReader& read_file);

// What --help prints.
std::string SettingsHelp();

// What --print_config prints: protobuf text that --config takes. Holds no secret: keys are
// only ever named by their files.
std::string PrintSettings(const Settings& settings);

// Told of a problem in a text: line and column from 1, and what is wrong there.
using TextProblemSink = std::function<void(int line, int column, const std::string& message)>;

// Reads protobuf text into `message`. Unknown fields are problems.
void ParseText(const std::string& text, google::protobuf::Message& message,
               const TextProblemSink& sink);

// The same, with a line for each problem: "FILE:LINE:COLUMN: what is wrong".
void ParseText(const std::string& text, const std::string& file_name,
               google::protobuf::Message& message, std::vector<std::string>& problems);

}  // namespace topup::config

#endif  // TOPUP_SERVER_CONFIG_LOAD_SETTINGS_H_
