// SPDX-License-Identifier: Apache-2.0
#include "config/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "config/builder.hpp"
#include "config/recent.hpp"
#include "config/text.hpp"
#include "config/yaml_syntax.hpp"
#include "core/sha256.hpp"

namespace tokenyard::config {
namespace {

// Turns yaml-cpp's events into a tree. Events, not its nodes: those lose the places of keys,
// merge duplicates and follow aliases without end.
class YamlEvents final : public YAML::EventHandler {
 public:
  YamlEvents(TreeBuilder& builder, std::string_view text)
      : builder_(builder), text_(text), places_(text) {}

  Position position(const YAML::Mark& mark) {
    return mark.pos < 0 ? Position{} : places_.at(static_cast<std::size_t>(mark.pos));
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    const bool marked = rest_at(mark).starts_with("---");
    builder_.fail(position(mark), marked ? "a second document; keep one in a file"
                                         : "text after the end of the document; check the "
                                           "brackets and the indentation before it");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(builder_.scalar(Value::Kind::null, "", position(mark)), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Position at = position(mark);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) builder_.fail(at, "an alias inside of what it stands for; cut it");
    builder_.charge(found->second.weight, at);
    Built copy = found->second;
    copy.value.at = at;
    builder_.put(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const Position at = position(mark);
    refuse_tag(tag, at);
    if (starts_unclosed_quote(rest_at(mark)))
      builder_.fail(at, "a quote that is not closed; close it");
    const Value::Kind kind = tag == "?" ? plain_kind(text) : Value::Kind::string;
    Built built = builder_.scalar(kind, text, at);
    built.value.inset = inset_of(text, rest_at(mark));
    place(std::move(built), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(Value::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(Value::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  std::string_view rest_at(const YAML::Mark& mark) const {
    return text_.substr(std::min(static_cast<std::size_t>(mark.pos), text_.size()));
  }

  static std::int8_t inset_of(std::string_view text, std::string_view written) {
    if (written.starts_with(text)) return 0;
    const bool quoted = written.starts_with('"') || written.starts_with('\'');
    return quoted && written.substr(1).starts_with(text) ? std::int8_t{1} : std::int8_t{-1};
  }

  void start(Value::Kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor) {
    refuse_tag(tag, position(mark));
    builder_.open(kind, position(mark));
    open_anchors_.push_back(anchor);
  }

  void end() {
    const YAML::anchor_t anchor = open_anchors_.back();
    open_anchors_.pop_back();
    place(builder_.close(), anchor);
  }

  // An anchored value is kept once more, so it counts once more.
  void place(Built built, YAML::anchor_t anchor) {
    if (anchor != 0) {
      builder_.charge(built.weight, built.value.at);
      anchors_[anchor] = built;
    }
    builder_.put(std::move(built));
  }

  void refuse_tag(const std::string& tag, Position at) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    const std::string shown = tag.starts_with(standard) ? "!!" + tag.substr(standard.size()) : tag;
    builder_.note(at, "the tag " + in_quotes(shown) + " is not supported; remove it");
  }

  TreeBuilder& builder_;
  std::string_view text_;
  Places places_;
  int documents_ = 0;
  std::map<YAML::anchor_t, Built> anchors_;
  std::vector<YAML::anchor_t> open_anchors_;
};

Value parse(TreeBuilder& builder, std::string_view text) {
  check_shape(builder, text);
  YamlEvents events(builder, text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const YAML::Exception& problem) {
    builder.fail(events.position(problem.mark), in_our_words(problem.msg));
  }
  builder.fail_if_any();
  return builder.take_root();
}

}  // namespace

Value parse_yaml_value(const std::string& file, std::string_view text) {
  TreeBuilder builder(file);
  return parse(builder, checked_text(file, text));
}

Document parse_yaml(std::string file, std::string_view text) {
  Document document{std::move(file), sha256_hex(text), {}};
  document.root = parse_yaml_value(document.file, text);
  if (document.root.kind == Value::Kind::null) {
    throw ConfigError(Mistake{document.file, {}, "", "is empty; write 'key: value' lines"});
  }
  return document;
}

Document load_yaml(const std::string& path) {
  constexpr std::size_t most_files = 32, most_bytes = 128 << 10;
  static Recent<Document> recent(most_files);
  const std::string text = read_text(path);
  if (text.size() > most_bytes) return parse_yaml(path, text);
  return *recent.get(path + " " + sha256_hex(text), [&] { return parse_yaml(path, text); });
}

}  // namespace tokenyard::config
