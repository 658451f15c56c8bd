// SPDX-License-Identifier: Apache-2.0
#include "config/errors.hpp"

#include <algorithm>
#include <utility>

#include "config/text.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The largest character boundary not after `bytes`.
std::size_t boundary(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && bytes < text.size() && continues_character(text[bytes])) --bytes;
  return std::min(bytes, text.size());
}

std::string shortened(std::string_view text, std::size_t head, std::size_t tail) {
  if (text.size() <= head + tail + 3) return std::string(text);
  const std::string_view end = text.substr(boundary(text, text.size() - tail));
  return std::string(text.substr(0, boundary(text, head))) + "..." + std::string(end);
}

// Bytes of the character at the start of `text` that a terminal would act on instead of showing:
// C0 and C1 controls, line separators, and marks that turn the direction of writing.
std::size_t invisible_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) return 2;
  if (first_bad_byte(text.substr(0, 4)) == 0) return 1;
  const bool separates = byte(0) == 0xE2 && byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE;
  const bool isolates = byte(0) == 0xE2 && byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return separates || isolates ? 3 : 0;
}

// Bytes of the UTF-8 character that valid text begins with.
std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    ++length;
  }
  return length;
}

std::string visible(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string shown;
  while (!text.empty()) {
    const std::size_t hidden = invisible_bytes(text);
    for (std::size_t i = 0; i < hidden; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      shown += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
    const std::size_t length = hidden > 0 ? hidden : character_length(text);
    if (hidden == 0) shown += text.substr(0, length);
    text.remove_prefix(length);
  }
  return shown;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char folded(char c) { return c == '_' ? '-' : lower(c); }

// Half edits to change one character into the other: capitals and dashes are half a mistake.
std::size_t change(char a, char b) {
  if (a == b) return 0;
  return folded(a) == folded(b) ? 1 : 2;
}

// Half edits between two words: insert, delete, change, or swap two neighbours.
std::size_t half_edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = 2 * j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = 2 * i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 2, row[j - 1] + 2, above[j - 1] + change(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 2);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

// Longer lists would hide the rest of the message.
std::string joined(const std::vector<std::string>& words) {
  constexpr std::size_t most = 24;
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i) {
    text += (i == 0 ? "" : ", ") + brief(words[i]);
  }
  return words.size() > most ? text + ", ..." : text;
}

std::string did_you_mean(const std::string& meant) {
  return "did you mean " + in_quotes(meant) + "?";
}

}  // namespace

std::string describe(const Mistake& mistake) {
  std::string text = mistake.file;
  if (mistake.at.line > 0) text += ":" + std::to_string(mistake.at.line);
  if (mistake.at.column > 0) text += ":" + std::to_string(mistake.at.column);
  if (!text.empty()) text += ": ";
  if (!mistake.path.empty()) text += shortened(mistake.path, 150, 147) + ": ";
  return visible(text + mistake.text);
}

ConfigError::ConfigError(std::vector<Mistake> mistakes) : mistakes_(std::move(mistakes)) {
  SIM_EXPECT(!mistakes_.empty());
  for (const Mistake& mistake : mistakes_) {
    text_ += (text_.empty() ? "" : "\n") + describe(mistake);
  }
}

ConfigError::ConfigError(Mistake mistake) : ConfigError(std::vector<Mistake>{std::move(mistake)}) {}

bool Mistakes::contains(std::string_view file, Position at, std::string_view path) const {
  return std::any_of(found_.begin(), found_.end(), [&](const Mistake& old) {
    return old.at == at && old.file == file && old.path == path;
  });
}

void Mistakes::add(Mistake mistake) {
  if (full()) {
    ++left_out_;
    return;
  }
  const bool placed = mistake.at != Position{};
  if (placed && contains(mistake.file, mistake.at, mistake.path)) return;
  if (std::find(found_.begin(), found_.end(), mistake) != found_.end()) return;

  auto after = std::find_if(found_.rbegin(), found_.rend(), [&](const Mistake& old) {
                 return old.file == mistake.file;
               }).base();
  if (after == found_.begin()) after = found_.end();  // the first of its file
  while (after != found_.begin() && std::prev(after)->file == mistake.file &&
         std::prev(after)->at > mistake.at) {
    --after;
  }
  found_.insert(after, std::move(mistake));
}

void Mistakes::throw_if_any() const {
  if (empty()) return;
  std::vector<Mistake> all = found_;
  if (left_out_ > 0) {
    all.push_back(
        {found_.back().file, {}, "", "more mistakes than are shown; correct these first"});
  }
  throw ConfigError(std::move(all));
}

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  const std::size_t most = word.size() < 2 ? 1 : 2 * std::max<std::size_t>(1, word.size() / 3);
  std::string best;
  std::size_t least = most + 1;
  for (const std::string& name : known) {
    const std::size_t gap = std::max(name.size(), word.size()) - std::min(name.size(), word.size());
    if (2 * gap > most) continue;  // also spares strangers' very long words
    const std::size_t edits = half_edits(word, name);
    if (edits < least) {
      least = edits;
      best = name;
    }
  }
  return best;
}

std::string brief(std::string_view word) { return shortened(word, 45, 12); }

std::string in_quotes(std::string_view word) { return "'" + brief(word) + "'"; }

std::string unknown_key(const std::string& word, const std::vector<std::string>& known) {
  const std::string meant = nearest(word, known);
  if (!meant.empty()) return "not a known key; " + did_you_mean(meant);
  if (known.empty()) return "not a known key; remove it";
  return "not a known key; known here: " + joined(known);
}

std::string unknown_name(const std::string& word, const std::vector<std::string>& known) {
  const std::string meant = nearest(word, known);
  return in_quotes(word) + " is not one of: " + joined(known) +
         (meant.empty() ? "; choose one of these" : "; " + did_you_mean(meant));
}

std::string missing_key() { return "missing (it has no default); add it"; }

}  // namespace tokenyard::config
