// A strategy's configuration: one flat JSON object, read strictly.
//
// Values are whole numbers, texts, true or false, lists of texts, and lists of flat objects.
// Everything else is refused, and so are keys given twice, fractions (a decimal is written as a
// text, so that nothing on its way turns it into floating point) and whatever stands behind the
// object. Each refusal is a ConfigError that names key, value and remedy.
#ifndef TOPUP_PRICING_PLUGINS_SDK_CONFIG_H_
#define TOPUP_PRICING_PLUGINS_SDK_CONFIG_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace topup::pricing_sdk {

// A value; not changed after construction.
class Config {
 public:
  // An object with more keys, or a list with more entries, than this is refused.
  static constexpr size_t kEntryMax = 256;

  struct Value;
  using Member = std::pair<std::string, Value>;

  // Reads `json`; an empty text counts as an object without keys.
  explicit Config(const std::string& json);
  explicit Config(std::vector<Member> members);
  Config(const Config&);
  Config& operator=(const Config&) = delete;
  ~Config();

  // Refuses the first key that is not among `keys`. To be called first: a misspelt key is
  // then named itself, and not the one that is missing for it.
  void AllowOnly(std::initializer_list<const char*> keys) const;

  bool Has(const std::string& key) const;

  // The value under `key`, which has to be there and of this kind.
  int64_t Integer(const std::string& key, int64_t min, int64_t max) const;
  const std::string& Text(const std::string& key) const;
  std::vector<Config> List(const std::string& key) const;        // of objects
  std::vector<std::string> Texts(const std::string& key) const;  // a list of texts

  // A share as either of two keys, exactly one of them: `percent_key` with a text such as
  // "2.5", `ppm_key` with whole parts per million. From 0 to `ppm_max`.
  int64_t Ratio(const std::string& percent_key, const std::string& ppm_key, int64_t ppm_max) const;

  // Throws a ConfigError: `key` has this value, and `remedy` would be right.
  [[noreturn]] void Refuse(const std::string& key, const std::string& remedy) const;

 private:
  const Value& Get(const std::string& key, const std::string& remedy) const;

  std::vector<Member> members_;
};

struct Config::Value {
  enum class Kind { kInteger, kText, kFlag, kList };
  Kind kind = Kind::kText;
  std::string text;                // of a text: what it says; otherwise empty
  int64_t integer = 0;             // of a number
  std::string written;             // as it stands in the configuration, cut, for messages
  std::vector<Config> list;        // of a list of objects
  std::vector<std::string> texts;  // of a list of texts
};

}  // namespace topup::pricing_sdk

#endif  // TOPUP_PRICING_PLUGINS_SDK_CONFIG_H_
