// What operators are shown of cases, and what their decisions must have.
#include <string>
#include <utility>

#include "tests/server/api/api_server.h"

namespace topup::api {
namespace {

using core::TopupStatus;
using support::TestTime;
using testing::ElementsAre;
using testing::IsEmpty;

class AdminServiceTest : public ApiServerTest {
 protected:
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (admin::v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                          const Request&,
                                                                          Response*),
                    const Request& request, Response& response) {
    auto context = Context();
    response.Clear();
    return ((*admin_).*method)(context.get(), request, &response);
  }
  grpc::Status ListUnsettled() {
    return Call(&admin::v1::AdminService::Stub::ListUnsettled, unsettled_request_, unsettled_);
  }
  grpc::Status ListIncidents() {
    return Call(&admin::v1::AdminService::Stub::ListIncidents, incidents_request_, incidents_);
  }
  grpc::Status Resolve(const admin::v1::ResolveTopupRequest& request) {
    return Call(&admin::v1::AdminService::Stub::ResolveTopup, request, resolved_);
  }
  grpc::Status Close(const std::string& id, const std::string& reason) {
    admin::v1::CloseIncidentRequest request;
    request.set_incident_id(id);
    request.set_reason(reason);
    return Call(&admin::v1::AdminService::Stub::CloseIncident, request, closed_);
  }
  static admin::v1::ResolveTopupRequest Order() {
    admin::v1::ResolveTopupRequest request;
    request.set_topup_id("id-a");
    request.set_status(v1::TOPUP_STATUS_FULFILLED);
    request.set_reason("the customer has it");
    request.set_override(true);
    request.set_expected_revision(3);
    return request;
  }
  void AddIncident(const std::string& id) {
    store_.AddIncident({.id = id,
                        .topup_id = "id-" + id,
                        .kind = "CHARGE_MISMATCH",
                        .detail = "took 1.00 DZD",
                        .create_time = TestTime()},
                       [](const auto& added) { ASSERT_THAT(added, support::IsOk()); });
  }

