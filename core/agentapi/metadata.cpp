// SPDX-License-Identifier: Apache-2.0
// See metadata.hpp.
#include "core/agentapi/metadata.hpp"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <memory>

#include "core/base/limits.hpp"

namespace duet {

namespace {

constexpr std::size_t parameter_limit = 1000;  // the largest fence agents of the field have about 120
constexpr int depth_limit = 64;

struct FreeDocument {
  void operator()(xmlDoc* document) const noexcept { xmlFreeDoc(document); }
};
struct FreeContext {
  void operator()(xmlParserCtxt* context) const noexcept { xmlFreeParserCtxt(context); }
};
struct FreeText {
  void operator()(xmlChar* text) const noexcept { xmlFree(text); }
};

std::string_view name_of(const xmlNode* node) {
  return reinterpret_cast<const char*>(node->name);
}

std::string to_text(xmlChar* owned) {
  const std::unique_ptr<xmlChar, FreeText> text{owned};
  return text ? std::string{reinterpret_cast<const char*>(text.get())} : std::string{};
}

std::string attribute(const xmlNode* node, const char* name) {
  return to_text(xmlGetNoNsProp(node, reinterpret_cast<const xmlChar*>(name)));
}

bool is_set(const xmlNode* node, const char* name) {
  const std::string value = attribute(node, name);
  return value == "1" || value == "true" || value == "yes";
}

/// Text of an element, white space at both ends removed.
std::string content(const xmlNode* node) {
  std::string text = to_text(xmlNodeGetContent(node));
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

template <class Visit>
void each_child(const xmlNode* node, Visit&& visit) {
  for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) visit(child, name_of(child));
  }
}

int depth_of(const xmlNode* node, int limit) {
  int deepest = 0;
  if (limit == 0) return 1;
  for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) deepest = std::max(deepest, depth_of(child, limit - 1));
  }
  return deepest + 1;
}

void read_content(const xmlNode* node, AgentParameter& parameter) {
  const std::string type = attribute(node, "type");
  for (const std::string_view known : {"boolean", "integer", "second", "select"}) {
    if (type == known) parameter.type = type;
  }
  parameter.default_value = attribute(node, "default");
  each_child(node, [&](const xmlNode* child, std::string_view name) {
    if (name == "option") parameter.options.push_back(attribute(child, "value"));
  });
}

AgentParameter read_parameter(const xmlNode* node) {
  AgentParameter parameter;
  parameter.name = attribute(node, "name");
  parameter.required = is_set(node, "required");
  parameter.deprecated = is_set(node, "deprecated");
  parameter.unique = is_set(node, "unique") || !attribute(node, "unique-group").empty();
  parameter.reloadable = is_set(node, "reloadable");
  parameter.obsoletes = attribute(node, "obsoletes");
  each_child(node, [&](const xmlNode* child, std::string_view name) {
    if (name == "shortdesc") parameter.short_description = content(child);
    if (name == "longdesc") parameter.long_description = content(child);
    if (name == "content") read_content(child, parameter);
    if (name != "deprecated") return;
    parameter.deprecated = true;
    each_child(child, [&](const xmlNode* item, std::string_view item_name) {
      if (item_name == "replaced-with") parameter.replaced_by = attribute(item, "name");
    });
  });
  return parameter;
}

AgentAction read_action(const xmlNode* node) {
  AgentAction action;
  action.name = attribute(node, "name");
  action.timeout = attribute(node, "timeout");
  action.interval = attribute(node, "interval");
  action.depth = attribute(node, "depth");
  action.role = attribute(node, "role");
  action.automatic = is_set(node, "automatic");
  return action;
}

Result<AgentMetadata> read_agent(const xmlNode* root) {
  AgentMetadata metadata;
  metadata.name = attribute(root, "name");
  bool nameless = metadata.name.empty();
  each_child(root, [&](const xmlNode* part, std::string_view part_name) {
    if (part_name == "shortdesc") metadata.short_description = content(part);
    if (part_name == "longdesc") metadata.long_description = content(part);
    each_child(part, [&](const xmlNode* item, std::string_view item_name) {
      if (part_name == "parameters" && item_name == "parameter") metadata.parameters.push_back(read_parameter(item));
      if (part_name == "actions" && item_name == "action") metadata.actions.push_back(read_action(item));
    });
  });
  // Fence agents give their short description as an attribute.
  if (metadata.short_description.empty()) metadata.short_description = attribute(root, "shortdesc");
  for (const AgentParameter& parameter : metadata.parameters) nameless = nameless || parameter.name.empty();
  for (const AgentAction& action : metadata.actions) nameless = nameless || action.name.empty();
  if (nameless) return fail(Errc::malformed, "agent, parameter or action without a name in the meta-data");
  if (metadata.parameters.size() > parameter_limit)
    return fail(Errc::limit, "more than 1000 parameters in the meta-data");
  return metadata;
}

}  // namespace

const AgentParameter* AgentMetadata::parameter(std::string_view wanted) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const AgentParameter& parameter) { return parameter.name == wanted; });
  return found == parameters.end() ? nullptr : &*found;
}

const AgentAction* AgentMetadata::action(std::string_view wanted) const {
  const auto found =
      std::find_if(actions.begin(), actions.end(), [&](const AgentAction& action) { return action.name == wanted; });
  return found == actions.end() ? nullptr : &*found;
}

Result<AgentMetadata> parse_agent_metadata(std::string_view xml) {
  if (xml.size() > limits::agent_output_large) return fail(Errc::limit, "meta-data has more than 1 MiB");
  const std::unique_ptr<xmlParserCtxt, FreeContext> context{xmlNewParserCtxt()};
  if (!context) return fail(Errc::backend, "libxml2 has no memory");
  // No XML_PARSE_NOENT, DTDLOAD, HUGE: entities stay unexpanded, nothing is fetched, libxml2's own bounds hold.
  const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
  const std::unique_ptr<xmlDoc, FreeDocument> document{
      xmlCtxtReadMemory(context.get(), xml.data(), static_cast<int>(xml.size()), "meta-data", nullptr, options)};
  if (!document) return fail(Errc::malformed, "meta-data is not well-formed XML");
  // Agents carry `<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">`: a name only, which is never loaded. Declarations of
  // entities inside of it are another matter.
  if (document->intSubset != nullptr && document->intSubset->entities != nullptr) {
    return fail(Errc::malformed, "meta-data declares entities");
  }
  const xmlNode* const root = xmlDocGetRootElement(document.get());
  if (root == nullptr || name_of(root) != "resource-agent") return fail(Errc::malformed, "meta-data of another kind");
  if (depth_of(root, depth_limit) > depth_limit) return fail(Errc::limit, "meta-data is nested too deeply");
  return read_agent(root);
}

}  // namespace duet
