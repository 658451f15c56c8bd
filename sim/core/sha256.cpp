// SPDX-License-Identifier: Apache-2.0
#include "core/sha256.hpp"

#include <openssl/evp.h>

#include "core/contracts.hpp"

namespace tokenyard {

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(md); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  SIM_ENSURE(context_->md != nullptr);
  SIM_ENSURE(EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(const void* data, std::size_t bytes) {
  SIM_ENSURE(EVP_DigestUpdate(context_->md, data, bytes) == 1);
}

Sha256::Digest Sha256::finish() {
  Digest digest{};
  unsigned length = 0;
  SIM_ENSURE(EVP_DigestFinal_ex(context_->md, digest.data(), &length) == 1);
  SIM_ENSURE(length == digest.size());
  return digest;
}

std::string hex(const Sha256::Digest& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view text) {
  Sha256 sha;
  sha.add(text);
  return hex(sha.finish());
}

}  // namespace tokenyard
