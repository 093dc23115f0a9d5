#include "server/main/file_watch.h"

#include <system_error>
#include <utility>

namespace topup::server_main {

FileWatch::FileWatch(std::string path) : path_(std::move(path)), seen_(TakeLook()), last_(seen_) {}

std::optional<FileWatch::Look> FileWatch::TakeLook() const {
  std::error_code error;
  Look look;
  look.time = std::filesystem::last_write_time(path_, error);
  if (!error) look.size = std::filesystem::file_size(path_, error);
  return error ? std::nullopt : std::optional<Look>(look);
}

bool FileWatch::HasChanged() {
  const std::optional<Look> now = TakeLook();
  const bool settled = now == last_;
  last_ = now;
  if (!settled || now == seen_ || !now.has_value()) {
    return false;
  }
  seen_ = now;
  return true;
}

}  // namespace topup::server_main
