// SPDX-License-Identifier: Apache-2.0
// Words for what went wrong. On this wire a host that does not like a request is silent, so silence names all that it
// can be, with the facts of this side to compare.
#include "agents/fence_xvm/diagnosis.hpp"

#include <algorithm>

#include "core/base/concat.hpp"
#include "core/base/escape.hpp"

namespace duet::xvm {

namespace {

std::string key_facts(const AgentOptions& options, const Secret* secret) {
  if (secret == nullptr) return "no key is used (hash and auth are none)";
  return concat("key ", escape_line(options.key_file, 300), ": ", secret->size(), " bytes, fingerprint ",
                secret->fingerprint(), "; hash ", to_string(options.hash), ", auth ", to_string(options.auth));
}

std::string addresses(const std::vector<LocalAddress>& tried) {
  std::string text;
  for (const LocalAddress& local : tried) {
    if (text.size() > 300) return text + ", ...";
    if (!text.empty()) text += ", ";
    text += concat(to_text(local.address), " (", escape_line(local.interface), ")");
  }
  return text.empty() ? "no address" : text;
}

Lines explain_silence(const Outcome& outcome, const AgentOptions& options, const Secret* secret) {
  if (outcome.blocked) {
    return {"Timed out waiting for response",
            concat("The host ", to_text(*outcome.blocked), " has the request and called back to TCP port ",
                   outcome.callback_port, ", but something on this machine drops that connection."),
            "Hint: allow TCP from the host in the firewall of this node; for a fixed port set callback_port=1229."};
  }
  return {"Timed out waiting for response",
          concat("No host called back within ", options.timeout, " s. Sent ", outcome.rounds, " times to ",
                 to_text(options.group), " UDP port ", options.port, " from ", addresses(outcome.tried),
                 "; listened on TCP port ", outcome.callback_port, "."),
          key_facts(options, secret),
          "Hint: a host is silent when its daemon is not running or has not joined that group on the network of this "
          "node, when its key is another one (compare the fingerprints; its log tells), when it asks for a stronger "
          "hash, or when its firewall drops UDP in or TCP out."};
}

Lines explain_not_sent(const Outcome& outcome, const AgentOptions& options) {
  Lines lines{"Operation failed: no request could be sent"};
  for (const std::string& error : outcome.errors) lines.push_back(escape_line(error, 300));
  if (outcome.nobody_listens) {
    lines.push_back(concat("Hint: is the host daemon running on ", to_text(options.group), "?"));
  } else if (outcome.tried.empty()) {
    lines.push_back(concat("This machine has no ", options.family == Family::ipv4 ? "IPv4" : "IPv6",
                           " address on an interface that is up."));
  }
  return lines;
}

std::string wrong_response(const Outcome& outcome, const AgentOptions& options) {
  if (!outcome.clue) return "Its key is another one than ours: compare the fingerprints, copy the key file again.";
  const std::string_view type = to_string(outcome.clue->type);
  switch (outcome.clue->key) {
    case ResponseClue::Key::same:
      return concat("It has our key but answers with ", type, ", we ask for ", to_string(options.auth),
                    ": set auth=", type, " here or in its configuration.");
    case ResponseClue::Key::without_newline:
      return "Its key is ours without the newline at the end: copy the key file again, byte for byte.";
    case ResponseClue::Key::with_newline:
      return "Its key is ours with a newline at the end: copy the key file again, byte for byte.";
  }
  return {};
}

Lines explain_silent_or_closed(const Outcome& outcome, const AgentOptions& options) {
  const SessionEnd& end = outcome.end;
  const std::string how = end.kind == SessionEnd::Kind::silent ? "said nothing more" : "closed the connection";
  const std::string host = to_text(outcome.peer);
  switch (end.phase) {
    case SessionPhase::response:
      if (end.bytes_in_phase == 1) {
        return {"Invalid response to challenge",
                concat("The host ", host, " answered without authentication (its auth is none); it may have acted."),
                "Hint: set the same auth on both sides."};
      }
      return {"Invalid response to challenge",
              concat(host, " called back, then ", how, " instead of proving that it has the key."),
              "Hint: is auth the same on both sides?"};
    case SessionPhase::challenge:
      return {"Operation failed", concat("The host ", host, " has our key, then ", how, " before it began to act."),
              "Hint: its log says why: too busy, or the request was out of date."};
    case SessionPhase::answer:
      if (options.auth == HashType::none) {
        return {"Operation failed", concat(host, " called back, then ", how, " without an answer."),
                "Hint: does it ask for authentication, which auth=none leaves out?"};
      }
      return {
          "Operation failed",
          concat("The host ", host, " took the request, then ", how, " without an answer; it may have acted or not."),
          "Hint: is libvirt on the host well? Does the request need more time (timeout)?"};
    case SessionPhase::records:
      return {"Operation failed", concat("The host ", host, " ", how, " amid its list.")};
    case SessionPhase::ended:
      break;
  }
  return {"Operation failed"};
}

}  // namespace

Lines explain_no_answer(const Outcome& outcome, const AgentOptions& options, const Secret* secret) {
  switch (outcome.kind) {
    case Outcome::Kind::answered:
      return {};
    case Outcome::Kind::no_callback:
      return explain_silence(outcome, options, secret);
    case Outcome::Kind::not_sent:
      return explain_not_sent(outcome, options);
    case Outcome::Kind::failed:
      break;
  }
  if (outcome.end.kind == SessionEnd::Kind::broken_list) {
    return {"Operation failed", concat("The list of ", to_text(outcome.peer), " has no end.")};
  }
  if (outcome.end.kind != SessionEnd::Kind::wrong_response) return explain_silent_or_closed(outcome, options);
  return {"Invalid response to challenge",
          concat(to_text(outcome.peer), " called back but could not prove that it has our key."),
          wrong_response(outcome, options), key_facts(options, secret)};
}

Lines explain_answer(const Outcome& outcome, const AgentOptions& options) {
  const std::string host = to_text(outcome.peer);
  const std::string domain = escape_line(options.domain);
  switch (outcome.end.answer) {
    case static_cast<std::uint8_t>(Answer::failure):
      return {"Operation failed", concat("The host ", host, " could not do it; its log says why.")};
    case static_cast<std::uint8_t>(Answer::denied):
      return {"Permission denied",
              concat("The groups of the host ", host, " do not let this node touch the domain \"", domain, "\"."),
              "Hint: a group in its fence_virt.conf must name an address of this node (ip) and the domain (uuid); with "
              "the original host the domain must be written there as it is asked for, by name or by UUID."};
    default:
      break;
  }
  // As the original prints it: a byte with a sign.
  const int shown = outcome.end.answer < 128 ? outcome.end.answer : outcome.end.answer - 256;
  return {concat("Unknown response (", shown, ")")};
}

Lines explain_unknown_domain(const AgentOptions& options, const std::vector<HostRecord>& hosts, const Address& host) {
  std::string known;
  for (const HostRecord& record : hosts) {
    if (known.size() > 300) {
      known += ", ...";
      break;
    }
    if (!known.empty()) known += ", ";
    known += escape_line(record.name);
  }
  return {"Operation failed",
          concat("The host ", to_text(host), " knows no domain \"", escape_line(options.domain),
                 "\", or its groups hide it from this node."),
          known.empty() ? std::string{"It shows this node no domain at all."}
                        : concat("It shows this node: ", known, ". Names are case-sensitive.")};
}

}  // namespace duet::xvm
