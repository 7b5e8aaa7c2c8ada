"""Reported statistics to comparable effects: SMD and log ratios with their variances."""

from lkcm.effects.convert import DEFAULT_RULES, convert, waterfall
from lkcm.effects.reasons import EXCLUDING, REASONS
from lkcm.effects.rows import ConversionRules

__all__ = [
    "DEFAULT_RULES",
    "EXCLUDING",
    "REASONS",
    "ConversionRules",
    "convert",
    "waterfall",
]
