// The estimate by which panels are chosen, and the cutting.
#include "core/kernels/cpu/pixel_panels.h"

#include <algorithm>

namespace lampas::cpu {
namespace {

// The same for all rows of a panel, in blocks of almost the same size.
template <typename T>
double panel_cycles(const vector::MatmulFunctions<T>& products, int64_t rows, int64_t vectors) {
  const int64_t blocks = ceil_divide(rows, products.tile_rows[vectors]);
  const int64_t longer = rows % blocks;
  return static_cast<double>(longer) * tile_cycles(rows / blocks + 1, vectors) +
         static_cast<double>(blocks - longer) * tile_cycles(rows / blocks, vectors);
}

struct PanelChoice {
  int64_t vectors = 1;
  bool packed = false;
  double cycles = -1;
};

template <typename T>
PanelChoice choose_panels(const vector::MatmulFunctions<T>& products, int64_t line_count, int64_t length,
                          int64_t pitch, int64_t rows) {
  const int64_t lanes = products.lanes;
  const int64_t vectors_in_place = ceil_divide((line_count - 1) * pitch + length, lanes);
  const int64_t vectors_packed = ceil_divide(line_count * length, lanes);
  const double packing_cycles = 2.0 * static_cast<double>(line_count * ceil_divide(length, lanes));
  PanelChoice best;
  for (int64_t vectors = 2; vectors <= vector::maximum_tile_vectors; ++vectors) {
    for (const bool packed : {false, true}) {
      const int64_t all = packed ? vectors_packed : vectors_in_place;
      double cycles = static_cast<double>(all / vectors) * panel_cycles(products, rows, vectors);
      if (all % vectors) cycles += panel_cycles(products, rows, all % vectors);
      if (packed) cycles += packing_cycles;
      if (best.cycles < 0 || cycles < best.cycles) best = {vectors, packed, cycles};
    }
  }
  return best;
}

// Whether the pixels at these places follow the run's last pixel everywhere.
bool continues(const vector::PixelRun& run, int64_t source, int64_t column, int64_t target) {
  return run.source + run.length == source && run.panel + run.length == column &&
         run.target + run.length == target;
}

void pack_instead(Panel& panel, std::vector<vector::PixelRun>& runs) {
  panel.packed = true;
  panel.columns = 0;
  for (int64_t index = 0; index < panel.run_count; ++index) {
    vector::PixelRun& run = runs[panel.first_run + index];
    run.panel = panel.columns;
    panel.columns += run.length;
  }
}

}  // namespace

template <typename T>
double estimated_cycles(const vector::MatmulFunctions<T>& products, int64_t line_count, int64_t length,
                        int64_t pitch, int64_t rows) {
  return choose_panels(products, line_count, length, pitch, rows).cycles;
}

template <typename T>
PixelPanels cut_into_panels(const vector::MatmulFunctions<T>& products, const PixelLines& lines, int64_t rows,
                            const ReadableMemory& memory) {
  const PanelChoice choice = choose_panels(products, static_cast<int64_t>(lines.lines.size()),
                                           lines.lines[0].length, lines.pitch, rows);
  const int64_t width = choice.vectors * products.lanes;
  PixelPanels result;
  result.vectors = choice.vectors;
  size_t line = 0;
  int64_t done = 0;  // pixels of this line that lie in earlier panels
  while (line < lines.lines.size()) {
    Panel panel{};
    panel.first_line = static_cast<int64_t>(line);
    panel.first_run = static_cast<int64_t>(result.runs.size());
    panel.source = lines.lines[line].source + done;
    panel.packed = choice.packed;
    while (line < lines.lines.size()) {
      const vector::PixelRun& whole = lines.lines[line];
      const int64_t source = whole.source + done;
      const int64_t column = choice.packed ? panel.columns : source - panel.source;
      if (column >= width) break;
      const int64_t length = std::min(width - column, whole.length - done);
      const int64_t target = whole.target + done * lines.target_step;
      const bool is_first = static_cast<int64_t>(result.runs.size()) == panel.first_run;
      if (!is_first && lines.target_step == 1 && continues(result.runs.back(), source, column, target)) {
        result.runs.back().length += length;
      } else {
        result.runs.push_back({source, column, target, length});
      }
      panel.last_line = static_cast<int64_t>(line);
      panel.columns = column + length;
      done += length;
      if (done == whole.length) {
        ++line;
        done = 0;
      }
    }
    panel.run_count = static_cast<int64_t>(result.runs.size()) - panel.first_run;
    const int64_t lanes = ceil_divide(panel.columns, products.lanes) * products.lanes;
    if (!panel.packed && panel.source + lanes + memory.largest_offset > memory.readable) {
      pack_instead(panel, result.runs);
    }
    result.panels.push_back(panel);
  }
  return result;
}

template double estimated_cycles(const vector::MatmulFunctions<float>&, int64_t, int64_t, int64_t, int64_t);
template double estimated_cycles(const vector::MatmulFunctions<double>&, int64_t, int64_t, int64_t, int64_t);
template PixelPanels cut_into_panels(const vector::MatmulFunctions<float>&, const PixelLines&, int64_t,
                                     const ReadableMemory&);
template PixelPanels cut_into_panels(const vector::MatmulFunctions<double>&, const PixelLines&, int64_t,
                                     const ReadableMemory&);

}  // namespace lampas::cpu
