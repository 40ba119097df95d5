#include "mesh/io/picture.hpp"

#include <vtkColorTransferFunction.h>
#include <vtkDoubleArray.h>
#include <vtkImageData.h>
#include <vtkImageMapToColors.h>
#include <vtkImageResize.h>
#include <vtkLookupTable.h>
#include <vtkNew.h>
#include <vtkPNGWriter.h>
#include <vtkPointData.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::mesh {

using core::UserError;

namespace {

constexpr int colours = 1024;
constexpr int narrowest = 600, widest = 1200;  // pixels

// Control points 0xrrggbb, evenly spaced.
using ControlPoints = std::array<unsigned, 10>;
constexpr ControlPoints viridis{0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
                                0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725};
constexpr ControlPoints inferno{0x000004, 0x1b0c41, 0x4a0c6b, 0x781c6d, 0xa52c60,
                                0xcf4446, 0xed6925, 0xfb9b06, 0xf7d13d, 0xfcffa4};

void add(vtkColorTransferFunction* function, double at, unsigned rgb) {
  function->AddRGBPoint(at, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                        (rgb & 255) / 255.0);
}

vtkSmartPointer<vtkLookupTable> make_table(const std::string& name, const ColourRange& range) {
  vtkNew<vtkColorTransferFunction> function;
  if (name == "coolwarm") {
    function->SetColorSpaceToDiverging();
    add(function, 0, 0x3b4cc0);
    add(function, 1, 0xb40426);
  } else if (name == "viridis" || name == "inferno") {
    function->SetColorSpaceToLab();
    const ControlPoints& points = name == "viridis" ? viridis : inferno;
    for (std::size_t n = 0; n < points.size(); ++n)
      add(function, static_cast<double>(n) / (points.size() - 1), points[n]);
  } else {
    throw UserError(
        core::format("colour map '{}' is unknown; there are coolwarm, viridis, inferno", name));
  }
  auto table = vtkSmartPointer<vtkLookupTable>::New();
  table->SetNumberOfTableValues(colours);
  for (int n = 0; n < colours; ++n) {
    double rgb[3];
    function->GetColor(static_cast<double>(n) / (colours - 1), rgb);
    table->SetTableValue(n, rgb[0], rgb[1], rgb[2], 1);
  }
  table->SetTableRange(range.lower, range.upper);
  table->SetNanColor(0.5, 0.5, 0.5, 1);
  return table;
}

vtkSmartPointer<vtkImageData> make_image(const Slice& slice) {
  if (slice.width < 1 || slice.height < 1 ||
      slice.values.size() != static_cast<std::size_t>(slice.width) * slice.height)
    throw UserError(core::format("a slice of {} x {} cells with {} values makes no picture",
                                 slice.width, slice.height, slice.values.size()));
  auto image = vtkSmartPointer<vtkImageData>::New();
  image->SetDimensions(slice.width, slice.height, 1);
  image->AllocateScalars(VTK_DOUBLE, 1);
  std::copy(slice.values.begin(), slice.values.end(),
            static_cast<double*>(image->GetScalarPointer()));
  return image;
}

/// Whole multiples of a cell, so that all cells have the same size.
int pixels_per_cell(int width, int wanted) {
  return wanted > 0 ? wanted : std::max(1, (narrowest + width - 1) / width);
}

/// Each pixel repeated `times` x `times`.
vtkSmartPointer<vtkImageData> enlarged(vtkImageData* image, int times) {
  int size[3];
  image->GetDimensions(size);
  auto large = vtkSmartPointer<vtkImageData>::New();
  large->SetDimensions(size[0] * times, size[1] * times, 1);
  large->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  const auto* from = static_cast<const unsigned char*>(image->GetScalarPointer());
  auto* to = static_cast<unsigned char*>(large->GetScalarPointer());
  for (int y = 0; y < size[1] * times; ++y)
    for (int x = 0; x < size[0]; ++x) {
      const unsigned char* pixel = from + 3 * (static_cast<std::size_t>(y / times) * size[0] + x);
      for (int n = 0; n < times; ++n) to = std::copy(pixel, pixel + 3, to);
    }
  return large;
}

/// Averaged down to the widest picture.
vtkSmartPointer<vtkImageData> reduced(vtkImageData* image) {
  int size[3];
  image->GetDimensions(size);
  const int height = std::max(1, static_cast<int>(std::lround(1.0 * size[1] * widest / size[0])));
  vtkNew<vtkImageResize> resize;
  resize->SetInputData(image);
  resize->SetOutputDimensions(widest, height, 1);
  resize->SetNumberOfThreads(1);
  resize->Update();
  return resize->GetOutput();
}

/// Darkens the parallels and meridians of every 30 degrees of a map.
void draw_graticule(vtkImageData* image) {
  int size[3];
  image->GetDimensions(size);
  auto* pixels = static_cast<unsigned char*>(image->GetScalarPointer());
  const auto darken = [&](int x, int y) {
    unsigned char* pixel = pixels + 3 * (static_cast<std::size_t>(y) * size[0] + x);
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<unsigned char>(pixel[c] * 3 / 5);
  };
  for (int m = 1; m < 12; ++m)
    for (int y = 0; y < size[1]; ++y) darken(m * size[0] / 12, y);
  for (int m = 1; m < 6; ++m)
    for (int x = 0; x < size[0]; ++x) darken(x, m * size[1] / 6);
}

}  // namespace

ColourRange colour_range(const Slice& slice, const PictureStyle& style) {
  if (style.lower < style.upper) return {style.lower, style.upper};
  double lower = std::numeric_limits<double>::infinity(), upper = -lower;
  for (const double value : slice.values) {
    if (!std::isfinite(value)) continue;
    lower = std::min(lower, value);
    upper = std::max(upper, value);
  }
  if (lower > upper) return {0, 1};  // nothing finite
  if (style.colour_map == "coolwarm") {
    upper = std::max(std::abs(lower), std::abs(upper));
    lower = -upper;
  }
  if (lower < upper) return {lower, upper};
  return lower == 0 ? ColourRange{-1, 1}
                    : ColourRange{lower - std::abs(lower), lower + std::abs(lower)};
}

std::string png_bytes(const Slice& slice, const PictureStyle& style) {
  const auto image = make_image(slice);
  vtkNew<vtkImageMapToColors> colour;
  colour->SetLookupTable(make_table(style.colour_map, colour_range(slice, style)));
  colour->SetInputData(image);
  colour->SetOutputFormatToRGB();
  colour->SetNumberOfThreads(1);  // the cores are the solver's
  colour->Update();
  const bool too_wide = style.pixels_per_cell == 0 && slice.width > widest;
  const auto picture =
      too_wide ? reduced(colour->GetOutput())
               : enlarged(colour->GetOutput(), pixels_per_cell(slice.width, style.pixels_per_cell));
  if (slice.is_map) draw_graticule(picture);
  vtkNew<vtkPNGWriter> writer;
  writer->SetInputData(picture);
  writer->WriteToMemoryOn();
  writer->Write();
  vtkUnsignedCharArray* bytes = writer->GetResult();
  if (bytes == nullptr) throw UserError("VTK could not make a PNG picture");
  return {reinterpret_cast<const char*>(bytes->GetPointer(0)),
          static_cast<std::size_t>(bytes->GetNumberOfValues())};
}

void write_png(const std::filesystem::path& path, const Slice& slice, const PictureStyle& style) {
  core::write_file(path, png_bytes(slice, style));
}

}  // namespace understudy::mesh
