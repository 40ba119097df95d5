// Imported models are programs: a TorchScript file or an AOTInductor package can do anything that its user
// can, and what ONNX Runtime makes of a hostile file is not known. `understudy import` is where that is accepted, and notes the file's SHA-256 in a list of the user's;
// a model folder that came from elsewhere with such a file in it is refused until its user does the same.
// So is a plugin that a deck names (apps/plugin_loader.hpp).
//
// The list: the file that $UNDERSTUDY_TRUSTED_PROGRAMS names, else
// $XDG_STATE_HOME/understudy/trusted_programs, else ~/.local/state/understudy/trusted_programs; a line a
// program, "<SHA-256> <name>". No deck and no model folder can change it.
#pragma once

#include <filesystem>
#include <string>

namespace understudy::surrogates {

/// UserError where there is no place for it (no HOME).
std::filesystem::path trusted_programs_list();

/// The words of a refusal.
struct ProgramWords {
  std::string kind;       ///< what the file is: "a program (TorchScript, AOTInductor)"
  std::string deed;       ///< what its user has not done: "imported"
  std::string accept;     ///< the command that puts it on the list
  std::string otherwise;  ///< ", and ...": another way; may be empty
};
/// UserError naming the file, what it is and the way to accept it, unless these bytes are on the list.
void require_trusted(const std::string& bytes, const std::filesystem::path& file,
                     const ProgramWords& words);
/// The same of the program in a model folder.
void require_trusted(const std::string& bytes, const std::filesystem::path& file);

/// Puts them on the list. UserError where it cannot be written.
void trust_program(const std::string& bytes, const std::filesystem::path& file);

}  // namespace understudy::surrogates
