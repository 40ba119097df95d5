// Imported models are programs: a TorchScript file or an AOTInductor package can do anything that its user
// can, and what ONNX Runtime makes of a hostile file is not known. `understudy import` is where that is accepted, and notes the file's SHA-256 in a list of the user's;
// a model folder that came from elsewhere with such a file in it is refused until its user does the same.
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

/// UserError naming the file, what it is and the way to accept it, unless these bytes are on the list.
void require_trusted(const std::string& bytes, const std::filesystem::path& file);

/// Puts them on the list. UserError where it cannot be written.
void trust_program(const std::string& bytes, const std::filesystem::path& file);

}  // namespace understudy::surrogates
