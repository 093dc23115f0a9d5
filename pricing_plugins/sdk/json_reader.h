// The JSON that a configuration may consist of, and no more. For config.cc only.
#ifndef TOPUP_PRICING_PLUGINS_SDK_JSON_READER_H_
#define TOPUP_PRICING_PLUGINS_SDK_JSON_READER_H_

#include <string>
#include <vector>

#include "pricing_plugins/sdk/config.h"

namespace topup::pricing_sdk {

// Reads one text once. Throws ConfigError with the place of what it cannot read.
class JsonReader {
 public:
  // `json` has to outlive the reader.
  explicit JsonReader(const std::string& json) : json_(json) {}

  // The one object that the whole text is; no members for an empty text.
  std::vector<Config::Member> ReadDocument();

 private:
  enum class Lists { kAllowed, kForbidden };  // objects in a list hold no lists: depth is bounded

  std::vector<Config::Member> ReadObject(Lists lists);
  Config::Value ReadValue(Lists lists);
  Config::Value ReadList();
  Config::Value ReadInteger();
  std::string ReadText();
  void ReadEscape(std::string& text);
  void ReadUnicodeEscape(std::string& text);

  void SkipSpace();
  bool Take(char c);  // skips space first
  bool TakeWord(const std::string& word);
  void Require(char c);
  [[noreturn]] void Fail(const std::string& what) const;

  const std::string& json_;
  size_t at_ = 0;
};

}  // namespace topup::pricing_sdk

#endif  // TOPUP_PRICING_PLUGINS_SDK_JSON_READER_H_
