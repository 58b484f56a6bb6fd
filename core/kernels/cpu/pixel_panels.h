// How the pixels of a result are cut into the panels of columns that the tiles of a product compute.
#pragma once

#include <cstdint>
#include <vector>

#include "core/kernels/cpu/cycle_estimates.h"
#include "core/kernels/cpu/vector/convolution_table.h"
#include "core/kernels/cpu/vector/matmul_table.h"

namespace lampas::cpu {

// A panel in place is a stretch of staged memory: the tiles read it where it lies, and what they compute for
// gaps between runs is not stored. A packed panel is copied together first and has no gaps.
struct Panel {
  int64_t first_line;  // the lines that it shows pixels of
  int64_t last_line;
  int64_t first_run;
  int64_t run_count;
  int64_t source;   // where a panel in place begins
  int64_t columns;  // to the end of its last run
  bool packed;
};

struct PixelPanels {
  int64_t vectors = 1;  // of a whole panel
  std::vector<Panel> panels;
  std::vector<vector::PixelRun> runs;
};

// The rows of results that one unit of work computes, in ascending order of `source`.
struct PixelLines {
  std::vector<vector::PixelRun> lines;  // all of one length
  int64_t pitch;                        // from a line to the next, in what is staged
  int64_t target_step;                  // from a pixel to the next, in the result
};

// What a panel in place may read: `largest_offset` is added to where it lies, and the sum of both with all
// lanes must stay below `readable`; a panel for which it does not is packed.
struct ReadableMemory {
  int64_t largest_offset;
  int64_t readable;
};

// Clock cycles for one step in depth that the cut lines will take, and the time to pack panels, by estimate.
template <typename T>
double estimated_cycles(const vector::MatmulFunctions<T>& products, int64_t line_count, int64_t length,
                        int64_t pitch, int64_t rows);

// Cuts the lines for a product with `rows` rows, whichever way takes the fewest clock cycles by estimate.
template <typename T>
PixelPanels cut_into_panels(const vector::MatmulFunctions<T>& products, const PixelLines& lines, int64_t rows,
                            const ReadableMemory& memory);

}  // namespace lampas::cpu
