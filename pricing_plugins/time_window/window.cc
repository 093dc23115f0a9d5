#include "pricing_plugins/time_window/window.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "pricing_plugins/sdk/errors.h"

namespace topup {
namespace {

using pricing_sdk::Config;
using pricing_sdk::ConfigError;

constexpr int kDayCount = 7;
constexpr const char* kDays[kDayCount] = {"monday", "tuesday",  "wednesday", "thursday",
                                          "friday", "saturday", "sunday"};
constexpr const char* kShortDays[kDayCount] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

constexpr char kMomentRemedy[] =
    "a moment in Algiers such as \"2026-12-01T00:00\", on a day that the calendar has";

// Numbers every minute so that later ones have larger numbers; the gaps do not matter.
int64_t MinuteOf(const topup_pricing_civil_time_t& time) {
  return (((int64_t{time.year} * 13 + time.month) * 32 + time.day) * 24 + time.hour) * 60 +
         time.minute;
}

int32_t DaysIn(int32_t year, int32_t month) {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Reads "2026-12-01T00:00", and no other way of writing it.
int64_t ReadMoment(const Config& config, const char* key) {
  const std::string& text = config.Text(key);
  static const std::string kForm = "dddd-dd-ddTdd:dd";
  const auto fits = [](char form, char c) {
    return form == 'd' ? c >= '0' && c <= '9' : c == form;
  };
  if (!std::equal(kForm.begin(), kForm.end(), text.begin(), text.end(), fits)) {
    config.Refuse(key, kMomentRemedy);
  }
  const auto number = [&text](size_t at, size_t size) {
    return static_cast<int32_t>(std::stol(text.substr(at, size)));
  };
  const topup_pricing_civil_time_t time = {.year = number(0, 4),
                                           .month = number(5, 2),
                                           .day = number(8, 2),
                                           .weekday = 0,
                                           .hour = number(11, 2),
                                           .minute = number(14, 2),
                                           .second = 0,
                                           .reserved = 0};
  if (time.year < 2000 || time.year > 2099 || time.month < 1 || time.month > 12 || time.day < 1 ||
      time.day > DaysIn(time.year, time.month) || time.hour > 23 || time.minute > 59) {
    config.Refuse(key, kMomentRemedy);
  }
  return MinuteOf(time);
}

}  // namespace

Window::Window(const Config& config) {
  ReadHours(config);
  ReadDays(config);
  ReadPromotion(config);
  if (has_hours_ || has_days_ || !start_.empty() || !end_.empty()) return;
  throw ConfigError(
      "no window is given: use \"from_hour\" with \"to_hour\", \"days\", \"start\" or \"end\"");
}

void Window::ReadHours(const Config& config) {
  if (!config.Has("from_hour") && !config.Has("to_hour")) return;
  has_hours_ = true;
  from_hour_ = static_cast<int32_t>(config.Integer("from_hour", 0, 23));
  const auto to_hour = static_cast<int32_t>(config.Integer("to_hour", 0, 23));
  if (from_hour_ == to_hour) config.Refuse("to_hour", "another hour than \"from_hour\"");
  hour_count_ = (to_hour - from_hour_ + 24) % 24;
}

void Window::ReadDays(const Config& config) {
  if (!config.Has("days")) return;
  has_days_ = true;
  const std::vector<std::string> names = config.Texts("days");
  for (const std::string& name : names) {
    const auto* const found = std::find(std::begin(kDays), std::end(kDays), name);
    bool* const day = days_ + (found - std::begin(kDays));
    if (found == std::end(kDays) || *day) break;
    *day = true;
  }
  const auto count = std::count(std::begin(days_), std::end(days_), true);
  if (names.empty() || static_cast<size_t>(count) != names.size()) {
    config.Refuse("days", "\"monday\" to \"sunday\", each at most once, at least one");
  }
}

void Window::ReadPromotion(const Config& config) {
  if (config.Has("start")) {
    start_ = config.Text("start");
    start_minute_ = ReadMoment(config, "start");
  }
  if (config.Has("end")) {
    end_ = config.Text("end");
    end_minute_ = ReadMoment(config, "end");
    if (end_minute_ <= start_minute_) config.Refuse("end", "a moment after \"start\"");
  }
}

Window::Place Window::PlaceOf(const topup_pricing_civil_time_t& algiers) const {
  const int64_t minute = MinuteOf(algiers);
  if (minute < start_minute_) return Place::kBeforeStart;
  if (minute >= end_minute_) return Place::kAfterEnd;
  const int32_t hours_since = (algiers.hour - from_hour_ + 24) % 24;
  if (hours_since >= hour_count_) return Place::kOutside;
  if (!has_days_) return Place::kInside;
  const bool began_yesterday = algiers.hour < from_hour_;
  const int32_t day = (algiers.weekday - 1 + (began_yesterday ? kDayCount - 1 : 0)) % kDayCount;
  return day >= 0 && days_[day] ? Place::kInside : Place::kOutside;
}

std::string Window::Hours() const {
  return std::to_string(from_hour_) + " to " + std::to_string((from_hour_ + hour_count_) % 24) +
         " h";
}

std::string Window::Days() const {
  std::string text;
  for (int first = 0; first < kDayCount; ++first) {
    if (!days_[first]) continue;
    int last = first;
    while (last + 1 < kDayCount && days_[last + 1]) ++last;
    if (!text.empty()) text += " ";
    text += kShortDays[first];
    if (last > first) text += std::string("-") + kShortDays[last];
    first = last;
  }
  return text;
}

std::string Window::DescribeInside() const {
  std::string text;
  if (has_hours_) text += " from " + Hours();
  if (has_days_) text += (text.empty() ? " on " : ", ") + Days();
  if (!end_.empty()) {
    text += (text.empty() ? " until " : ", until ") + end_;
  } else if (!start_.empty()) {
    text += (text.empty() ? " since " : ", since ") + start_;
  }
  return text;
}

std::string Window::DescribeOutside(Place place) const {
  if (place == Place::kBeforeStart) return "before " + start_;
  if (place == Place::kAfterEnd) return "from " + end_ + " on";
  std::string text = "outside of ";
  if (has_hours_) text += Hours();
  if (has_days_) text += (has_hours_ ? ", " : "") + Days();
  return text;
}

}  // namespace topup
