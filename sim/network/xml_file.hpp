// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "config/errors.hpp"
#include "config/text.hpp"
#include "network/platform_file.hpp"

namespace tokenyard::network {

// A platform file as a tree, and where its parts stand in the text.
class XmlFile {
 public:
  // Notes what is wrong with the document as a whole: its syntax, its DOCTYPE, its root.
  XmlFile(const PlatformFile& source, config::Mistakes& mistakes);

  // The <platform>; empty if there is none to look into.
  pugi::xml_node root() const { return root_; }

  // Notes a mistake at an element, at one of its attributes, or at a part that it lacks.
  void mistake(pugi::xml_node element, std::string text);
  void mistake(pugi::xml_node element, pugi::xml_attribute attribute, std::string text);
  void missing(pugi::xml_node element, std::string_view part, std::string text);

  // Where the value of an attribute stands in the text, without its quotes.
  struct Span {
    std::size_t offset;
    std::size_t length;
  };
  Span value_of(pugi::xml_node element, pugi::xml_attribute attribute) const;

 private:
  void check_doctype();
  void check_root();
  void note(std::size_t offset, std::string path, std::string text);
  std::size_t offset_of(pugi::xml_node element) const;
  std::size_t offset_of(pugi::xml_node element, pugi::xml_attribute attribute) const;

  const PlatformFile* source_;
  config::Mistakes* mistakes_;
  config::Places places_;
  pugi::xml_document document_;
  pugi::xml_node root_;
};

}  // namespace tokenyard::network
