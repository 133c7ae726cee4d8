"""The languages that articles may be in, and those that words may be translated to.

The first are those that have a dictionary of lemmas (simplemma) and a list of words too common to
learn (jusText), and whose vocabulary a test has looked at. Codes are those of ISO 639-1; as the
seed's own application does, a request may also write the English name.
"""

from collections.abc import Mapping

SOURCES: Mapping[str, str] = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
}

TARGETS: Mapping[str, str] = {
    **SOURCES,
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "el": "Greek",
    "fi": "Finnish",
    "hi": "Hindi",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def code_of(text: str, known: Mapping[str, str]) -> str | None:
    """The code of a language by its code or its name, in any case; None if it is not known."""
    wanted = text.strip().casefold()
    for code, name in known.items():
        if wanted in (code, name.casefold()):
            return code
    return None


def listed(known: Mapping[str, str]) -> str:
    """Every code with its name, for a person: "de (German), en (English)"."""
    return ", ".join(f"{code} ({name})" for code, name in known.items())
