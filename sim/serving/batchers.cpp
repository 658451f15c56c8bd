// SPDX-License-Identifier: Apache-2.0
#include "serving/batcher.hpp"

namespace tokenyard::serving {
namespace {

// vLLM V1: decodes first, then prompts in chunks, as far as the token budget reaches.
class ChunkedPrefill final : public Batcher {
 public:
  void form(Schedule& s) const override {
    s.decode_running();
    s.continue_prefill();
    if (s.preempted()) return;
    while (s.waiting() > 0 && s.budget() > Tokens(0) && s.admit(s.budget())) {
    }
  }
};

// vLLM V0: whole prompts go before all decoding, which waits meanwhile.
class PrefillPriority final : public Batcher {
 public:
  bool can_serve(const traffic::Request& r, const Limits& limits) const override {
    return r.prompt + r.output - Tokens(1) <= limits.batch_tokens;
  }

  void form(Schedule& s) const override {
    while (s.waiting() > 0) {
      const Tokens prompt = s.head_left();
      if (prompt > s.budget() || !s.admit(prompt)) break;
    }
    if (s.batch().prefill.empty()) s.decode_running();
  }
};

// SGLang: prompts in chunks go before all decoding, which waits meanwhile.
class ChunksFirst final : public Batcher {
 public:
  void form(Schedule& s) const override {
    s.continue_prefill();
    while (!s.preempted() && s.waiting() > 0 && s.budget() > Tokens(0) && s.admit(s.budget())) {
    }
    if (s.batch().prefill.empty()) s.decode_running();
  }
};

// A batch is filled once, reserves all it will need, and is served to its last request.
class StaticBatch final : public Batcher {
 public:
  Reservation reservation() const override { return Reservation::full; }

  void form(Schedule& s) const override {
    if (s.lane_empty()) {
      while (s.waiting() > 0 && s.admit(s.head_left())) {
      }
    } else {
      s.decode_running();
    }
  }
};

template <class T>
std::unique_ptr<Batcher> make() {
  return std::make_unique<T>();
}

constexpr BatcherEntry entries[] = {
    {"v1", "chunked prefill beside decoding, as vLLM V1", make<ChunkedPrefill>},
    {"v0", "whole prompts before decoding, as vLLM V0", make<PrefillPriority>},
    {"static", "a batch is served to its end before the next is filled", make<StaticBatch>},
    {"chunks-first", "prompts in chunks before decoding, as SGLang", make<ChunksFirst>},
};

}  // namespace

std::span<const BatcherEntry> batchers() { return entries; }

}  // namespace tokenyard::serving
