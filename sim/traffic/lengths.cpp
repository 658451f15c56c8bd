// SPDX-License-Identifier: Apache-2.0
#include "traffic/lengths.hpp"

#include <algorithm>

#include "core/contracts.hpp"

namespace tokenyard::traffic {

using config::Dimension;
using config::Section;

GivenPrompt::GivenPrompt(Distribution always) {
  ranges_.push_back({std::numeric_limits<double>::infinity(), std::move(always)});
}

const Distribution& GivenPrompt::at(Tokens prompt) const {
  const auto tokens = static_cast<double>(prompt.value());
  std::size_t range = 0;
  while (range + 1 < ranges_.size() && tokens >= ranges_[range].below) ++range;
  return ranges_[range].distribution;
}

void Lengths::draw_prompt(Request& request, RandomStream& stream) const {
  request.prompt = Tokens(prompt.draw_whole(stream));
}

void Lengths::draw_output(Request& request, RandomStream& stream) const {
  request.output = Tokens(output.at(request.prompt).draw_whole(stream));
  if (reasoning) request.output += Tokens(reasoning->draw_whole(stream));
  request.max_tokens = max_tokens ? Tokens(max_tokens->draw_whole(stream)) : request.output;
  request.output = std::min(request.output, request.max_tokens);
}

GivenPrompt read_given_prompt(Section& parent, std::string_view key, Dimension dimension) {
  if (!parent.has_map(key) || !parent.child(key).has("given_prompt")) {
    return GivenPrompt(read_distribution(parent, key, dimension));
  }
  Section section = parent.child(key);
  std::vector<GivenPrompt::Range> ranges;
  std::vector<Section> sections = section.children("given_prompt", 1);
  for (Section& range : sections) {
    const bool last = &range == &sections.back();
    double below = std::numeric_limits<double>::infinity();
    if (!last) {
      below = static_cast<double>(range.required<Tokens>("below", {1, 0x1p53}).value());
    } else if (range.has("below")) {
      range.mistake("below", "is given for the last range, which has no end; remove it");
    }
    if (!ranges.empty() && below <= ranges.back().below) {
      range.mistake("below", "does not rise from range to range; sort them");
    }
    ranges.push_back({below, read_distribution(range, dimension)});
  }
  section.finish();
  if (ranges.empty()) return GivenPrompt(Distribution::constant(1));
  return GivenPrompt(std::move(ranges));
}

Lengths read_lengths(Section section) {
  Lengths lengths;
  const auto tokens = [&section](std::string_view key) {
    return read_distribution(section, key, Dimension::tokens);
  };
  lengths.prompt = tokens("prompt_tokens");
  lengths.output = read_given_prompt(section, "output_tokens", Dimension::tokens);
  if (section.has("reasoning_tokens")) lengths.reasoning = tokens("reasoning_tokens");
  if (section.has("max_tokens")) lengths.max_tokens = tokens("max_tokens");
  section.finish();
  return lengths;
}

}  // namespace tokenyard::traffic
