// A text whose NUL is the last byte that may be read.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_EDGE_TEXT_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_EDGE_TEXT_H_

#include <string>

#include "pricing_plugins/abi/types.h"

namespace topup::checker {

// Owns pages of its own, which can only be read; the page behind them cannot even be read.
// Reading past the text, or writing to it, ends the process.
class EdgeText {
 public:
  explicit EdgeText(const std::string& text);
  ~EdgeText();
  EdgeText(const EdgeText&) = delete;
  EdgeText& operator=(const EdgeText&) = delete;

  // From here on, reading it ends the process too. Its pages stay taken, so that nothing else comes
  // to lie there.
  void Forbid();

  // Valid as long as this object.
  topup_pricing_text_t text() const { return {data_, size_}; }

 private:
  void* pages_ = nullptr;
  size_t pages_size_ = 0;
  const char* data_ = "";
  size_t size_ = 0;
};

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_EDGE_TEXT_H_
