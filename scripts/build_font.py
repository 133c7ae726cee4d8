# /// script
# requires-python = ">=3.12"
# dependencies = ["font-roboto==0.0.1", "fonttools==4.68.0"]
# ///
"""Write the face of the summary image: the Latin letters of Roboto, 20 kB of its 300.

    uv run scripts/build_font.py

A Lambda function has no fonts, and the one inside Pillow has no accents: Côte d'Ivoire and Åland
came out with boxes. Two runs write the same bytes.
"""

from pathlib import Path
from shutil import copyfile

import font_roboto  # type: ignore[import-not-found,unused-ignore]
from fontTools.subset import (  # type: ignore[import-not-found,unused-ignore]
    Options,
    Subsetter,
    load_font,
    save_font,
)

FONT = Path(__file__).parents[1] / "layers/tasks/python/tasks/countries/data/font"
LETTERS = (
    *range(0x20, 0x7F),  # ASCII
    *range(0xA0, 0x180),  # Latin-1, Latin Extended-A
    *range(0x218, 0x21C),  # Romanian
    *range(0x1E80, 0x1EFA),  # Welsh, Vietnamese
    *range(0x2010, 0x2028),  # dashes, quotes, the ellipsis
    0x20AC,  # euro
)


def main() -> None:
    roboto = Path(font_roboto.__file__).parent / "files"
    # No hinting and no layout tables: the summary is drawn in Pillow's basic layout, without them.
    options = Options(hinting=False, layout_features=[], notdef_outline=True)
    font = load_font(roboto / "Roboto-Regular.ttf", options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    FONT.mkdir(exist_ok=True)
    save_font(font, FONT / "Roboto-Latin.ttf", options)
    copyfile(roboto / "LICENSE", FONT / "LICENSE.txt")


if __name__ == "__main__":
    main()
