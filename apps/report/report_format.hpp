// Text pieces of the report: escaping, numbers and times as a person reads them, PNG as a data URL.
// A value that is not finite is never printed as a number: it reads "not reached".
#pragma once

#include <string>

#include "core/maybe.hpp"

namespace understudy::apps::report {

/// & < > " ' as entities, so that no text of a deck or a path can become markup.
std::string escape(const std::string& text);

/// `digits` significant digits; powers of ten outside 1e-3..1e6 ("1.2e-5"). Plain text.
std::string number(double value, int digits = 3);

/// Is it known and finite? Else it reads "not reached".
bool reached(const core::Maybe<double>& value);

/// A fraction as percent: 0.0213 -> "2.1%". Plain text.
std::string percent(double fraction);

/// A wall time in the unit a person would choose: "4.1 ms", "12.3 s", "8.2 min", "3.4 h".
std::string duration(double seconds);

/// Core-seconds, beside them core-hours where they are many: "7200 core-s (2 core-h)".
std::string core_time(double core_seconds);

/// A reason as part of a sentence: without its own full stop.
std::string without_stop(std::string reason);

/// "value unit" with dimensionless units ("", "1") left out.
std::string with_unit(const std::string& value, const std::string& unit);

/// A quantity's name in words: "flow.drag_mean" of an app -> "drag mean". A unit that the name ends with
/// goes, where it is `unit`: "weather.w_max_m_s" in m/s -> "w max".
std::string plain_name(const std::string& name, const std::string& app,
                       const std::string& unit = "");

/// Powers in a unit as superscripts: "m2/s2" -> "m²/s²".
std::string plain_unit(const std::string& unit);

/// "name [unit]" for axes and table heads; dimensionless: the name alone.
std::string name_and_unit(const std::string& name, const std::string& unit);

/// RFC 4648 base 64, for data URLs.
std::string base64(const std::string& bytes);

}  // namespace understudy::apps::report
