// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sweep/study.hpp"

namespace tokenyard::test {

// A study beside the shipped ones, over the shipped scenario of Azure's conversations.
inline config::Document study_document(const std::string& text) {
  return config::parse_yaml(TOKENYARD_SOURCE_DIR "/configs/studies/s.yaml",
                            "name: s\nscenario: ../azure-conv.yaml\n" + text);
}

inline sweep::Study study_of(const std::string& text) {
  const config::Document document = study_document(text);
  config::Reading reading;
  sweep::Study study = sweep::read_study(document, reading);
  reading.mistakes.throw_if_any();
  return study;
}

// What is said of a study, a line each, without the folder of the file.
inline std::string complaint(const std::string& text) {
  const config::Document document = study_document(text);
  config::Reading reading;
  sweep::read_study(document, reading);
  std::string said;
  for (config::Mistake mistake : reading.mistakes.all()) {
    mistake.file = mistake.file.substr(mistake.file.find_last_of('/') + 1);
    said += config::describe(mistake) + "\n";
  }
  return said;
}

}  // namespace tokenyard::test
