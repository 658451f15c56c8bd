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
#include "config/text.hpp"
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
    refuse_unclosed(mark, at);
    const Value::Kind kind = tag == "?" ? plain_kind(text) : Value::Kind::string;
    place(builder_.scalar(kind, text, at), anchor);
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

  // yaml-cpp takes the end of the file for the closing quote, and so a forgotten quote swallows
  // all that follows it.
  void refuse_unclosed(const YAML::Mark& mark, Position at) {
    std::string_view rest = rest_at(mark);
    while (rest.starts_with('&') || rest.starts_with('!')) {
      rest.remove_prefix(std::min(rest.find_first_of(" \t\r\n"), rest.size()));
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    }
    if (!rest.starts_with('"') && !rest.starts_with('\'')) return;
    const char quote = rest.front();
    for (std::size_t i = 1; i < rest.size(); ++i) {
      const bool pair = quote == '"' ? rest[i] == '\\' : rest.substr(i).starts_with("''");
      if (pair) {
        ++i;
      } else if (rest[i] == quote) {
        return;
      }
    }
    builder_.fail(at, "a quote that is not closed; close it");
  }

  TreeBuilder& builder_;
  std::string_view text_;
  Places places_;
  int documents_ = 0;
  std::map<YAML::anchor_t, Built> anchors_;
  std::vector<YAML::anchor_t> open_anchors_;
};

// yaml-cpp reads some tabs in the indentation as blanks and stumbles over others later.
bool indented_by_tab(std::string_view line) {
  const std::size_t word = std::min(line.find_first_not_of(" \t"), line.size());
  const bool blank = word == line.size() || line[word] == '\r';
  return !blank && line.substr(0, word).find('\t') != std::string_view::npos;
}

// It also keeps a whole line in memory, at 200 times its size.
constexpr std::size_t most_bytes_of_line = 1 << 20;

void check_lines(TreeBuilder& builder, std::string_view text) {
  Places places(text);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    if (indented_by_tab(line)) {
      builder.fail(places.at(start), "a tab in the indentation; use blanks");
    }
    if (line.size() > most_bytes_of_line) {
      builder.fail(places.at(start), "a line longer than 1 MiB; break it");
    }
    start = end + 1;
  }
}

Value parse(TreeBuilder& builder, std::string_view text) {
  check_lines(builder, text);
  YamlEvents events(builder, text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const YAML::Exception& problem) {
    builder.fail(events.position(problem.mark), "not valid YAML (" + brief(problem.msg) +
                                                    "); check indentation, colons and quotes");
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

Document load_yaml(const std::string& path) { return parse_yaml(path, read_text(path)); }

}  // namespace tokenyard::config
