// Every kind of answer that is documented, was captured, or can be thought of, and what it
// says about our money. The danger: reading as "not taken" what may have been taken.
#include "server/core/answer_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/server/core/scenario.h"

namespace topup::core {
namespace {

constexpr char kRef[] = "T-deployment-0001";

SendMeaning Judge(SendAnswer answer) { return JudgeSend(answer, kRef); }

SendMeaning Judge(int http_status, std::string code) {
  return Judge(Refused(http_status, std::move(code)));
}

ReadMeaning JudgeReadOf(const SendAnswer& answer) { return JudgeExchange(answer.exchange); }

TEST(AnswerTableTest, SuccessWithOurRefBareOrBehindAPrefixIsAccepted) {
  EXPECT_EQ(Judge(Accepted(kRef)), SendMeaning::kAccepted);
  EXPECT_EQ(Judge(Accepted(std::string("API-+213665983439-") + kRef)), SendMeaning::kAccepted);
  SendAnswer created = Accepted(kRef);
  created.exchange.http_status = 201;
  EXPECT_EQ(Judge(created), SendMeaning::kAccepted);
}

TEST(AnswerTableTest, SuccessWithAnotherRefOrNoneIsInDoubt) {
  EXPECT_EQ(Judge(Accepted("T-deployment-0002")), SendMeaning::kInDoubt);
  EXPECT_EQ(Judge(Accepted(std::string("X") + kRef)), SendMeaning::kInDoubt);
  EXPECT_EQ(Judge(Accepted(std::string(kRef) + "-2")), SendMeaning::kInDoubt);
  EXPECT_EQ(Judge(Accepted("")), SendMeaning::kInDoubt);
}

TEST(AnswerTableTest, AnEmptyRefOfOursNamesNothing) {
  EXPECT_FALSE(IsOurRef("", ""));
  EXPECT_FALSE(IsOurRef("API-", ""));
}

TEST(AnswerTableTest, SuccessUnderAnyOtherStatusIsInDoubtAndNeverNotTaken) {
  for (int status = 100; status < 600; ++status) {
    if (status / 100 == 2) continue;
    SendAnswer answer = Accepted(kRef);
    answer.exchange.http_status = status;
    EXPECT_EQ(Judge(answer), SendMeaning::kInDoubt) << status;
    answer.exchange.error_code = "IP_BLOCKED";
    EXPECT_EQ(Judge(answer), SendMeaning::kInDoubt) << status;
  }
}

TEST(AnswerTableTest, WhatNeverLeftIsUnsent) { EXPECT_EQ(Judge(Unsent()), SendMeaning::kUnsent); }

TEST(AnswerTableTest, AnAnswerProvesThatSomethingLeft) {
  SendAnswer answer = Accepted(kRef);
  answer.exchange.request_left = false;
  EXPECT_EQ(Judge(answer), SendMeaning::kAccepted);
  SendAnswer cut = TimedOut();
  cut.exchange.request_left = false;
  cut.exchange.http_status = 200;
  EXPECT_EQ(Judge(cut), SendMeaning::kInDoubt);
}

TEST(AnswerTableTest, EveryWellFormed4xxWithACodeIsARefusalButForTheOnesThatTellOfARace) {
  const std::set<int> others = {401, 408, 409, 425, 429, 499};
  for (int status = 400; status < 500; ++status) {
    for (const char* code : {"ERR_VALIDATION", "ERR_PHONE", "INVALID_PHONE", "NEVER_SEEN"}) {
      if (others.count(status) == 0) {
        EXPECT_EQ(Judge(status, code), SendMeaning::kRefused) << status << code;
      }
    }
  }
  for (int status : {408, 409, 425, 499}) {
    for (const char* code : {"ERR_VALIDATION", "INSUFFICIENT_BALANCE", "INVALID_ACCESS_TOKEN"}) {
      EXPECT_EQ(Judge(status, code), SendMeaning::kInDoubt) << status << code;
    }
  }
}

TEST(AnswerTableTest, A4xxWithoutACodeOrWithoutTheEnvelopeIsInDoubt) {
  EXPECT_EQ(Judge(400, ""), SendMeaning::kInDoubt);
  EXPECT_EQ(Judge(403, ""), SendMeaning::kInDoubt);
  EXPECT_EQ(Judge(404, ""), SendMeaning::kInDoubt);
  for (int status : {400, 403, 405, 413, 422}) {
    EXPECT_EQ(Judge(WithoutEnvelope(status)), SendMeaning::kInDoubt) << status;
  }
}

TEST(AnswerTableTest, AFailureUnder2xxOr5xxIsInDoubt) {
  for (int status : {200, 202, 500, 501, 502, 504, 520, 599}) {
    EXPECT_EQ(Judge(status, "INSUFFICIENT_BALANCE"), SendMeaning::kInDoubt) << status;
    EXPECT_EQ(Judge(status, "INTERNAL_ERROR"), SendMeaning::kInDoubt) << status;
    EXPECT_EQ(Judge(status, ""), SendMeaning::kInDoubt) << status;
    EXPECT_EQ(Judge(WithoutEnvelope(status)), SendMeaning::kInDoubt) << status;
  }
}

TEST(AnswerTableTest, BothBalanceCodesAreNoMoney) {
  EXPECT_EQ(Judge(403, "INSUFFICIENT_BALANCE"), SendMeaning::kNoMoney);
  EXPECT_EQ(Judge(403, "NO_BALANCE"), SendMeaning::kNoMoney);
  EXPECT_EQ(Judge(400, "NO_BALANCE"), SendMeaning::kNoMoney);
}

TEST(AnswerTableTest, TheDuplicateCodeMeansThatACopyExistsWhateverTheStatus) {
  for (int status : {200, 400, 401, 403, 408, 409, 422, 429, 500, 503}) {
    EXPECT_EQ(Judge(status, "DUPLICATED_REF"), SendMeaning::kDuplicate) << status;
  }
}

TEST(AnswerTableTest, ThrottlingIs429InAnyFormAnd503InTheEnvelopeOnly) {
  EXPECT_EQ(Judge(429, "RATE_LIMIT_EXCEEDED"), SendMeaning::kThrottled);
  EXPECT_EQ(Judge(429, ""), SendMeaning::kThrottled);
  EXPECT_EQ(Judge(WithoutEnvelope(429)), SendMeaning::kThrottled);
  EXPECT_EQ(Judge(503, "SERVICE_UNAVAILABLE"), SendMeaning::kThrottled);
  EXPECT_EQ(Judge(503, ""), SendMeaning::kThrottled);
  EXPECT_EQ(Judge(WithoutEnvelope(503)), SendMeaning::kInDoubt);
}

TEST(AnswerTableTest, OurOwnConfigurationIsToldApartFromARefusal) {
  EXPECT_EQ(Judge(401, "INVALID_ACCESS_TOKEN"), SendMeaning::kConfiguration);
  EXPECT_EQ(Judge(401, ""), SendMeaning::kConfiguration);
  EXPECT_EQ(Judge(WithoutEnvelope(401)), SendMeaning::kConfiguration);
  for (const char* code : {"MISSING_ACCESS_TOKEN", "INVALID_ACCESS_TOKEN", "ERR_AUTH"}) {
    EXPECT_EQ(Judge(400, code), SendMeaning::kConfiguration) << code;
  }
  for (const char* code : {"IP_BLOCKED", "IP_NOT_ALLOWED", "API_DISABLED"}) {
    EXPECT_EQ(Judge(403, code), SendMeaning::kConfiguration) << code;
    EXPECT_EQ(Judge(400, code), SendMeaning::kRefused) << code;
  }
  EXPECT_EQ(Judge(WithoutEnvelope(404)), SendMeaning::kConfiguration);
  EXPECT_EQ(Judge(404, "NOT_FOUND"), SendMeaning::kRefused);
  for (int status : {300, 301, 302, 303, 304, 307, 308}) {
    EXPECT_EQ(Judge(WithoutEnvelope(status)), SendMeaning::kConfiguration) << status;
  }
}

TEST(AnswerTableTest, NothingThatIsNotWholeIsBelieved) {
  EXPECT_EQ(Judge(TimedOut()), SendMeaning::kInDoubt);
  for (int status : {200, 301, 400, 401, 403, 404, 429, 503}) {
    for (const char* code : {"", "ERR_VALIDATION", "DUPLICATED_REF", "IP_BLOCKED"}) {
      SendAnswer answer = Refused(status, code);
      answer.exchange.response_complete = false;
      EXPECT_EQ(Judge(answer), SendMeaning::kInDoubt) << status << code;
      EXPECT_EQ(JudgeReadOf(answer), ReadMeaning::kFailed) << status << code;
    }
  }
}

TEST(AnswerTableTest, TheLastRowTakesEverything) {
  ASSERT_FALSE(AnswerTable().empty());
  EXPECT_EQ(AnswerTable().back().meaning, SendMeaning::kInDoubt);
  EXPECT_EQ(Judge(0, ""), SendMeaning::kInDoubt);
  EXPECT_EQ(Judge(999, "ANY"), SendMeaning::kInDoubt);
}

TEST(AnswerTableTest, RowsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const AnswerRow& row : AnswerTable()) names.insert(std::string(row.name));
  EXPECT_EQ(names.size(), AnswerTable().size());
  EXPECT_EQ(names.count(""), 0u);
}

TEST(AnswerTableTest, RefusalReasonsFollowTheCode) {
  EXPECT_EQ(RefusalReason("INSUFFICIENT_BALANCE"), RejectionReason::kProviderInsufficientBalance);
  EXPECT_EQ(RefusalReason("NO_BALANCE"), RejectionReason::kProviderInsufficientBalance);
  for (const char* code : {"ERR_VALIDATION", "ERR_PHONE", "INVALID_PHONE"}) {
    EXPECT_EQ(RefusalReason(code), RejectionReason::kProviderValidation) << code;
  }
  EXPECT_EQ(RefusalReason("NOT_FOUND"), RejectionReason::kProviderRefused);
  EXPECT_EQ(RefusalReason("NEVER_SEEN"), RejectionReason::kProviderRefused);
}

TEST(ReadMeaningTest, FoundNeedsASuccessAndATopupThatCouldBeDecoded) {
  Topup topup;
  topup.provider_ref = kRef;
  ReadAnswer answer = Shown(topup, ProviderTopup::Status::kPending);
  EXPECT_EQ(JudgeRead(answer), ReadMeaning::kFound);
  answer.topup.reset();
  EXPECT_EQ(JudgeRead(answer), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeExchange(answer.exchange), ReadMeaning::kFound);
  answer = Shown(topup, ProviderTopup::Status::kPending);
  answer.exchange.http_status = 500;
  EXPECT_EQ(JudgeRead(answer), ReadMeaning::kFailed);
}

TEST(ReadMeaningTest, OnlyTheEnveloped404WithItsCodeIsANotFound) {
  EXPECT_EQ(JudgeRead(NotFound()), ReadMeaning::kNotFound);
  EXPECT_EQ(JudgeReadOf(Refused(404, "")), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeReadOf(Refused(404, "ROUTE_NOT_FOUND")), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeReadOf(Refused(400, "NOT_FOUND")), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeReadOf(Refused(410, "NOT_FOUND")), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeReadOf(WithoutEnvelope(404)), ReadMeaning::kConfiguration);
  ReadAnswer contradictory = NotFound();
  contradictory.exchange.success = true;
  EXPECT_EQ(JudgeRead(contradictory), ReadMeaning::kFailed);
}

TEST(ReadMeaningTest, OurConfigurationAndThrottlingAreSeenOnReadsToo) {
  EXPECT_EQ(JudgeReadOf(Refused(401, "INVALID_ACCESS_TOKEN")), ReadMeaning::kConfiguration);
  EXPECT_EQ(JudgeReadOf(Refused(403, "IP_BLOCKED")), ReadMeaning::kConfiguration);
  EXPECT_EQ(JudgeReadOf(WithoutEnvelope(302)), ReadMeaning::kConfiguration);
  EXPECT_EQ(JudgeReadOf(Refused(429, "")), ReadMeaning::kThrottled);
  EXPECT_EQ(JudgeReadOf(Refused(503, "")), ReadMeaning::kThrottled);
  EXPECT_EQ(JudgeReadOf(WithoutEnvelope(503)), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeReadOf(Refused(500, "INTERNAL_ERROR")), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeReadOf(WithoutEnvelope(200)), ReadMeaning::kFailed);
  EXPECT_EQ(JudgeReadOf(Unsent()), ReadMeaning::kFailed);
}

}  // namespace
}  // namespace topup::core
