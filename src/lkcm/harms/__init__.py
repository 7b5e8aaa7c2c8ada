"""Harms and clinical outcomes: worsening, events, what is reported, certainty, gold standard."""
