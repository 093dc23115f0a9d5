#include "tests/fuzz/message_mutator.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace topup::fuzz {

using google::protobuf::Message;
using google::protobuf::Reflection;

void MessageMutator::Mutate(Message& message) {
  const int count = message.GetDescriptor()->field_count();
  if (count == 0) return;
  const Field& field = *message.GetDescriptor()->field(static_cast<int>(Below(count)));
  if (field.is_repeated()) {
    MutateRepeated(message, field);
  } else if (Below(8) == 0) {
    message.GetReflection()->ClearField(&message, &field);
  } else {
    MutateSingular(message, field);
  }
}

void MessageMutator::MutateSingular(Message& message, const Field& field) {
  const Reflection& access = *message.GetReflection();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_INT32:
      access.SetInt32(&message, &field,
                      static_cast<int32_t>(Number(access.GetInt32(message, &field))));
      break;
    case Field::CPPTYPE_INT64:
      access.SetInt64(&message, &field, Number(access.GetInt64(message, &field)));
      break;
    case Field::CPPTYPE_UINT32:
      access.SetUInt32(&message, &field,
                       static_cast<uint32_t>(Number(access.GetUInt32(message, &field))));
      break;
    case Field::CPPTYPE_UINT64:
      access.SetUInt64(
          &message, &field,
          static_cast<uint64_t>(Number(static_cast<int64_t>(access.GetUInt64(message, &field)))));
      break;
    case Field::CPPTYPE_DOUBLE:
      access.SetDouble(&message, &field, static_cast<double>(Number(0)) / 7);
      break;
    case Field::CPPTYPE_FLOAT:
      access.SetFloat(&message, &field, static_cast<float>(Number(0)) / 7);
      break;
    case Field::CPPTYPE_BOOL:
      access.SetBool(&message, &field, !access.GetBool(message, &field));
      break;
    case Field::CPPTYPE_ENUM:
      access.SetEnumValue(&message, &field, EnumNumber(field));
      break;
    case Field::CPPTYPE_STRING:
      access.SetString(&message, &field, Text(field, access.GetString(message, &field)));
      break;
    case Field::CPPTYPE_MESSAGE:
      Mutate(*access.MutableMessage(&message, &field));
      break;
  }
}

void MessageMutator::MutateRepeated(Message& message, const Field& field) {
  const Reflection& access = *message.GetReflection();
  const int size = access.FieldSize(message, &field);
  if (size == 0) return AddElement(message, field);
  const int at = static_cast<int>(Below(size));
  switch (Below(5)) {
    case 0:
      access.SwapElements(&message, &field, at, size - 1);
      access.RemoveLast(&message, &field);
      break;
    case 1:
      access.SwapElements(&message, &field, at, static_cast<int>(Below(size)));
      break;
    case 2:
      // Many of them: limits are on counts too.
      for (uint64_t left = Below(20); left > 0; --left) AddElement(message, field);
      break;
    case 3:
      AddElement(message, field);
      break;
    default:
      MutateElement(message, field, at);
  }
}

void MessageMutator::AddElement(Message& message, const Field& field) {
  const Reflection& access = *message.GetReflection();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_INT32:
      access.AddInt32(&message, &field, static_cast<int32_t>(Number(0)));
      break;
    case Field::CPPTYPE_INT64:
      access.AddInt64(&message, &field, Number(0));
      break;
    case Field::CPPTYPE_UINT32:
      access.AddUInt32(&message, &field, static_cast<uint32_t>(Number(0)));
      break;
    case Field::CPPTYPE_UINT64:
      access.AddUInt64(&message, &field, static_cast<uint64_t>(Number(0)));
      break;
    case Field::CPPTYPE_DOUBLE:
      access.AddDouble(&message, &field, static_cast<double>(Number(0)));
      break;
    case Field::CPPTYPE_FLOAT:
      access.AddFloat(&message, &field, static_cast<float>(Number(0)));
      break;
    case Field::CPPTYPE_BOOL:
      access.AddBool(&message, &field, Below(2) == 0);
      break;
    case Field::CPPTYPE_ENUM:
      access.AddEnumValue(&message, &field, EnumNumber(field));
      break;
    case Field::CPPTYPE_STRING:
      access.AddString(&message, &field, Text(field, ""));
      break;
    case Field::CPPTYPE_MESSAGE: {
      // A map is a list of pairs here; an empty pair of each kind would only replace itself.
      Message& added = *access.AddMessage(&message, &field);
      for (int i = 0; i < 2; ++i) Mutate(added);
      break;
    }
  }
}

void MessageMutator::MutateElement(Message& message, const Field& field, int at) {
  const Reflection& access = *message.GetReflection();
  if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
    Mutate(*access.MutableRepeatedMessage(&message, &field, at));
  } else if (field.cpp_type() == Field::CPPTYPE_STRING) {
    access.SetRepeatedString(&message, &field, at,
                             Text(field, access.GetRepeatedString(message, &field, at)));
  } else {
    AddElement(message, field);
    const int last = access.FieldSize(message, &field) - 1;
    access.SwapElements(&message, &field, at, last);
    access.RemoveLast(&message, &field);
  }
}

int64_t MessageMutator::Number(int64_t before) {
  constexpr int64_t kEdges[] = {0,
                                1,
                                -1,
                                50,
                                500,
                                1000,
                                999999,
                                std::numeric_limits<int32_t>::max(),
                                std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int64_t>::min()};
  const auto bits = static_cast<uint64_t>(before);
  switch (Below(4)) {
    case 0:
      return kEdges[Below(std::size(kEdges))];
    case 1:
      return static_cast<int64_t>(bits ^ (uint64_t{1} << Below(64)));
    case 2:
      return static_cast<int64_t>(bits + Below(33) - 16);
    default:
      return static_cast<int64_t>(Below(uint64_t{1} << Below(63)));
  }
}

int MessageMutator::EnumNumber(const Field& field) {
  const google::protobuf::EnumDescriptor& values = *field.enum_type();
  // Numbers that no version of the contract knows are well-formed too.
  if (Below(8) == 0) return static_cast<int>(Below(300)) - 20;
  return values.value(static_cast<int>(Below(values.value_count())))->number();
}

std::string MessageMutator::Text(const Field& field, const std::string& before) {
  std::string text =
      Below(3) == 0 && !words_.empty() ? words_[Below(words_.size())] : mutate_bytes_(before);
  if (field.type() == Field::TYPE_STRING && Below(8) != 0) {
    bool is_ascii = true;
    for (const char c : text) is_ascii = is_ascii && static_cast<unsigned char>(c) < 0x80;
    // Words may have letters of two bytes; what was changed at random is made ASCII.
    const bool is_word = std::find(words_.begin(), words_.end(), text) != words_.end();
    if (!is_ascii && !is_word) {
      for (char& c : text) c = static_cast<char>(c & 0x7f);
    }
  }
  return text;
}

}  // namespace topup::fuzz
