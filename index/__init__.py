"""From files to a searchable library. Knows nothing of questions and answers."""
