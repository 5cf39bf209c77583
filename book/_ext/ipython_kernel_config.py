"""How pages run when the book is built: drawings, and what is not worth a line."""

c = get_config()  # noqa: F821

# The kernel warns on every page that its ports are open to this machine.
c.IPKernelApp.log_level = 40
c.InlineBackend.figure_formats = {"svg"}
# The date and random ids would make every build differ.
c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
c.InlineBackend.rc = {
    "figure.figsize": (6.4, 3.8),
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "dlglimpse",
}
