#include "server/core/customer_message.h"

namespace topup::core {
namespace {

constexpr CustomerMessage kInProgress = {
    .ar = "شحن رصيدك قيد المعالجة.",
    .fr = "Votre recharge est en cours de traitement.",
    .en = "Your top-up is being processed.",
};
constexpr CustomerMessage kUnknown = {
    .ar = "يجري التحقق من شحن رصيدك لدى المتعامل. يرجى الانتظار قبل إعادة المحاولة.",
    .fr =
        "Votre recharge est en cours de vérification auprès de l'opérateur. Merci d'attendre "
        "avant de réessayer.",
    .en = "Your top-up is being checked with the operator. Please wait before you try again.",
};
constexpr CustomerMessage kDelivered = {
    .ar = "تم شحن رصيدك بنجاح.",
    .fr = "Votre recharge a été effectuée.",
    .en = "Your top-up has been delivered.",
};
constexpr CustomerMessage kNotDelivered = {
    .ar = "تعذر شحن رصيدك. سيعاد إليك المبلغ.",
    .fr = "Votre recharge n'a pas pu être effectuée. Vous serez remboursé.",
    .en = "Your top-up could not be delivered. Your money will be returned.",
};
constexpr CustomerMessage kCancelled = {
    .ar = "ألغي شحن رصيدك قبل إرساله. سيعاد إليك المبلغ.",
    .fr = "Votre recharge a été annulée avant son envoi. Vous serez remboursé.",
    .en = "Your top-up was cancelled before it was sent. Your money will be returned.",
};

}  // namespace

const CustomerMessage& CustomerMessageFor(TopupStatus status) {
  switch (status) {
    case TopupStatus::kQueued:
    case TopupStatus::kSubmitting:
    case TopupStatus::kPending:
    case TopupStatus::kHandling:
      return kInProgress;
    case TopupStatus::kUnknownError:
      return kUnknown;
    case TopupStatus::kFulfilled:
      return kDelivered;
    case TopupStatus::kRefunded:
    case TopupStatus::kRejected:
      return kNotDelivered;
    case TopupStatus::kCancelled:
      return kCancelled;
  }
  return kInProgress;
}

}  // namespace topup::core
