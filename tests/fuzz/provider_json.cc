// A document that we take is JSON for everybody; what we quote reads back as it was.
#include <nlohmann/json.hpp>

#include "server/upstream/oneclickdz/json_value.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using topup::fuzz::Promise;
  using topup::upstream::oneclickdz::JsonQuote;
  using topup::upstream::oneclickdz::JsonValue;
  const std::string text = topup::fuzz::TextOf(data, size);
  const auto value = JsonValue::Parse(text);
  if (value.has_value()) Promise(nlohmann::json::accept(text), "what we take is strict JSON");

  const std::string quoted = JsonQuote(text);
  Promise(nlohmann::json::accept(quoted), "a quoted text is JSON");
  const auto back = JsonValue::Parse(quoted);
  Promise(back.has_value() && back->AsString().has_value(), "a quoted text is a string");
  Promise(JsonQuote(*back->AsString()) == quoted, "quoting twice says the same");
  return 0;
}
