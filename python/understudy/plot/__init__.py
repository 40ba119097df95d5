"""Pictures of runs, with axes, units and colour bars. Needs matplotlib.

    from understudy import plot
    plot.draw_field(run.fields["vorticity"], time=20)
    plot.draw_gather(run.gathers, shot=3)
    plot.draw_errors(run.comparison)
"""

from .curves import (
    draw_costs,
    draw_errors,
    draw_lines,
    draw_logarithmic,
    draw_quantities,
    draw_series,
    draw_spectra,
)
from .figures import Wishes, figures, kinds, save
from .images import draw_field, draw_gather

__all__ = [
    "Wishes", "draw_costs", "draw_errors", "draw_field", "draw_gather", "draw_lines",
    "draw_logarithmic", "draw_quantities", "draw_series", "draw_spectra", "figures", "kinds", "save",
]
