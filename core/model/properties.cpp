// SPDX-License-Identifier: Apache-2.0
// The cluster properties that have an effect. Others of the field are refused rather than kept without effect.
#include "core/model/options.hpp"

namespace duet {

const std::vector<PropertyInfo>& known_properties() {
  static const std::vector<PropertyInfo> properties{
      {"maintenance-mode", "", "boolean", "false", "Start and stop nothing; monitors pause"},
      {"no-quorum-policy", "", "stop|freeze|ignore", "freeze",
       "Without quorum: stop everything, keep what runs, or go on"},
      {"priority-fencing-delay", "", "duration", "5s", "How long the node that is not favoured waits before it fences"},
      {"require-encryption", "", "boolean", "true",
       "Start nothing while corosync's messages are not encrypted and authenticated"},
      {"start-failure-is-fatal", "", "boolean", "true", "A failed start bans the resource from the node at once"},
      {"startup-fence-wait", "", "duration", "2min",
       "How long a quorate node waits for a peer that was not seen since the start before it fences it"},
      {"stonith-action", "fencing-action", "reboot|off", "reboot", "What fencing does"},
      {"stonith-enabled", "fencing-enabled", "boolean", "true", "Power off a lost node before its resources are taken"},
      {"stonith-timeout", "fencing-timeout", "duration", "1min", "Time-out of one call of a fence agent"},
      {"stop-all-resources", "", "boolean", "false", "Stop every managed resource, keep the configuration"},
      {"symmetric-cluster", "", "boolean", "true", "Resources may run on any node unless a constraint says otherwise"},
  };
  return properties;
}

}  // namespace duet
