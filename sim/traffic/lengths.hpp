// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "traffic/distribution.hpp"
#include "traffic/request.hpp"

namespace tokenyard::traffic {

// One distribution for each of several ranges of prompt tokens: what depends on the prompt.
class GivenPrompt {
 public:
  struct Range {
    double below;  // tokens; the last range is without end
    Distribution distribution;
  };

  explicit GivenPrompt(Distribution always);
  // `below` rises.
  explicit GivenPrompt(std::vector<Range> ranges) : ranges_(std::move(ranges)) {}

  const Distribution& at(Tokens prompt) const;
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<Range> ranges_;
};

// How long prompts and answers are.
struct Lengths {
  Distribution prompt = Distribution::constant(1);
  GivenPrompt output{Distribution::constant(1)};
  std::optional<Distribution> reasoning;   // tokens written before the answer, in addition
  std::optional<Distribution> max_tokens;  // absent: what is produced

  // Fills prompt, output and max_tokens. The answer is cut where the client's limit is.
  void draw_prompt(Request& request, RandomStream& stream) const;
  void draw_output(Request& request, RandomStream& stream) const;
};

// Reads {prompt_tokens: ..., output_tokens: ..., reasoning_tokens: ..., max_tokens: ...}.
Lengths read_lengths(config::Section section);

// Reads a distribution below `key`, or {given_prompt: [{below: X, ...}, ..., {...}]}.
GivenPrompt read_given_prompt(config::Section& parent, std::string_view key,
                              config::Dimension dimension);

}  // namespace tokenyard::traffic
