"""Plans for the review: power of a meta-analysis, the next trial, looks at growing evidence."""
