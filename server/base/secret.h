// A secret that cannot be printed, compared by accident, or logged.
#ifndef TOPUP_SERVER_BASE_SECRET_H_
#define TOPUP_SERVER_BASE_SECRET_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace topup::base {

// Holds an API key or a signing key. There is no stream operator, no conversion and no
// AbslStringify; the only way to the bytes is Reveal(), which reviewers can search for.
// Wipes its bytes when destroyed. Copies are separate secrets.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept { *this = std::move(other); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { Wipe(); }

  bool empty() const { return bytes_.empty(); }

  // The bytes themselves, for the one call that needs them. Valid as long as this object.
  absl::string_view Reveal() const { return bytes_; }

  // Constant-time equality.
  bool Equals(const Secret& other) const;

 private:
  void Wipe();

  std::string bytes_;
};

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_SECRET_H_
