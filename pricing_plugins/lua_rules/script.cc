#include "pricing_plugins/lua_rules/script.h"

#include <algorithm>
#include <cstring>

#include "pricing_plugins/abi/answer.h"
#include "pricing_plugins/lua_rules/environment.h"
#include "pricing_plugins/lua_rules/request_table.h"
#include "pricing_plugins/lua_rules/sandbox.h"
#include "pricing_plugins/lua_rules/whole_numbers.h"
#include "pricing_plugins/sdk/errors.h"
#include "pricing_plugins/sdk/text.h"

namespace topup {
namespace {

using pricing_sdk::ConfigError;
using pricing_sdk::PricingError;

constexpr char kChunkName[] = "=script";  // as messages call it: "script:3: ..."

// A text that a script gave us, cut to what a message can hold.
std::string Readable(const char* text, size_t size) {
  return pricing_sdk::OneLine(std::string(text, std::min(size, size_t{TOPUP_PRICING_ERROR_SIZE})));
}

// --- compiling ---------------------------------------------------------------------------------

struct Compilation {
  const std::string* source;
  std::string* compiled;
};

int AppendTo(lua_State* /*state*/, const void* bytes, size_t size, void* data) {
  try {
    static_cast<std::string*>(data)->append(static_cast<const char*>(bytes), size);
    return 0;
  } catch (...) {
    return 1;  // nothing may be thrown through Lua
  }
}

int Compile(lua_State* state) {
  auto* const job = static_cast<Compilation*>(lua_touserdata(state, 1));
  if (luaL_loadbufferx(state, job->source->data(), job->source->size(), kChunkName, "t") !=
      LUA_OK) {
    return lua_error(state);
  }
  constexpr int kKeepLines = 0;  // for messages
  if (lua_dump(state, &AppendTo, job->compiled, kKeepLines) != 0) {
    return luaL_error(state, "not enough memory");
  }
  return 0;
}

// --- running -----------------------------------------------------------------------------------

// In and out of Lua: nothing in it wants to be destroyed.
struct Job {
  const std::string* compiled;
  const topup_pricing_request_t* request;  // null: only define
  enum class Kind { kNothing, kPrice, kReason, kWrongPrice, kWrongText } kind = Kind::kNothing;
  int64_t price_centimes = 0;
  const char* type = "";  // of what was returned in place of a price; static
  bool is_float = false;
  size_t text_size = 0;
  char text[TOPUP_PRICING_ERROR_SIZE] = {};  // description or reason, cut
};

void CopyText(lua_State* state, int index, Job& job) {
  size_t size = 0;
  const char* const text = lua_tolstring(state, index, &size);  // is a text: converts nothing
  job.text_size = std::min(size, sizeof(job.text));
  std::memcpy(job.text, text, job.text_size);
}

void ReadResults(lua_State* state, Job& job) {
  const bool has_text = lua_type(state, -1) == LUA_TSTRING;
  if (has_text) CopyText(state, -1, job);
  if (lua_isinteger(state, -2) != 0) {
    job.kind = has_text ? Job::Kind::kPrice : Job::Kind::kWrongText;
    job.price_centimes = lua_tointeger(state, -2);
    job.type = luaL_typename(state, -1);
  } else if (lua_isnil(state, -2) && has_text) {
    job.kind = Job::Kind::kReason;
  } else {
    job.kind = Job::Kind::kWrongPrice;
    job.is_float = lua_type(state, -2) == LUA_TNUMBER;
    job.type = luaL_typename(state, -2);
  }
}

int RunScript(lua_State* state) {
  auto& job = *static_cast<Job*>(lua_touserdata(state, 1));
  PushEnvironment(state);
  const int environment = lua_gettop(state);
  if (luaL_loadbufferx(state, job.compiled->data(), job.compiled->size(), kChunkName, "b") !=
      LUA_OK) {
    return lua_error(state);
  }
  lua_pushvalue(state, environment);
  lua_setupvalue(state, -2, 1);  // _ENV
  StartCounting(state);
  lua_call(state, 0, 0);
  lua_pushliteral(state, "price");
  if (lua_rawget(state, environment) != LUA_TFUNCTION) {
    return luaL_error(state, "it defines no function price(request)");
  }
  if (job.request == nullptr) return 0;
  PushRequest(state, *job.request);
  lua_call(state, 1, 2);
  ReadResults(state, job);
  return 0;
}

[[noreturn]] void Fail(const std::string& what) {
  throw PricingError(TOPUP_PRICING_FAILED, "the script failed: " + what);
}

std::string CheckedDescription(const Job& job) {
  std::string text(job.text, job.text_size);
  const std::string readable = pricing_sdk::OneLine(text);
  if (text.empty() || text.size() >= TOPUP_PRICING_STEP_TEXT_SIZE || text != readable) {
    Fail("its description has " + std::to_string(text.size()) + " bytes and reads \"" + readable +
         "\": return 1 to " + std::to_string(TOPUP_PRICING_STEP_TEXT_SIZE - 1) +
         " bytes of text in one line");
  }
  return text;
}

}  // namespace

Script::Script(const std::string& source) {
  PrepareEnvironments();
  if (source.empty() || source.size() > kScriptSizeMax) {
    throw ConfigError("key \"script\" has " + std::to_string(source.size()) + " bytes: use 1 to " +
                      std::to_string(kScriptSizeMax));
  }
  Compilation compilation = {.source = &source, .compiled = &compiled_};
  std::string problem = Sandbox(kCompileBudget).Run(&Compile, &compilation);
  if (problem.empty()) problem = FindFloatingPoint(source).value_or("");
  if (problem.empty()) {
    Job job = {.compiled = &compiled_, .request = nullptr};
    problem = Sandbox(kPriceBudget).Run(&RunScript, &job);
  }
  if (!problem.empty()) {
    throw ConfigError("key \"script\" cannot be used: " + Readable(problem.data(), problem.size()) +
                      ": define a function price(request) that returns centimes and a description");
  }
}

Script::Result Script::Price(const topup_pricing_request_t& request) const {
  Job job = {.compiled = &compiled_, .request = &request};
  const std::string problem = Sandbox(kPriceBudget).Run(&RunScript, &job);
  if (!problem.empty()) Fail(Readable(problem.data(), problem.size()));
  switch (job.kind) {
    case Job::Kind::kPrice:
      break;
    case Job::Kind::kReason:
      throw PricingError(TOPUP_PRICING_NOT_COVERED,
                         "the script has no price: " + Readable(job.text, job.text_size));
    case Job::Kind::kWrongText:
      Fail(std::string("its description is a ") + job.type + ": return a price and a text");
    case Job::Kind::kNothing:
    case Job::Kind::kWrongPrice:
      Fail(std::string("its price is a ") + (job.is_float ? "floating-point number" : job.type) +
           ": return whole centimes and a description, or nil and a reason");
  }
  if (job.price_centimes < 0 || job.price_centimes > TOPUP_PRICING_AMOUNT_MAX) {
    throw PricingError(TOPUP_PRICING_OUT_OF_RANGE, "the script's price of " +
                                                       std::to_string(job.price_centimes) +
                                                       " centimes is not within 0.." +
                                                       std::to_string(TOPUP_PRICING_AMOUNT_MAX));
  }
  return {.price_centimes = job.price_centimes, .description = CheckedDescription(job)};
}

}  // namespace topup
