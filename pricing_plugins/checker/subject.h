// The library under check: opened as the service opens it, asked more suspiciously.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_SUBJECT_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_SUBJECT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pricing_plugins/abi/topup_pricing.h"
#include "pricing_plugins/checker/request_draft.h"
#include "server/base/log.h"
#include "server/pricing/host_services.h"
#include "server/pricing/plugin_library.h"

namespace topup::checker {

// How one call of create or price ended.
struct Reply {
  topup_pricing_code_t code = TOPUP_PRICING_FAILED;
  topup_pricing_answer_t answer = {};  // of price
  std::string message;                 // of the error record, up to its NUL
  // The contract as broken by this call, whatever it answered: it wrote beside a record, changed
  // the request, threw. Empty: it did not.
  std::string breach;

  bool ok() const { return code == TOPUP_PRICING_OK && breach.empty(); }
  // Everything that the host would see, for comparing: "102900: markup 5 % = 102900".
  std::string Summary() const;
};

// What is wrong with a reply to price, for a request within the contract; nothing where it is
// one that the service believes, or an error as the contract wants it.
std::optional<std::string> FaultOf(const Reply& reply);

// What is wrong with the code and the message of a call that failed.
std::optional<std::string> FaultOfError(const Reply& reply);

// A strategy that create made; destroyed with this object. Calls of Price and QuickPrice may come
// from several threads.
class Instance {
 public:
  Instance(const topup_pricing_entry_t& entry, const topup_pricing_host_t* host,
           const std::string& config);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // How create ended. What follows is only for one that is ok().
  const Reply& creation() const { return creation_; }

  // With records between fences, and a look at them afterwards.
  Reply Price(const RequestDraft& draft) const;

  // Without: for counting and measuring. Fills `answer`.
  topup_pricing_code_t QuickPrice(const topup_pricing_request_t& request,
                                  topup_pricing_answer_t& answer) const;

  const topup_pricing_strategy_t* strategy() const { return strategy_; }

 private:
  Reply creation_;
  const topup_pricing_strategy_t* strategy_ = nullptr;
};

// The library. Made in the child that checks it, and nowhere else: opening runs its code.
class Subject {
 public:
  // Reads the file, checks its format and opens it, just as the service does, and with the
  // service's words where it refuses.
  static absl::StatusOr<std::unique_ptr<Subject>> Open(const std::string& path,
                                                       const std::string& config);

  const pricing::PluginLibrary& library() const { return *library_; }
  const topup_pricing_host_t* host() const { return services_.table(); }
  const std::string& config() const { return config_; }

  // A new strategy; with the configuration that this subject has.
  std::unique_ptr<Instance> Make(const std::string& config) const;
  std::unique_ptr<Instance> Make() const { return Make(config_); }

 private:
  explicit Subject(std::string config);

  const std::string config_;
  base::Log log_;
  pricing::HostServices services_;
  std::shared_ptr<const pricing::PluginLibrary> library_;
};

// `path` made absolute by the working directory.
std::string AbsolutePath(const std::string& path);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_SUBJECT_H_
