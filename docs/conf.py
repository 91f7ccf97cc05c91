from __future__ import annotations

import sys
from pathlib import Path

from sousveil import __version__

sys.path.insert(0, str(Path(__file__).parent))
from generate import write  # noqa: E402 (found beside this file, once its folder is on the path)

write(Path(__file__).parent / "reference")

project = "Sousveil"
author = "The Sousveil contributors"
project_copyright = "2026, the Sousveil contributors"
version = release = __version__
language = "en-GB"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "images"]

html_theme = "furo"
html_title = f"Sousveil {__version__}"
# A page asks nobody else for anything, and shows no address of its source.
html_copy_source = False
html_show_sourcelink = False
