"""How pages run when the book is built: drawings, and what is not worth a line."""

from cycler import cycler

c = get_config()  # noqa: F821

# The kernel warns on every page that its ports are open to this machine.
c.IPKernelApp.log_level = 40
c.InlineBackend.figure_formats = {"svg"}
# Draws each figure for wide and for narrow columns; nothing outside of the book does.
c.InlineBackend.print_figure_kwargs = {
    "bbox_inches": None,
    "backend": "module://bookmaker.drawing",
}
c.InlineBackend.rc = {
    # Matplotlib's own colors are too faint, and two of them alike to the color-blind.
    "axes.prop_cycle": cycler(color=["#08306B", "#D9580D", "#00695C", "#8A5CC4"]),
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    # A legend above the panels keeps some distance from their titles.
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "figure.figsize": (6.4, 3.8),
    "font.size": 11,
    "legend.frameon": False,
    "svg.hashsalt": "dlglimpse",
}
