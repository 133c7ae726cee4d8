# /// script
# requires-python = ">=3.12"
# dependencies = ["font-roboto==0.0.1", "fonttools==4.68.0"]
# ///
"""Write the faces of images and reports: the letters of Roboto that names and prices need.

    uv run scripts/build_font.py

A Lambda function has no fonts, and the one inside Pillow has no accents: Côte d'Ivoire and Åland
came out with boxes; those that ReportLab brings know no naira. Two runs write the same bytes.
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

FONTS = Path(__file__).parents[1] / "layers/tasks/python/tasks/fonts"
FACES = ("Regular", "Medium")
LETTERS = (
    *range(0x20, 0x7F),  # ASCII
    *range(0xA0, 0x180),  # Latin-1, Latin Extended-A
    *range(0x180, 0x250),  # Latin Extended-B: Romanian, Azerbaijani, West African
    *range(0x370, 0x400),  # Greek
    *range(0x400, 0x530),  # Cyrillic
    *range(0x1E00, 0x1F00),  # Yoruba, Igbo, Welsh, Vietnamese
    *range(0x2010, 0x2028),  # dashes, quotes, the ellipsis
    *range(0x20A0, 0x20C0),  # signs of currencies
    *(0x2030, 0x2116, 0x2122, 0x2212, 0x2248, 0x2264, 0x2265),  # some more signs
    0xFFFD,  # what stands for a letter that is not known
)


def main() -> None:
    roboto = Path(font_roboto.__file__).parent / "files"
    for face in FACES:
        # No hinting and no layout tables: nothing here that draws knows either.
        options = Options(hinting=False, layout_features=[], notdef_outline=True)
        font = load_font(roboto / f"Roboto-{face}.ttf", options)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=LETTERS)
        subsetter.subset(font)
        save_font(font, FONTS / f"Roboto-{face}.ttf", options)
    copyfile(roboto / "LICENSE", FONTS / "LICENSE.txt")


if __name__ == "__main__":
    main()
