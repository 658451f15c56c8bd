// SPDX-License-Identifier: Apache-2.0
#include "network/xml_file.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tokenyard::network {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// The offset of the name of an element's attribute, of which `before` come first. The element's
// own name is at `offset`; pugixml, which keeps no places of attributes, has read it without error.
std::size_t attribute_offset(std::string_view text, std::size_t offset, std::size_t before) {
  std::size_t at = text.find_first_of(" \t\r\n/>", offset);
  while (true) {
    at = text.find_first_not_of(blanks, at);
    if (before-- == 0 || at == std::string_view::npos) return at;
    const std::size_t quote = text.find_first_of("\"'", at);
    if (quote == std::string_view::npos) return quote;
    at = text.find(text[quote], quote + 1);
    if (at != std::string_view::npos) ++at;
  }
}

}  // namespace

XmlFile::XmlFile(const PlatformFile& source, config::Mistakes& mistakes)
    : source_(&source), mistakes_(&mistakes), places_(source.text) {
  const pugi::xml_parse_result parsed =
      document_.load_buffer(source.text.data(), source.text.size(),
                            pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
  if (!parsed) {
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0));
    note(offset, "", "is not XML (" + std::string(parsed.description()) + "); correct it here");
    return;
  }
  check_doctype();
  check_root();
}

// SimGrid's parser wants a DOCTYPE; ours must not take entities from it, which could grow without
// bound.
void XmlFile::check_doctype() {
  constexpr std::string_view wanted =
      "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">";
  bool found = false;
  for (const pugi::xml_node child : document_.children()) {
    if (child.type() != pugi::node_doctype) continue;
    found = true;
    if (std::string_view(child.value()).find('[') != std::string_view::npos) {
      mistakes_->add({source_->file, places_.at(static_cast<std::size_t>(child.offset_debug())),
                      "DOCTYPE",
                      "declarations inside it are refused (entities can hide a second file or grow "
                      "without end); write " +
                          std::string(wanted)});
    }
  }
  if (!found) {
    note(0, "DOCTYPE",
         "missing (SimGrid reads no platform without); put " + std::string(wanted) +
             " before <platform>");
  }
}

void XmlFile::check_root() {
  const pugi::xml_node element = document_.document_element();
  if (std::string_view(element.name()) != "platform") {
    mistake(element, "is not a platform of SimGrid; the root must be <platform version=\"4.1\">");
    return;
  }
  root_ = element;
  for (pugi::xml_node next = element.next_sibling(); next; next = next.next_sibling()) {
    if (next.type() == pugi::node_element)
      mistake(next, "stands after </platform>; move it inside");
  }
}

void XmlFile::note(std::size_t offset, std::string path, std::string text) {
  mistakes_->add({source_->file, places_.at(offset), std::move(path), std::move(text)});
}

std::size_t XmlFile::offset_of(pugi::xml_node element) const {
  return static_cast<std::size_t>(element.offset_debug());
}

std::size_t XmlFile::offset_of(pugi::xml_node element, pugi::xml_attribute attribute) const {
  std::size_t before = 0;
  for (auto other = element.first_attribute(); other && other != attribute;
       other = other.next_attribute()) {
    ++before;
  }
  return attribute_offset(source_->text, offset_of(element), before);
}

XmlFile::Span XmlFile::value_of(pugi::xml_node element, pugi::xml_attribute attribute) const {
  const std::string& text = source_->text;
  const std::size_t quote = text.find_first_of("\"'", offset_of(element, attribute));
  const std::size_t end = text.find(text[quote], quote + 1);
  return {quote + 1, end - quote - 1};
}

void XmlFile::mistake(pugi::xml_node element, std::string text) {
  note(offset_of(element), element.name(), std::move(text));
}

void XmlFile::missing(pugi::xml_node element, std::string_view part, std::string text) {
  note(offset_of(element), element.name() + ("." + std::string(part)), std::move(text));
}

void XmlFile::mistake(pugi::xml_node element, pugi::xml_attribute attribute, std::string text) {
  if (mistakes_->full()) return mistakes_->add({});  // counted; finding its place takes long
  note(offset_of(element, attribute), std::string(element.name()) + "." + attribute.name(),
       std::move(text));
}

}  // namespace tokenyard::network
