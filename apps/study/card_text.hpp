// What croissant.json and ro-crate-metadata.json are written with.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "apps/study/publication.hpp"

namespace understudy::apps {

/// JSON as the project writes it into files: two blanks a level, UTF-8; what is no UTF-8 (a file's name) is
/// replaced, and not an error.
std::string file_text(const nlohmann::json& value);

/// A path as a reference relative to the file that names it: "/" between folders, everything that RFC 3986 does not
/// allow there as %XX, but letters of other scripts (UTF-8) as themselves, as RO-Crate has them.
std::string path_reference(const std::string& path);

/// "0.2.0+gabcdef" of version and commit, in the characters of semantic versions.
std::string code_version(const std::string& version, const std::string& git);

/// A creator as schema.org has persons; `type`: "Person", or "sc:Person".
nlohmann::json person(const Creator& creator, const std::string& type);

/// The time so many seconds (whole, rounded up) after another one, both UTC as in a provenance
/// ("2026-01-31T12:00:00Z"); the other one itself where it is not such a text.
std::string later(const std::string& time, double seconds);

/// "text/csv", by the name's extension; "application/octet-stream" of what is not known.
std::string media_type(const std::string& path);

}  // namespace understudy::apps
