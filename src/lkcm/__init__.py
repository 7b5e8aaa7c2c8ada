"""A living review of loving-kindness and compassion meditation, computed from its evidence."""
