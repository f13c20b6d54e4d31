// SPDX-License-Identifier: Apache-2.0
// put() and take() for lists and parts of messages: put(wire, value) writes the model into a generated message,
// take(check, wire, value) is the way back. The overloads for single messages are in *_wire.hpp and are found through
// their arguments.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/codec/check.hpp"

namespace duet::v1 {

template <class T>
using Repeated = google::protobuf::RepeatedPtrField<T>;

/// A message inside a message.
template <class Wire, class Value>
void take_part(Check& check, const char* field, const Wire& wire, Value& out) {
  const Check::Scope scope{check, field};
  take(check, wire, out);
}

template <class Wire, class Value>
void put_list(Repeated<Wire>& wire, const std::vector<Value>& values) {
  wire.Reserve(static_cast<int>(values.size()));
  for (const Value& value : values) put(*wire.Add(), value);
}

template <class Wire, class Value>
void take_list(Check& check, const char* field, const Repeated<Wire>& wire, std::size_t limit,
               std::vector<Value>& out) {
  const auto size = static_cast<std::size_t>(wire.size());
  if (!check.within(field, size, limit)) return;
  out.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, field, i};
    take(check, wire.Get(static_cast<int>(i)), out[i]);
  }
}

inline void put_ids(Repeated<std::string>& wire, const std::vector<ObjectId>& values) {
  for (const ObjectId& value : values) *wire.Add() = value;
}

inline void take_ids(Check& check, const char* field, const Repeated<std::string>& wire, std::size_t limit,
                     std::vector<ObjectId>& out) {
  const auto size = static_cast<std::size_t>(wire.size());
  if (!check.within(field, size, limit)) return;
  out.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, field, i};
    check.id("", wire.Get(static_cast<int>(i)), out[i]);
  }
}

/// Node ids without 0.
inline void take_nodes(Check& check, const char* field, const google::protobuf::RepeatedField<std::uint32_t>& wire,
                       std::size_t limit, std::vector<NodeId>& out) {
  const auto size = static_cast<std::size_t>(wire.size());
  if (!check.within(field, size, limit)) return;
  out.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, field, i};
    check.node("", wire.Get(static_cast<int>(i)), out[i]);
  }
}

/// Texts for people, each at most `length` bytes.
inline void put_texts(Repeated<std::string>& wire, const std::vector<std::string>& values, std::size_t length) {
  for (const std::string& value : values) *wire.Add() = display_text(value, length);
}

inline void take_texts(Check& check, const char* field, const Repeated<std::string>& wire, std::size_t limit,
                       std::size_t length, std::vector<std::string>& out) {
  const auto size = static_cast<std::size_t>(wire.size());
  if (!check.within(field, size, limit)) return;
  out.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Check::Scope scope{check, field, i};
    check.text("", wire.Get(static_cast<int>(i)), length, out[i]);
  }
}

/// Parses `bytes` as one generated message and takes it; the result is looked at through `check`.
template <class Wire, class Value>
void parse_and_take(Check& check, ByteView bytes, Value& out) {
  Wire wire;
  if (!wire.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return check.refuse("body", {}, "a message of this kind");
  }
  take(check, wire, out);
}

}  // namespace duet::v1
