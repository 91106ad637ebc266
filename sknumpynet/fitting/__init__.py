"""Step 7 of 9: one fit. From checked options and rows to a model and what is known of it."""