  admin::v1::ListUnsettledRequest unsettled_request_;
  admin::v1::ListUnsettledResponse unsettled_;
  admin::v1::ListIncidentsRequest incidents_request_;
  admin::v1::ListIncidentsResponse incidents_;
  admin::v1::ResolveTopupResponse resolved_;
  admin::v1::CloseIncidentResponse closed_;
};

TEST_F(AdminServiceTest, ShowsCasesWithTheirEvidenceAndPages) {
  core::Topup topup = support::MakeQueuedTopup("a", "shop");
  topup.status = TopupStatus::kSubmitting;
  topup.progress.next_action_time = TestTime(absl::Minutes(1));
  core::Attempt attempt{.topup_id = "id-a", .fence = 1, .start_time = TestTime()};
  attempt.end_time = TestTime(absl::Seconds(20));
  attempt.evidence = core::Attempt::Evidence::kInDoubt;
  attempt.detail = "IN_DOUBT: timeout";
  const core::Check check{"id-a", TestTime(absl::Seconds(22)), 404, "NOT_FOUND", true, ""};
  engine_.unsettled.topups = {{.topup = topup,
                               .reason = "IN_DOUBT",
                               .age = absl::Seconds(30),
                               .attempts = {attempt},
                               .checks = {check}}};
  engine_.unsettled.more = true;
  engine_.unsettled.total = 7;
  engine_.unsettled.value_at_risk = core::Money::Centimes(364749);
  unsettled_request_.set_page_size(1);
  ASSERT_TRUE(ListUnsettled().ok());
  EXPECT_EQ(engine_.last_page().limit, 1);
  EXPECT_EQ(unsettled_.total(), 7);
  EXPECT_EQ(unsettled_.value_at_risk().centimes(), 364749);
  ASSERT_EQ(unsettled_.topups_size(), 1);
  const admin::v1::UnsettledTopup& shown = unsettled_.topups(0);
  EXPECT_EQ(shown.topup().topup_id(), "id-a");
  EXPECT_EQ(shown.topup().caller(), "shop");
  EXPECT_EQ(shown.reason(), "IN_DOUBT");
  EXPECT_EQ(shown.age().seconds(), 30);
  EXPECT_EQ(shown.next_check_time().seconds() - shown.topup().create_time().seconds(), 60);
  ASSERT_EQ(shown.attempts_size(), 1);
  EXPECT_EQ(shown.attempts(0).evidence(), admin::v1::Attempt::EVIDENCE_IN_DOUBT);
  EXPECT_EQ(shown.attempts(0).end_time().seconds() - shown.attempts(0).start_time().seconds(), 20);
  EXPECT_EQ(shown.attempts(0).detail(), "IN_DOUBT: timeout");
  ASSERT_EQ(shown.checks_size(), 1);
  EXPECT_TRUE(shown.checks(0).valid_not_found());
  EXPECT_EQ(shown.checks(0).provider_error_code(), "NOT_FOUND");

  // The next page starts after the last one shown; a token of one list opens no other.
  unsettled_request_.set_page_token(unsettled_.next_page_token());
  ASSERT_TRUE(ListUnsettled().ok());
  EXPECT_EQ(engine_.last_page().after_id, "id-a");
  incidents_request_.set_page_token(unsettled_request_.page_token());
  EXPECT_EQ(ReadError(ListIncidents()).reason, "PAGE_TOKEN_INVALID");
  unsettled_request_.set_page_size(-1);
  EXPECT_THAT(ReadError(ListUnsettled()).fields, ElementsAre("page_size"));
}

TEST_F(AdminServiceTest, HandsADecisionOnInTheCallersName) {
  engine_.resolved.topup = support::MakeQueuedTopup("a", "shop");
  engine_.resolved.topup.status = TopupStatus::kFulfilled;
  engine_.resolved.resolution = {
      .decided_by = "local", .reason = "the customer has it", .time = TestTime()};
  ASSERT_TRUE(Resolve(Order()).ok());
  const engine::ResolveCommand command = engine_.last_resolve();
  EXPECT_EQ(command.topup_id, "id-a");
  EXPECT_EQ(command.status, TopupStatus::kFulfilled);
  EXPECT_EQ(command.decided_by, "local");
  EXPECT_EQ(command.reason, "the customer has it");
  EXPECT_TRUE(command.override);
  EXPECT_EQ(command.expected_revision, 3);
  EXPECT_EQ(resolved_.topup().status(), v1::TOPUP_STATUS_FULFILLED);
  EXPECT_EQ(resolved_.resolution().decided_by(), "local");
  EXPECT_EQ(resolved_.resolution().decide_time().seconds(), absl::ToUnixSeconds(TestTime()));

  engine_.FailWith(base::MakeError(absl::StatusCode::kAborted, "It is at revision 4.",
                                   {.reason = "REVISION_CHANGED"}));
  const WireError error = ReadError(Resolve(Order()));
  EXPECT_EQ(error.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(error.reason, "REVISION_CHANGED");
}

TEST_F(AdminServiceTest, RefusesADecisionWithoutWhatItNeeds) {
  EXPECT_THAT(ReadError(Resolve({})).fields, ElementsAre("topup_id", "status", "reason"));
  for (const v1::TopupStatus status :
       {v1::TOPUP_STATUS_QUEUED, v1::TOPUP_STATUS_PENDING, v1::TOPUP_STATUS_CANCELLED}) {
    admin::v1::ResolveTopupRequest request = Order();
    request.set_status(status);
    EXPECT_THAT(ReadError(Resolve(request)).fields, ElementsAre("status"));
  }
  for (const std::string& reason :
       {std::string(" "), std::string("a\nb"), std::string(1001, 'x')}) {
    admin::v1::ResolveTopupRequest request = Order();
    request.set_reason(reason);
    EXPECT_THAT(ReadError(Resolve(request)).fields, ElementsAre("reason"));
    EXPECT_THAT(ReadError(Close("i1", reason)).fields, ElementsAre("reason"));
  }
  EXPECT_EQ(engine_.last_resolve().topup_id, "");
}

TEST_F(AdminServiceTest, ListsAndClosesIncidents) {
  for (const char* id : {"i1", "i2", "i3"}) AddIncident(id);
  incidents_request_.set_page_size(2);
  ASSERT_TRUE(ListIncidents().ok());
  ASSERT_EQ(incidents_.incidents_size(), 2);
  EXPECT_EQ(incidents_.incidents(0).incident_id(), "i1");
  EXPECT_EQ(incidents_.incidents(0).topup_id(), "id-i1");
  EXPECT_EQ(incidents_.incidents(0).kind(), "CHARGE_MISMATCH");
  EXPECT_EQ(incidents_.incidents(0).detail(), "took 1.00 DZD");
  EXPECT_FALSE(incidents_.incidents(0).has_resolution());
  incidents_request_.set_page_token(incidents_.next_page_token());
  ASSERT_TRUE(ListIncidents().ok());
  ASSERT_EQ(incidents_.incidents_size(), 1);
  EXPECT_EQ(incidents_.incidents(0).incident_id(), "i3");
  EXPECT_THAT(incidents_.next_page_token(), IsEmpty());

  ASSERT_TRUE(Close("i1", "paid back").ok());
  EXPECT_EQ(closed_.incident().incident_id(), "i1");
  EXPECT_EQ(closed_.incident().resolution().decided_by(), "local");
  EXPECT_EQ(closed_.incident().resolution().reason(), "paid back");
  incidents_request_.Clear();
  ASSERT_TRUE(ListIncidents().ok());
  EXPECT_EQ(incidents_.incidents_size(), 2);
  incidents_request_.set_include_closed(true);
  ASSERT_TRUE(ListIncidents().ok());
  EXPECT_EQ(incidents_.incidents_size(), 3);
  EXPECT_EQ(ReadError(Close("i9", "paid back")).reason, "INCIDENT_NOT_FOUND");
}

}  // namespace
}  // namespace topup::api
