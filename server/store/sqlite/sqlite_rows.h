// Top-ups and events as rows: the only place that knows which field is in which column.
#ifndef TOPUP_SERVER_STORE_SQLITE_SQLITE_ROWS_H_
#define TOPUP_SERVER_STORE_SQLITE_SQLITE_ROWS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/core/topup.h"
#include "server/store/sqlite/sqlite_database.h"

namespace topup::store::sqlite {

// "SELECT ... FROM topups t " and `tail`. Build once and keep: the text is the statement's key.
std::string SelectTopups(absl::string_view tail);

// "SELECT ... FROM topup_events e JOIN topups t ... " and `tail`.
std::string SelectEvents(absl::string_view tail);

// Of the row where a SelectTopups or SelectEvents query stands. kDataLoss where it cannot have
// been written by us.
absl::StatusOr<core::Topup> ReadTopup(const Query& query);
absl::StatusOr<core::Event> ReadEvent(const Query& query);

// For people, of a row that ReadTopup refuses: its id, or "?" for what is no id (it may be
// anything).
std::string ReadTopupId(const Query& query);

// Parameters: everything of `topup`, its newest event's sequence, the number of the row.
const std::string& InsertTopupSql();
void BindTopup(Query& query, const core::Topup& topup, int64_t last_event, int64_t number);

// Writes all that can change. Parameters: that, then as above.
const std::string& UpdateTopupSql();
void BindTopupChange(Query& query, const core::Topup& topup, int64_t last_event, int64_t number);

// What an event is about: the row, and the place in that row's chain.
struct EventLink {
  int64_t sequence = 0;
  int64_t topup_number = 0;
  int64_t previous_event = 0;
};

const std::string& InsertEventSql();
void BindEvent(Query& query, const EventLink& link, const core::Topup& topup);

}  // namespace topup::store::sqlite

#endif  // TOPUP_SERVER_STORE_SQLITE_SQLITE_ROWS_H_
