"""The faces that the applications draw with: a Lambda function has no fonts of its own.

Letters of Latin, Greek and Cyrillic scripts, and the signs of currencies; scripts/build_font.py
cuts them out of Roboto.
"""

from pathlib import Path

HERE = Path(__file__).parent
REGULAR = HERE / "Roboto-Regular.ttf"
MEDIUM = HERE / "Roboto-Medium.ttf"
