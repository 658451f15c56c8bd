// SPDX-License-Identifier: Apache-2.0
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "config/builder.hpp"
#include "config/text.hpp"
#include "config/value.hpp"
#include "core/sha256.hpp"

namespace tokenyard::config {
namespace {

// Feeds nlohmann's parser and tells how far it has read: its events carry no places.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* read) : at_(at), read_(read) {}

  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*read_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  std::size_t* read_;
};

// Turns nlohmann's events into a tree.
class JsonEvents final : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonEvents(TreeBuilder& builder, std::string_view text)
      : builder_(builder), text_(text), places_(text) {}

  std::size_t* read() { return &read_; }

  bool null() override { return put(Value::Kind::null, ""); }
  bool boolean(bool value) override { return put(Value::Kind::boolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override {
    return put(Value::Kind::number, std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return put(Value::Kind::number, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return put(Value::Kind::number, text);
  }
  bool string(string_t& text) override { return put(Value::Kind::string, std::move(text)); }
  bool key(string_t& text) override { return put(Value::Kind::string, std::move(text)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none

  bool start_object(std::size_t) override { return open(Value::Kind::map); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value::Kind::list); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& problem) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..."
    std::string text = problem.what();
    const bool placed = text.find(": ") != std::string::npos && text.find(" at line ") < 100;
    text = placed ? text.substr(text.find(": ") + 2) : text.substr(text.find("] ") + 2);
    if (text.size() > 200) text = brief(text);
    builder_.fail(places_.at(position == 0 ? 0 : position - 1), "not valid JSON (" + text + ")");
  }

 private:
  // Where the token that was just read starts: behind the one before it and what separates them.
  // Numbers are read one character too far, into what separates.
  Position start_of_token() {
    const std::size_t start = text_.find_first_not_of(" \t\r\n,:]}", end_of_last_);
    end_of_last_ = read_;
    return places_.at(start);
  }
  bool put(Value::Kind kind, std::string text) {
    builder_.put(builder_.scalar(kind, std::move(text), start_of_token()));
    return true;
  }
  bool open(Value::Kind kind) {
    builder_.open(kind, start_of_token());
    return true;
  }
  bool close() {
    builder_.put(builder_.close());
    end_of_last_ = read_;
    return true;
  }

  TreeBuilder& builder_;
  std::string_view text_;
  Places places_;
  std::size_t read_ = 0;
  std::size_t end_of_last_ = 0;
};

}  // namespace

Document parse_json(std::string file, std::string_view text) {
  Document document{std::move(file), sha256_hex(text), {}};
  text = checked_text(document.file, text);
  TreeBuilder builder(document.file);
  JsonEvents events(builder, text);
  nlohmann::json::sax_parse(CountingIterator(text.data(), events.read()),
                            CountingIterator(text.data() + text.size(), events.read()), &events);
  builder.fail_if_any();
  document.root = builder.take_root();
  return document;
}

Document load_json(const std::string& path) { return parse_json(path, read_text(path)); }

}  // namespace tokenyard::config
