#include "server/config/directory_settings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/config/load_settings.h"
#include "server/config/settings.pb.h"

namespace topup::config {
namespace {

core::Roles ReadRoles(const Caller& caller, const std::string& file_name,
                      std::vector<std::string>& problems) {
  core::Roles roles;
  for (const std::string& role : caller.role()) {
    if (role == "send") {
      roles.send = true;
    } else if (role == "read") {
      roles.read = true;
    } else if (role == "see_cost") {
      roles.see_cost = true;
    } else if (role == "admin") {
      roles.admin = true;
    } else {
      problems.push_back(absl::StrCat(file_name, ": caller ", caller.name(), " has the role \"",
                                      role, "\": give send, read, see_cost or admin"));
    }
  }
  return roles;
}

}  // namespace

std::vector<api::CallerEntry> ParseCallers(const std::string& text, const std::string& file_name,
                                           std::vector<std::string>& problems) {
  Callers callers;
  ParseText(text, file_name, callers, problems);
  std::vector<api::CallerEntry> entries;
  for (const Caller& caller : callers.caller()) {
    api::CallerEntry entry;
    entry.caller.name = caller.name();
    entry.caller.roles = ReadRoles(caller, file_name, problems);
    entry.token_sha256.assign(caller.token_sha256().begin(), caller.token_sha256().end());
    entry.certificate_sans.assign(caller.certificate_san().begin(), caller.certificate_san().end());
    entries.push_back(std::move(entry));
  }
  for (const std::string& problem : api::CallerDirectory::FindProblems(entries)) {
    problems.push_back(absl::StrCat(file_name, ": ", problem));
  }
  if (entries.empty()) {
    problems.push_back(absl::StrCat(file_name, ": names no caller, so that nobody could call"));
  }
  return entries;
}

}  // namespace topup::config
