// Tells when a file was replaced, by looking at it now and then.
#ifndef TOPUP_SERVER_MAIN_FILE_WATCH_H_
#define TOPUP_SERVER_MAIN_FILE_WATCH_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace topup::server_main {

// Not thread-safe. Reads no content. A file that is missing is a state like any other.
class FileWatch {
 public:
  // The file as it is now counts as seen.
  explicit FileWatch(std::string path);

  // True once for each change, and only when it looks the same as at the look before: a file
  // that is still being written is left alone.
  bool HasChanged();

 private:
  struct Look {
    std::filesystem::file_time_type time;
    uintmax_t size = 0;

    friend bool operator==(const Look&, const Look&) = default;
  };

  std::optional<Look> TakeLook() const;

  const std::string path_;
  std::optional<Look> seen_;
  std::optional<Look> last_;
};

}  // namespace topup::server_main

#endif  // TOPUP_SERVER_MAIN_FILE_WATCH_H_
