// SPDX-License-Identifier: Apache-2.0
// Configuration: model <-> generated messages.
#pragma once

#include "core/codec/parts.hpp"
#include "core/model/config.hpp"
#include "proto/config.pb.h"

namespace duet::v1 {

/// Writes the pairs in the map's order.
void put_attributes(Repeated<Pair>& wire, const duet::Attributes& values);
/// Names must be strictly ascending, so that a map has one form only.
void take_attributes(Check& check, const char* field, const Repeated<Pair>& wire, duet::Attributes& out);

void put(AgentRef& wire, const duet::AgentRef& value);
void take(Check& check, const AgentRef& wire, duet::AgentRef& value);
void put(Operation& wire, const duet::Operation& value);
void take(Check& check, const Operation& wire, duet::Operation& value);
void put(Primitive& wire, const duet::Primitive& value);
void take(Check& check, const Primitive& wire, duet::Primitive& value);
void put(Group& wire, const duet::Group& value);
void take(Check& check, const Group& wire, duet::Group& value);
void put(LocationConstraint& wire, const duet::LocationConstraint& value);
void take(Check& check, const LocationConstraint& wire, duet::LocationConstraint& value);
void put(ColocationConstraint& wire, const duet::ColocationConstraint& value);
void take(Check& check, const ColocationConstraint& wire, duet::ColocationConstraint& value);
void put(OrderConstraint& wire, const duet::OrderConstraint& value);
void take(Check& check, const OrderConstraint& wire, duet::OrderConstraint& value);
void put(FenceDevice& wire, const duet::FenceDevice& value);
void take(Check& check, const FenceDevice& wire, duet::FenceDevice& value);
void put(FenceLevel& wire, const duet::FenceLevel& value);
void take(Check& check, const FenceLevel& wire, duet::FenceLevel& value);
void put(Node& wire, const duet::Node& value);
void take(Check& check, const Node& wire, duet::Node& value);
void put(ClusterConfig& wire, const duet::ClusterConfig& value);
void take(Check& check, const ClusterConfig& wire, duet::ClusterConfig& value);
void put(ConfigPosition& wire, const duet::ConfigPosition& value);
void take(Check& check, const ConfigPosition& wire, duet::ConfigPosition& value);
void put(ConfigEntry& wire, const duet::ConfigEntry& value);
void take(Check& check, const ConfigEntry& wire, duet::ConfigEntry& value);

/// File name of an agent: letters, digits, '_', '.', '-', no leading dot or dash (security.md SEC-AGENT 1).
void take_agent_name(Check& check, const char* field, const std::string& wire, std::string& out);

}  // namespace duet::v1
