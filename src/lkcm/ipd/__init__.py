"""Individual participant data: one file format, one- and two-stage effects, for whom and how."""
