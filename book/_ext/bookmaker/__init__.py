"""Everything the site needs at build time; readers never import it.

`python -m bookmaker` runs the pages, builds the site from their outputs, checks both,
and serves a preview. `bookmaker.extension` is the part that Sphinx loads.
"""
