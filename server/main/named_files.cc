#include "server/main/named_files.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/config/directory_settings.h"
#include "server/config/load_settings.h"
#include "server/config/pricing_settings.h"
#include "server/config/private_file.h"
#include "server/pricing/library/allow_list.h"
#include "server/store/open_store.h"

namespace topup::server_main {
namespace {

constexpr char kSandboxKey[] = "sandbox";
constexpr char kKeyVariable[] = "TOPUP_PROVIDER_KEY";

absl::Status InvalidSettings(const std::vector<std::string>& problems) {
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

std::string FlagText(absl::string_view flag, absl::string_view text) {
  return absl::StrCat("--", flag, ": ", text);
}

absl::StatusOr<std::string> ReadNamedFile(absl::string_view flag, const std::string& path) {
  absl::StatusOr<std::string> content = config::ReadFile(path);
  if (content.ok()) return content;
  return absl::InvalidArgumentError(FlagText(flag, content.status().message()));
}

absl::StatusOr<std::string> ReadPrivateFile(absl::string_view flag, const std::string& path,
                                            config::FilePrivacy privacy,
                                            std::vector<std::string>& doubts) {
  absl::StatusOr<config::PrivateFile> file = config::ReadPrivateFile(path, privacy);
  if (!file.ok()) return absl::InvalidArgumentError(FlagText(flag, file.status().message()));
  if (!file->doubt.empty()) doubts.push_back(FlagText(flag, file->doubt));
  return std::move(file->content);
}

absl::StatusOr<api::CallerDirectory> ReadCallers(const config::ServerConfig& config,
                                                 std::vector<std::string>& doubts) {
  if (config.callers_file.empty()) return api::CallerDirectory::Local();
  ASSIGN_OR_RETURN(
      const std::string text,
      ReadPrivateFile("callers", config.callers_file, config::FilePrivacy::kOthersMayRead, doubts));
  std::vector<std::string> problems;
  std::vector<api::CallerEntry> entries = config::ParseCallers(text, config.callers_file, problems);
  if (!problems.empty()) return InvalidSettings(problems);
  return api::CallerDirectory(std::move(entries));
}

absl::StatusOr<std::optional<api::TlsMaterial>> ReadTls(const config::ServerConfig& config,
                                                        std::vector<std::string>& doubts) {
  std::optional<api::TlsMaterial> tls;
  if (config.tls_cert_file.empty()) return tls;
  tls.emplace();
  ASSIGN_OR_RETURN(tls->certificate_chain, ReadNamedFile("tls_cert", config.tls_cert_file));
  ASSIGN_OR_RETURN(std::string key, ReadPrivateFile("tls_key", config.tls_key_file,
                                                    config::FilePrivacy::kSecret, doubts));
  tls->private_key = base::Secret(std::move(key));
  if (!config.tls_client_ca_file.empty()) {
    ASSIGN_OR_RETURN(tls->client_ca, ReadNamedFile("tls_client_ca", config.tls_client_ca_file));
  }
  return tls;
}

void CheckAllowList(const std::string& path, std::vector<std::string>& problems) {
  if (path.empty()) return;
  const absl::Status read = pricing::ReadAllowList(path).status();
  if (read.ok()) return;
  const std::string flag = absl::StrCat("--plugin_allow_list=", path, ": ");
  const auto details = base::GetErrorDetails(read);
  if (!details.has_value() || details->field_violations.empty()) {
    problems.push_back(absl::StrCat(flag, read.message()));
    return;
  }
  for (const base::FieldViolation& violation : details->field_violations) {
    problems.push_back(absl::StrCat(flag, violation.description));
  }
}

// Moves what was read to its place; what could not be is a problem more.
template <typename T>
void Keep(absl::StatusOr<T> read, T& place, std::vector<std::string>& problems) {
  if (read.ok()) {
    place = *std::move(read);
  } else {
    problems.emplace_back(read.status().message());
  }
}

absl::StatusOr<base::Secret> ReadProviderKey(const config::ServerConfig& config,
                                             std::vector<std::string>& doubts) {
  if (config.sandbox) return base::Secret(kSandboxKey);
  std::string key;
  if (!config.provider_key_file.empty()) {
    ASSIGN_OR_RETURN(key, ReadPrivateFile("provider_key_file", config.provider_key_file,
                                          config::FilePrivacy::kSecret, doubts));
  } else if (const char* variable = std::getenv(kKeyVariable); variable != nullptr) {
    key = variable;
  }
  absl::StripAsciiWhitespace(&key);
  if (key.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no provider key: give --provider_key_file or ", kKeyVariable));
  }
  return base::Secret(std::move(key));
}

}  // namespace

absl::StatusOr<base::Secret> ReadProviderKey(const config::ServerConfig& config) {
  std::vector<std::string> told_at_the_start;
  return ReadProviderKey(config, told_at_the_start);
}

absl::StatusOr<std::string> ReadPricingText(const config::ServerConfig& config) {
  if (config.pricing_config_file.empty()) return config::DefaultPricingText();
  return ReadNamedFile("pricing_config", config.pricing_config_file);
}

absl::Status PricingProblems(const absl::Status& error, const std::string& file) {
  const std::string name = file.empty() ? "built-in pricing" : file;
  const std::optional<base::ErrorDetails> details = base::GetErrorDetails(error);
  // A file that cannot be read is named already; what the store says is no setting's fault.
  if (!details.has_value() ||
      (details->reason != "CONFIG_INVALID" && details->reason != "STRATEGY_LOAD_FAILED")) {
    return error;
  }
  std::vector<std::string> problems = {absl::StrCat(name, ": ", error.message())};
  for (const auto& [key, value] : details->metadata) {
    if (key == "searched") absl::StrAppend(&problems.front(), " Looked for at ", value, ".");
  }
  for (const base::FieldViolation& violation : details->field_violations) {
    problems.push_back(absl::StrCat(name, ": ", violation.field, " ", violation.description));
  }
  return InvalidSettings(problems);
}

absl::StatusOr<std::optional<pricing::PricingConfiguration>> ReadPricingShadow(
    const config::ServerConfig& config) {
  std::optional<pricing::PricingConfiguration> shadow;
  if (config.pricing_shadow_file.empty()) return shadow;
  ASSIGN_OR_RETURN(const std::string text,
                   ReadNamedFile("pricing_shadow", config.pricing_shadow_file));
  absl::StatusOr<pricing::PricingConfiguration> parsed = config::ParsePricing(text);
  if (!parsed.ok()) return PricingProblems(parsed.status(), config.pricing_shadow_file);
  shadow = *std::move(parsed);
  return shadow;
}

absl::StatusOr<NamedFiles> ReadNamedFiles(const config::ServerConfig& config) {
  NamedFiles files;
  std::vector<std::string> problems;
  Keep(ReadProviderKey(config, files.doubts), files.provider_key, problems);
  if (!store::StoreExists(config.store)) {
    const absl::StatusOr<std::string> text = ReadPricingText(config);
    const absl::Status checked = text.ok() ? config::ParsePricing(*text).status() : text.status();
    if (!checked.ok()) {
      problems.emplace_back(PricingProblems(checked, config.pricing_config_file).message());
    }
  }
  Keep(ReadPricingShadow(config), files.pricing_shadow, problems);
  CheckAllowList(config.plugin_allow_list_file, problems);
  Keep(ReadCallers(config, files.doubts), files.callers, problems);
  Keep(ReadTls(config, files.doubts), files.tls, problems);
  if (!problems.empty()) return InvalidSettings(problems);
  return files;
}

}  // namespace topup::server_main
