// Datasets of points: rows of named features (inputs) and what a computation made of them (outputs), as
// surrogates::SubModel collects them in a running program and `understudy train` reads them. One HDF5
// file a process and run, so that any number of processes and later runs add to one directory without
// asking each other:
//
//   <directory>/<name>_<UTC>_<host>_<process>_<n>_rank<r>.h5
//     /          @kind=understudy_points @layout=1 @name @rank @points @cost_core_s provenance.*
//                @input_names @input_units @output_names @output_units (in order of the columns)
//     inputs     [point, input]   float64
//     outputs    [point, output]  float64
//
// A file has the name *.h5.<process>.understudy.part until its first rows are complete on the disk, and `points` is
// set after the rows it counts have been flushed: what a killed process or a full disk left half-written is not
// read. Non-finite values are refused, by the writer and by the reader.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/column.hpp"
#include "core/provenance.hpp"

namespace understudy::surrogates {

inline constexpr const char* point_dataset_kind = "understudy_points";

using core::Column;

/// "rho [kg/m3], e [J/kg]"
std::string to_string(const std::vector<Column>& columns);

/// UserError when `found` is not `expected`: names the first difference (missing, another order,
/// another unit). `where` says whose `found` are, `side` is "input" or "output".
void require_columns(const std::vector<Column>& expected, const std::vector<Column>& found,
                     const std::string& side, const std::string& where);

struct PointsInfo {
  std::string name;  ///< of the replaced computation: letters, digits, '_', '-'
  std::vector<Column> inputs, outputs;
};

/// UserError where the name cannot be a file's, or a column has no name or that of another.
void require_valid(const PointsInfo& info);

/// Appends points to a file of its own, in blocks. Not collective; one thread at a time.
class PointWriter {
 public:
  /// Touches no file before the first block is full, or flush().
  PointWriter(const std::filesystem::path& directory, const PointsInfo& info,
              const core::Provenance& provenance, int rank);
  ~PointWriter();  ///< flushes; an error is then only logged: call flush() where it matters
  PointWriter(const PointWriter&) = delete;
  PointWriter& operator=(const PointWriter&) = delete;

  /// `inputs` [points, input], `outputs` [points, output], row-major. Rows that hold a value that is
  /// not finite are left out; returns how many were kept. UserError when the file cannot be written:
  /// then none of these rows was kept, and what was buffered before still is.
  long long append(const double* inputs, const double* outputs, long long points);
  /// Core-seconds that computing the points took; in the file with the next flush. Call it before the
  /// append() of those points, which may flush.
  void add_cost(double core_s) { cost_core_s_ += core_s; }
  /// What is buffered goes into the file. UserError when it cannot be written.
  void flush();
  long long points() const { return points_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  struct File;
  void begin_file();
  void write_rows();
  PointsInfo info_;
  core::Provenance provenance_;
  int rank_;
  std::filesystem::path path_;
  std::unique_ptr<File> file_;
  std::vector<double> inputs_, outputs_;  ///< buffered rows
  long long points_ = 0, written_ = 0;
  double cost_core_s_ = 0, written_cost_ = 0;
};

/// All files of a directory, read into memory.
struct PointDataset {
  PointsInfo info;
  std::vector<double> inputs, outputs;  ///< [point, column], files in order of their names
  long long points = 0;
  int files = 0;
  double cost_core_s = 0;
  std::string hash;  ///< first 16 hex digits of SHA-256 over names, units and values
};

/// UserError naming the file when there is none, one is damaged or of other columns than the first, or
/// a value is not finite.
PointDataset read_points(const std::filesystem::path& directory);

}  // namespace understudy::surrogates
